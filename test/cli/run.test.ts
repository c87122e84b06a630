import type { RunSummary } from '../../core/contract/run.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { systemClock } from '../../local/system-clock.ts';
import { CommandLine, HUB, linesOf, MEMBER } from '../support/command-line.ts';

let command: CommandLine;
afterEach(() => command.close());

test('the first line names account, caller and read-only access; the last lines the result', async () => {
  command = await CommandLine.start();
  const { code, stdout, stderr } = await command.run(['--json']);
  const lines = linesOf(stderr);
  expect(lines[0]).toBe(
    `Auditing account ${HUB} as arn:aws:iam::${HUB}:user/${OPERATOR}. The audit only reads; it changes nothing in IAM.`,
  );
  expect(stderr).toContain('COMPLETE: 7 principals in 1 account audited, none with missing evidence.');
  expect(lines.at(-1)).toMatch(/^Report: \/.*report\.html$/);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'COMPLETE', principals: { total: 7, complete: 7 } });
  expect(code).toBe(0);
});

test('a role is assumed in each account, and only the chosen principals are audited', async () => {
  command = await CommandLine.start();
  const accounts = ['--account-id', HUB, '--account-id', MEMBER, '--role-name', AUDIT_ROLE];
  const { code, stdout } = await command.run(['--json', ...accounts, '--principal', 'arn:aws:iam::*:user/*']);
  const run = JSON.parse(stdout) as RunSummary;
  expect(run.accounts.map(({ accountId, principals }) => [accountId, principals.total])).toEqual([
    [HUB, 2],
    [MEMBER, 2],
  ]);
  expect(code).toBe(0);
});

test('--spread-over spreads the calls over a short window too', async () => {
  const requests: number[] = [];
  command = await CommandLine.start({
    authorize: (_session, operation) => {
      if (operation === 'iam:GenerateServiceLastAccessedDetails') requests.push(systemClock.now());
      return true;
    },
    behaviour: { reportMs: 500 },
  });
  const { code, stdout } = await command.run(['--json', '--spread-over', '0.25']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'COMPLETE', spread: { minutes: 0.25 } });
  const gaps = requests.slice(1).map((time, index) => time - requests[index]!);
  expect(gaps).toHaveLength(6);
  // Seven principals in 15 s, without the last part and the time that the inventory takes.
  expect(Math.min(...gaps)).toBeGreaterThan(800);
  expect(requests.at(-1)! - requests[0]!).toBeGreaterThan(6_000);
  expect(requests.at(-1)! - requests[0]!).toBeLessThan(13_000);
});

test('--max-rate limits the calls per second to each operation, and --resume would use it again', async () => {
  command = await CommandLine.start({ denied: { [HUB]: ['iam:GenerateServiceLastAccessedDetails'] } });
  const { stdout, stderr } = await command.run(['--json', '--max-rate', '4', '--rate-share', '0.5']);
  const { calls } = JSON.parse(stdout) as RunSummary;
  expect(calls['iam:SimulatePrincipalPolicy']!.sent).toBeGreaterThan(3);
  for (const { perSecond, sent } of Object.values(calls))
    if (sent > 3) expect(perSecond).toBeLessThan(4 * (sent / (sent - 1)));
  expect(stderr).toMatch(/run .*--rate-share 0\.5 --max-rate 4 --resume/);
});

test('a role is assumed first, and the first line names it', async () => {
  command = await CommandLine.start();
  const roleArn = `arn:aws:iam::${MEMBER}:role/${AUDIT_ROLE}`;
  const { code, stderr } = await command.run(['--role-arn', roleArn, '--principal', 'arn:aws:iam::*:user/nobody']);
  expect(linesOf(stderr)[0]).toContain(
    `Auditing account ${MEMBER} as arn:aws:sts::${MEMBER}:assumed-role/${AUDIT_ROLE}/iam-audit.`,
  );
  expect(code).toBe(0);
});
