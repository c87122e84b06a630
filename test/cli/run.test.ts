import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { RunSummary } from '../../core/contract/run.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { expectSchema } from '../support/json-schemas.ts';
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
  expectSchema('run', JSON.parse(stdout));
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
  const { code, stderr } = await command.run([
    '--role-arn',
    roleArn,
    '--principal',
    `arn:aws:iam::*:role/*${AUDIT_ROLE}`,
  ]);
  expect(linesOf(stderr)[0]).toContain(
    `Auditing only principals that match arn:aws:iam::*:role/*${AUDIT_ROLE} in account ${MEMBER} as arn:aws:sts::${MEMBER}:assumed-role/${AUDIT_ROLE}/iam-audit.`,
  );
  expect(code).toBe(0);
});

test('a run of some principals says so in the summary and in the report', async () => {
  command = await CommandLine.start();
  const pattern = `arn:aws:iam::*:user/${OPERATOR}`;
  const { stderr } = await command.run(['--principal', pattern]);
  const scope = `Scope: only principals that match ${pattern}, in account ${HUB}, on `;
  expect(stderr).toContain(scope);
  const page = readFileSync(/^Report: (.*)$/m.exec(stderr)![1]!, 'utf8');
  expect(page).toContain(scope);
  expect(page).not.toContain('Everything in scope was audited');
});

test('--unused-after-days and --grace-days change what counts as unused', async () => {
  command = await CommandLine.start();
  const unused = async (...args: string[]): Promise<number> => {
    const { stdout, code } = await command.run(['--json', ...args]);
    expect(code).toBe(0);
    const { runId } = JSON.parse(stdout) as RunSummary;
    return readFileSync(join(command.out, 'runs', runId, 'findings.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => /"rule":"[a-z-]*unused[a-z-]*"/.test(line)).length;
  };
  const before = await unused();
  expect(await unused('--unused-after-days', '1', '--grace-days', '0')).toBeGreaterThan(before);
});

test('--refresh-every-days limits how long evidence is carried over', async () => {
  command = await CommandLine.start();
  const { code } = await command.run(['--refresh-every-days', '2']);
  expect(code).toBe(0);
  const evidence = gunzipSync(readFileSync(join(command.out, 'state', HUB, 'evidence.jsonl.gz'))).toString();
  const days = [...evidence.matchAll(/"refreshOn":"([\d-]+)"/g)].map(([, day]) => Date.parse(day!));
  expect(days.length).toBeGreaterThan(5);
  expect(Math.max(...days)).toBeLessThanOrEqual(Date.now() + 2 * 86_400_000);
});

test('--quiet prints no progress and no notes; --verbose prints each step', async () => {
  command = await CommandLine.start();
  const quiet = await command.run(['--quiet']);
  expect(linesOf(quiet.stderr)[0]).toMatch(/^COMPLETE: /);
  const verbose = await command.run(['--verbose']);
  expect(verbose.stderr).toMatch(/^\d+ s: .*AuditBatch entered$/m);
  expect([quiet.code, verbose.code]).toEqual([0, 0]);
});
