import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { minimumPolicy } from '../../core/contract/permissions.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';

const root = join(__dirname, '../..');
const iamAudit = (...args: string[]) =>
  spawnSync(process.execPath, [COMMAND_LINE, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' },
  });

test('the minimum policy is printed, has only read actions, and is in the README', () => {
  const { stdout, status } = iamAudit('run', '--print-policy');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual(minimumPolicy);
  for (const action of minimumPolicy.Statement[0].Action) expect(action).toMatch(/^iam:(Get|Generate|Simulate)/);
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(stdout.trim());
});

test('with a member role, the printed policy also allows assuming it', () => {
  const printed = (...args: string[]): unknown =>
    JSON.parse(iamAudit('run', '--role-name', 'audit/member', ...args, '--print-policy').stdout);
  const assume = { Sid: 'IamAuditAssumesMemberRole', Effect: 'Allow' };
  expect(printed('--organization')).toEqual({
    ...minimumPolicy,
    Statement: [
      ...minimumPolicy.Statement,
      { ...assume, Action: ['sts:AssumeRole'], Resource: ['arn:*:iam::*:role/audit/member'] },
    ],
  });
  expect(printed('--account-id', '111122223334', '--source-identity', 'audit', '--session-tag', 'a=b')).toMatchObject({
    Statement: expect.arrayContaining([
      {
        ...assume,
        Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
        Resource: ['arn:*:iam::111122223334:role/audit/member'],
      },
    ]) as unknown,
  });
});

test('without credentials the error says so and what to do', () => {
  const { stderr, status } = iamAudit('run');
  expect(status).toBe(1);
  expect(stderr.trim()).toBe(
    'No AWS credentials were found. Sign in (aws sso login, aws configure) or choose a profile with --profile.',
  );
});

test('the error names a profile that does not exist', () => {
  const { stderr, status } = iamAudit('run', '--profile', 'nobody');
  expect(status).toBe(1);
  expect(stderr).toContain('nobody');
  expect(stderr).toContain('--profile');
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('a pipe that its reader closes early is no error', () => {
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
  [['run', '--account-id', '12'], 'It must be an AWS account ID of 12 digits, such as 123456789012.'],
  [['run', '--organization', '--role-name', 'arn:aws:iam::111122223333:role/m'], 'It must be the name of a role'],
  [['run', '--role-name', 'm', '--external-id', 'a b'], 'It must have 2 to 1,224 letters'],
  [['run', '--role-name', '/audit/member'], 'without a slash at the start'],
  [
    ['run', '--role-arn', 'arn:aws:iam::1111:role/m'],
    "'--role-arn <arn>' argument 'arn:aws:iam::1111:role/m' is invalid",
  ],
  [['run', '--role-arn', 'arn:aws:iam::111122223333:user/m'], 'It must be the ARN of a role, such as "arn:aws:iam::'],
  [['run', '--role-arn', 'audit/member'], 'assumed in each account, use --role-name.'],
  [
    ['run', '--role-arn', 'arn:aws-cn:sts::111122223333:assumed-role/m/me'],
    'It is the ARN of a session. It must be the ARN of the role: if the role has no path, arn:aws-cn:iam::111122223333:role/m.',
  ],
  [['member-template', '--scp', '--external-id', 'shared'], "'--external-id <id>' cannot be used with option '--scp'"],
  [
    ['member-template', '--scp', '--hub-account', '111122223333'],
    'only --role-name, --exempt and --json have an effect',
  ],
  [['member-template', '--scp', '--region', 'eu-west-1'], "'--region <region>' cannot be used with option '--scp'"],
  [['member-template', '--check', '--format', 'terraform'], "'--format <format>' cannot be used with option '--check'"],
  [['member-template', '--check', '--role-name', 'm'], 'only --profile, --region and --json have an effect with it.'],
  [
    ['member-template', '--check', '--allow-session-tags'],
    "'--allow-session-tags' cannot be used with option '--check'",
  ],
  [['member-template', '--hub-account', '111122223333', '--profile', 'p'], '--profile has no effect without --check.'],
  [['run', '--external-id', 'shared'], '--external-id requires --role-name or --role-arn'],
  [['member-template', '--scp', '--exempt', 'user/Bob'], 'It must be role/NAME'],
  [['member-template', '--hub-account', '111122223333', '--hub-account', '111122223334'], 'It is given twice'],
  [['demo', '--organization', '--accounts', '1'], '--organization requires at least 2 accounts'],
  [['demo', '--principals', '5', '--days', '3'], '--days is for the account of the company'],
  [['demo', '--organization', '--days', '0'], 'Omit --days, or omit --principals'],
  [['demo', '--days', '31'], 'a whole number from 0 to 30'],
  [['demo', '--principals', '10.5'], 'a whole number from 1 to 100000'],
  [['demo', '--bystanders', '0.95'], 'a number from 0.01 to 0.9'],
  [['demo', '--bystanders', 'some'], 'a number from 0.01 to 0.9'],
  [['demo', '--disturb', 'noise=0.01,bursts=3x10'], 'bursts=KxON/PERIOD'],
  [['run', '--spread-over', ''], 'a number from 0 to 1440'],
  [['run', '--rate-share', '0'], 'a number from 0.05 to 1'],
  [['run', '--max-rate', '0'], 'a number from 0.01 to 1000'],
  [['run', '--max-rate', 'few'], 'a number from 0.01 to 1000'],
  [['report', '--format', 'pdf'], 'html, csv, json'],
  [['report', '--push', 'jira'], 'security-hub'],
  [['scan', '--unused-after-days', '401', 'x.json'], 'a whole number from 1 to 400'],
  [['scan', '--grace-days', '-1', 'x.json'], 'a whole number from 0 to 3650'],
  [['estimate', '--principals', '0'], 'a whole number from 1 to 100000'],
  [['estimate', '--principals', '10', '--rate', '0'], 'a number from 0.1 to 1000'],
  [['estimate', '--accounts', '3'], '--accounts requires --principals'],
  [['estimate', '--principals', '10', '--organization', '--full'], '--organization, --full must be omitted'],
  [['estimate', '--organization'], '--organization requires --role-name'],
])('for wrong usage %j the exit code is 2 and the error names the requirement', (args, hint) => {
  const { stderr, status } = iamAudit(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(hint);
});
