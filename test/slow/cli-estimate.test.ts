import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { Estimate } from '../../core/contract/answers/estimate.ts';
import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { CommandLine, HUB, linesOf, MEMBER } from '../support/command-line.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(60_000);

let command: CommandLine | null = null;
afterEach(async () => {
  await command?.close();
  command = null;
});

const start = async (settings: Parameters<typeof CommandLine.start>[0] = {}): Promise<CommandLine> =>
  (command = await CommandLine.start(settings));

const estimated = (stdout: string): Estimate => v.parse(Estimate, JSON.parse(stdout));

/** The command without credentials and without a network. */
const offline = (...args: string[]) =>
  spawnSync(process.execPath, [COMMAND_LINE, 'estimate', ...args], {
    cwd: mkdtempSync(join(temporaryFolder('estimate'), 'x')),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' },
  });

test('the inventory is read, nothing is asked for or written, and the text says what a run needs', async () => {
  const { aws, out, ...own } = await start();
  expect(own).toEqual({});
  const { code, stdout, stderr } = await command!.run([], { command: 'estimate' });
  expect(code).toBe(0);
  expect(stderr).toContain(`Reading the inventory of account ${HUB} as arn:aws:iam::${HUB}:user/`);
  expect(stdout).toContain(`What a run of account ${HUB} needs.`);
  expect(stdout).toMatch(/^7 principals: today 7 must be asked for, and the evidence of 0 is carried\.$/m);
  expect(stdout).toMatch(/^ {2}iam:GenerateServiceLastAccessedDetails +7 +\d$/m);
  expect(stdout).toMatch(/^US dollars +0\.\d{4} +0\.\d{4}$/m);
  expect(stdout).toContain('because no run has measured one: IAM accepts 20 calls a second to each operation.');
  expect(stdout).toMatch(/^This estimate sent \d+ calls: \d iam:GenerateCredentialReport, /m);
  expect(readdirSync(out)).toEqual([]);
  const received = [...aws.emulation.counters.keys()].map((key) => key.split(' ')[1]!);
  expect(received.filter((operation) => /Simulate|LastAccessed/.test(operation))).toEqual([]);
});

test('after a run, its evidence is carried; a run in progress does not matter', async () => {
  await start();
  expect((await command!.run([])).code).toBe(0);
  const before = readdirSync(join(command!.out, 'runs'));
  const { stdout } = await command!.run(['--json'], { command: 'estimate' });
  const { total, accounts, sent } = estimated(stdout);
  expect(total.principals.carried).toBeGreaterThan(3);
  expect(total.today.calls['iam:GenerateServiceLastAccessedDetails'] ?? 0).toBeLessThan(4);
  expect(accounts.map(({ accountId }) => accountId)).toEqual([HUB]);
  expect(sent['sts:GetCallerIdentity']).toBe(1);
  const full = await command!.run(['--json', '--full', '--rate', '3'], { command: 'estimate' });
  expect(estimated(full.stdout).total.principals).toMatchObject({ asked: 7, carried: 0 });
  expect(estimated(full.stdout).accounts[0]!.rates[0]).toMatchObject({ perSecond: 3, source: 'given' });
  expect(readdirSync(join(command!.out, 'runs'))).toEqual(before);
});

test('an account that can’t be read is named, and the others are estimated: exit code 3', async () => {
  await start({ denied: { [MEMBER]: ['iam:GetAccountAuthorizationDetails'] } });
  const accounts = ['--account-id', HUB, '--account-id', MEMBER, '--role-name', AUDIT_ROLE];
  const { code, stdout, stderr } = await command!.run(accounts, { command: 'estimate' });
  expect(code).toBe(3);
  expect(stdout).toMatch(new RegExp(`^${HUB} +7 +7 +\\d+ `, 'm'));
  expect(stdout).toMatch(new RegExp(`^${MEMBER} +0 +0 +- `, 'm'));
  expect(stderr).toContain(`Account ${MEMBER} could not be read: AWS denied a required permission`);
});

test('if no inventory can be read, the reason is printed as by run: exit code 1', async () => {
  await start({ denied: { [HUB]: ['iam:GetAccountAuthorizationDetails'] } });
  const { code, stdout, stderr } = await command!.run([], { command: 'estimate' });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('npx iam-audit run --print-policy prints the minimum policy');
  const { stderr: without, status } = offline();
  expect([status, without.trim()]).toEqual([
    1,
    'No AWS credentials were found. Sign in (aws sso login, aws configure) or choose a profile with --profile.',
  ]);
});

test('a pattern that matches no principal is refused', async () => {
  await start();
  const { code, stderr } = await command!.run(['--principal', 'arn:aws:iam::*:role/none'], { command: 'estimate' });
  expect(code).toBe(2);
  expect(stderr).toContain('matches no user and no role');
});

test('typical accounts need no AWS', () => {
  const { status, stdout, stderr } = offline('--principals', '100', '--accounts', '50', '--rate', '10', '--json');
  expect([status, stderr]).toEqual([0, '']);
  const { basis, total, accounts, sent } = estimated(stdout);
  expect({ basis, sent, rates: accounts[0]!.rates.map(({ source }) => source) }).toEqual({
    basis: 'typical',
    sent: {},
    rates: ['given', 'given', 'given'],
  });
  expect(total).toMatchObject({ accounts: 50, accountsAtOnce: 20, principals: { total: 5_000 } });
  // Three rounds of 20 accounts, each as long as the account that stands for all.
  expect(total.today.minutes).toBeGreaterThan(2 * accounts[0]!.today!.minutes);
  expect(total.steadyDay.minutes).toBeLessThan(total.today.minutes);
  const text = linesOf(offline('--principals', '1').stdout);
  expect(text[0]).toContain('What a run of 1 typical account of 1 principal needs.');
});
