import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { localExecutionId, localExecutions } from '../../local/local-executions.ts';

const running = (id: string): Promise<boolean> => localExecutions.isRunning(id);

test('earlier runs of this process have ended', async () => {
  expect(await running(localExecutionId('earlier'))).toBe(false);
});

test('a process ID that another process has used since is not running', async () => {
  const other = spawn('sleep', ['30']);
  const id = localExecutionId('x').replace(`:${process.pid}:`, `:${other.pid!}:`);
  const started = id.split(':')[3]!;
  // The ID has the start time of this process, as if an earlier process had had the same process ID.
  expect(await running(id)).toBe(false);
  expect(started).toMatch(/^\d+$/);
  other.kill();
});

test('an execution has ended if its process has ended', async () => {
  const gone = spawn('true');
  await new Promise((resolve) => gone.on('exit', resolve));
  expect(await running(`local:${hostname()}:${gone.pid!}:1:x`)).toBe(false);
});

test('an execution that cannot be checked from this machine counts as running', async () => {
  expect(await running('local:elsewhere:1:1:x')).toBe(true);
  expect(await running('arn:aws:states:eu-west-1:111122223333:execution:IamAudit:x')).toBe(true);
});
