import type { RunSummary } from '../../core/contract/run.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { collectSecrets, textsIn } from '../support/written-text.ts';
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
    // With the operator, who starts the run.
    [HUB, 3],
    [MEMBER, 2],
  ]);
  expect(code).toBe(0);
});

test('secret keys and session tokens are in no file and in no line of the output', async () => {
  const collected = collectSecrets();
  command = await CommandLine.start();
  const roleArn = `arn:aws:iam::${HUB}:role/${AUDIT_ROLE}`;
  const { code, stdout, stderr } = await command.run(['--json', '--role-arn', roleArn]);
  collected.stop();
  expect(code).toBe(0);
  const files = await textsIn(command.out);
  const texts: [string, string][] = [...files, ['output', `${stdout}${stderr}`]];
  const found = texts.filter(([, text]) => [...collected.secrets].some((secret) => text.includes(secret)));
  expect(found.map(([name]) => name)).toEqual([]);
  expect([files.size > 10, collected.secrets.size >= 1 + 2]).toEqual([true, true]);
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
