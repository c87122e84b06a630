import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../core/contract/finding.ts';
import { credentialReport, details, role, user } from '../support/authorization-details.ts';
import { allow, document } from '../support/policy-documents.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(60_000);

const root = join(__dirname, '../..');
const cases = join(root, 'test/fixtures/cases');

let folder = '';
beforeEach(() => {
  folder = temporaryFolder('scan');
});

const iamAudit = (...args: string[]) =>
  spawnSync(process.execPath, [COMMAND_LINE, ...args], {
    cwd: root,
    encoding: 'utf8',
    // No request may be sent: every endpoint is closed.
    env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
  });

const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const account = details({
  UserDetailList: [
    user('evil\u001b[2J', {
      UserPolicyList: [
        {
          PolicyName: 'p',
          PolicyDocument: document(allow(['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction'])),
        },
      ],
    }),
  ],
  RoleDetailList: [role('engine', { RolePolicyList: [{ PolicyName: 'all', PolicyDocument: document(allow('*')) }] })],
});

test('findings of authorization details are printed, worst first, with what the files do not say', () => {
  const { status, stdout, stderr } = iamAudit('scan', file('a.json', account));
  expect(status).toBe(0);
  expect(stdout).not.toContain('\u001b');
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^SEVERITY +RULE +PRINCIPAL +FINDING$/),
    expect.stringMatching(/^critical +escalation-path +arn:aws:iam::111122223333:user\/evil\\x1b\[2J +User evil/),
    expect.stringMatching(
      /^\w+ +administrator +arn:aws:iam::111122223333:role\/engine +Role engine is an administrator$/,
    ),
    expect.stringMatching(/^2 findings \(.*\) on 2 principals of account 111122223333\.$/),
    '',
  ]);
  expect(stderr).toContain('Permissions were evaluated on this machine, not simulated by AWS.');
  expect(stderr).toContain('No credential report was given for 111122223333');
  expect(stderr).toContain('The files have no last-accessed data');
});

test('--json prints the findings, with nothing that a terminal interprets; a report gives credentials', () => {
  const report = file('report.csv', credentialReport('other'));
  const { status, stdout, stderr } = iamAudit('scan', file('a.json', account), '--credential-report', report, '--json');
  expect([status, stdout.includes('\u001b'), stderr.includes('No credential report')]).toEqual([0, false, false]);
  const answer = JSON.parse(stdout) as { accounts: unknown[]; findings: Finding[] };
  expect(answer.accounts).toEqual([
    { accountId: '111122223333', users: 1, roles: 1, permissions: { source: 'evaluated' } },
  ]);
  expect(answer.findings[0]).toMatchObject({
    rule: 'escalation-path',
    severity: 'critical',
    state: 'new',
    evidence: { paths: [{ gain: 'administrator', certainty: 'certain' }] },
  });
});

test('--out writes a run: its objects, and answers of who, can, path, status and report', () => {
  const out = join(folder, 'out');
  const two = ['who-over-accounts', 'trust-names-principal'].map((name) => join(cases, `${name}.json`));
  expect(iamAudit('scan', ...two, '--out', out).status).toBe(0);
  const { runId } = JSON.parse(readFileSync(join(out, 'latest.json'), 'utf8')) as { runId: string };
  expect(existsSync(join(out, 'runs', runId, 'report.html'))).toBe(true);
  const records = readFileSync(join(out, 'runs', runId, 'accounts/111122223301/principals.jsonl'), 'utf8');
  expect(records.split('\n').filter((line) => line.includes('"source":"evaluated"'))).toHaveLength(5);

  const ofAccount = 'arn:aws:iam::111122223301';
  const who = iamAudit('who', 'sts:AssumeRole', '--resource', `${ofAccount}:role/vault-keeper`, '--out', out, '--json');
  expect(
    (JSON.parse(who.stdout) as { principals: { principalArn: string }[] }).principals.map((one) => one.principalArn),
  ).toEqual([`${ofAccount}:role/worker`, `${ofAccount}:user/clerk`]);
  expect(iamAudit('path', 'clerk', '--out', out, '--expect', 'none').status).toBe(4);
  expect(iamAudit('status', '--out', out).status).toBe(3);
  expect(iamAudit('report', '--out', out, '--format', 'csv').stdout).toContain('escalation-path');
});

test.each<[string, (path: (name: string, content: unknown) => string) => string[], string]>([
  ['a file that does not exist', () => ['none.json'], "none.json: can't be read:"],
  ['a folder', () => [folder], "can't be read:"],
  ['JSON that was cut off', (path) => [path('a.json', JSON.stringify(account).slice(0, 99))], 'a.json: is not JSON'],
  [
    'a field of a wrong type',
    (path) => [path('a.json', details({ UserDetailList: [user('x', { GroupList: 'admins' })] }))],
    'a.json: UserDetailList[0].GroupList must be a list, but is "admins".',
  ],
  ['no file', () => [], "missing required argument 'file'"],
])('%s: the message says what is wrong, exit code 2', (_name, args, message) => {
  const { status, stdout, stderr } = iamAudit('scan', ...args(file));
  expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
});
