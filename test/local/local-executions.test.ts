import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { localExecutionId, localExecutions } from '../../local/local-executions.ts';

const running = (id: string): Promise<boolean> => localExecutions.isRunning(id);

test('this process’s own earlier runs have ended', async () => {
  expect(await running(localExecutionId('earlier'))).toBe(false);
});

test('a process that lives is at work; the same number after it is another', async () => {
  const other = spawn('sleep', ['30']);
  const id = localExecutionId('x').replace(`:${process.pid}:`, `:${other.pid!}:`);
  const started = id.split(':')[3]!;
  // Its start is this process's, as if the number had been used before.
  expect(await running(id)).toBe(false);
  expect(started).toMatch(/^\d+$/);
  other.kill();
});

test('a process that is gone has ended', async () => {
  const gone = spawn('true');
  await new Promise((resolve) => gone.on('exit', resolve));
  expect(await running(`local:${hostname()}:${gone.pid!}:1:x`)).toBe(false);
});

test('what can’t be seen from here is taken to be at work', async () => {
  expect(await running('local:elsewhere:1:1:x')).toBe(true);
  expect(await running('arn:aws:states:eu-west-1:111122223333:execution:IamAudit:x')).toBe(true);
});
