import type { RunSummary } from '../../core/contract/run.ts';
import { OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { CommandLine } from '../support/command-line.ts';

let command: CommandLine;
afterEach(() => command.close());

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

test('Ctrl-C stops a run cleanly and prints how to resume; the resumed run audits what is missing', async () => {
  command = await CommandLine.start({ limit: { rate: 1, size: 2 } });
  const stopped = await command.run(['--json', '--grace-days', '7'], {
    onStart: (child) => {
      void until(() => command.received('GetServiceLastAccessedDetails') >= 3).then(() => child.kill('SIGINT'));
    },
  });
  expect(stopped.stderr).toContain('Stopping: calls in progress are finished and their results are written.');
  const runId = /--resume (\S+)/.exec(stopped.stderr)?.[1];
  expect(stopped.stderr).toMatch(/To audit what is missing: npx iam-audit run --out \S+ --grace-days 7 --resume /);
  // Every request is counted, including those of the inventory.
  const { calls } = JSON.parse(stopped.stdout) as RunSummary;
  expect(calls['iam:GetAccountAuthorizationDetails']?.sent).toBe(2);
  expect(stopped.code).toBe(3);
  const resumed = await command.run(['--json', '--resume', runId!]);
  const run = JSON.parse(resumed.stdout) as RunSummary;
  expect(run).toMatchObject({ status: 'COMPLETE', principals: { total: 7, complete: 7 } });
  expect(run.principals.carriedForward).toBeGreaterThan(0);
  expect(resumed.code).toBe(0);
});

test('Ctrl-C before the first audited principal says that nothing was audited, and shows no earlier run', async () => {
  command = await CommandLine.start({ latencyMs: [400, 500] });
  await command.run(['--principal', `arn:aws:iam::*:user/${OPERATOR}`]);
  const before = command.received('GetAccountAuthorizationDetails');
  const { code, stderr } = await command.run([], {
    onStart: (child) => {
      void until(() => command.received('GetAccountAuthorizationDetails') > before).then(() => child.kill('SIGINT'));
    },
  });
  expect(stderr).not.toContain('COMPLETE');
  expect(stderr).toContain('--resume');
  expect(code).not.toBe(0);
});

test('a second Ctrl-C stops the command at once', async () => {
  command = await CommandLine.start({ latencyMs: [1_000, 1_100] });
  const { code, stderr } = await command.run([], {
    onStart: (child) => {
      void until(() => command.received('GetAccountAuthorizationDetails') > 0).then(async () => {
        child.kill('SIGINT');
        await new Promise((resolve) => setTimeout(resolve, 200));
        child.kill('SIGINT');
      });
    },
  });
  expect(stderr).toContain('Stopped at once.');
  expect(code).toBe(130);
});
