import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { details, user } from '../support/authorization-details.ts';
import { allow, document } from '../support/policy-documents.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(60_000);

/** Every endpoint is closed, so a command that asks AWS fails. */
const iamAudit = (cwd: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [COMMAND_LINE, ...args], {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'AKIAOPERATOR',
      AWS_SECRET_ACCESS_KEY: 'secret',
      ...environment,
    },
  });

const withResults = temporaryFolder('results');
beforeAll(() => {
  const policy = { PolicyName: 'p', PolicyDocument: document(allow(['iam:PassRole'])) };
  const account = details({ UserDetailList: [user('ana', { UserPolicyList: [policy] })] });
  writeFileSync(join(withResults, 'account.json'), JSON.stringify(account));
  iamAudit(withResults, ['scan', 'account.json', '--out', 'iam-audit-results']);
});

test.each([
  [['status'], 'PARTIAL: 1 principal'],
  [['report', '--format', 'json'], '"schemaVersion"'],
  [['who', 'iam:PassRole'], 'user/ana'],
  [['can', 'ana'], 'iam:PassRole'],
  [['path', 'ana'], 'There is no path'],
])('%j uses the results of the default folder, and says so', (args, result) => {
  const { stdout, stderr } = iamAudit(withResults, args);
  expect(stderr).toContain('Results: ./iam-audit-results.');
  expect(stdout).toContain(result);
});

test('diff uses them too; a Region of the environment is not a choice of the deployed audit', () => {
  const { stderr } = iamAudit(withResults, ['diff'], { AWS_REGION: 'eu-west-1' });
  expect(stderr).toContain('Results: ./iam-audit-results.');
  expect(stderr).toContain("can't be compared");
});

test.each([
  ['--region', 'eu-west-1'],
  ['--stack', 'IamAudit'],
  ['--state-machine-arn', 'arn:aws:states:eu-west-1:111122223333:stateMachine:a'],
])('with %s the deployed audit is used', (...option) => {
  const { stderr, status } = iamAudit(withResults, ['status', ...option], { AWS_DEFAULT_REGION: 'eu-west-1' });
  expect(stderr).toContain("AWS can't be reached");
  expect(status).toBe(1);
});

test('without results and Region, the message names both ways', () => {
  const { stderr, status } = iamAudit(temporaryFolder(), ['status']);
  expect(stderr).toMatch(/No AWS Region is set.* --region, .* --out\.$/m);
  expect(status).toBe(1);
});

test('the AWS CLI’s variable for the Region is heeded', () => {
  const { stderr } = iamAudit(temporaryFolder(), ['status'], { AWS_DEFAULT_REGION: 'eu-west-1' });
  expect(stderr).toContain("AWS can't be reached");
});

test('--quiet leaves only the result', () => {
  const { stdout, stderr, status } = iamAudit(withResults, ['status', '--quiet']);
  expect([stdout.split(':')[0], stderr, status]).toEqual(['PARTIAL', '', 3]);
});

test.each([
  ['no screen', {}],
  ['no browser', { DISPLAY: ':9', PATH: '/nonexistent' }],
])('report --open with %s says so, and prints the path', (_name, environment) => {
  const { stdout, stderr, status } = iamAudit(withResults, ['report', '--open'], environment);
  const [run] = readdirSync(join(withResults, 'iam-audit-results/runs'));
  expect(stderr).toContain('No browser could be opened on this machine. Open this file:');
  expect(stdout.trim()).toMatch(new RegExp(`/iam-audit-results/runs/${run!}/report.html$`));
  expect(status).toBe(1);
});
