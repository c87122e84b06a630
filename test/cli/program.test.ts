import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leastPolicy } from '../../core/contract/permissions.ts';

const root = join(__dirname, '../..');
const iamAudit = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', 'bin/iam-audit.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' },
  });

test('the least policy is printed, holds only reads, and stands in the README', () => {
  const { stdout, status } = iamAudit('run', '--print-policy');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual(leastPolicy);
  for (const action of leastPolicy.Statement[0].Action) expect(action).toMatch(/^iam:(Get|Generate|Simulate)/);
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(stdout.trim());
});

test('without credentials it says so in one sentence, and how to help it', () => {
  const { stderr, status } = iamAudit('run');
  expect(status).toBe(1);
  expect(stderr.trim()).toBe(
    'No AWS credentials were found: sign in (aws sso login, aws configure) or name a profile with --profile.',
  );
});

test('a profile that does not exist is named', () => {
  const { stderr, status } = iamAudit('run', '--profile', 'nobody');
  expect(status).toBe(1);
  expect(stderr).toContain('nobody');
  expect(stderr).toContain('--profile');
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('a reader who leaves early is no error', () => {
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', `"$0" --import tsx bin/iam-audit.ts run --print-policy | true; echo ended`, process.execPath],
    { cwd: root, encoding: 'utf8' },
  );
  expect([stdout, stderr]).toEqual(['ended\n', '']);
});

test.each([
  [['run', '--exceptions', '/nowhere/exceptions.json'], "can't be read"],
  [['diff', '--from', 'yesterday'], 'a run ID such as'],
  [['demo', '--principals', 'many'], 'from 1 to 100000'],
  [['demo', '--principls', '5'], '--principals'],
  [['run', '--account-id', '12'], '12 digits'],
  [['demo', '--principals', '10.5'], 'a whole number from 1 to 100000'],
  [['demo', '--bystanders', '0.95'], 'a number from 0.01 to 0.9'],
  [['demo', '--bystanders', 'some'], 'a number from 0.01 to 0.9'],
  [['run', '--spread-over', ''], 'a number from 0 to 1440'],
  [['report', '--format', 'pdf'], 'html, csv, json'],
])('wrong usage %j ends with 2 and says what would be right', (args, hint) => {
  const { stderr, status } = iamAudit(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(hint);
});
