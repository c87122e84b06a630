import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PERMISSIONS_BOUNDARY_CONTEXT_KEY as BOUNDARY } from 'aws-cdk-lib/core';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { defaultSettings } from '../../core/contract/environment.ts';
import { auditApp } from '../../lib/audit-app.ts';
import { parseSettings } from '../../lib/read-settings.ts';
import { describeSettings } from '../../lib/describe-settings.ts';
import { Settings } from '../../lib/settings.ts';
import { referenceDocs } from '../../scripts/reference-docs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MANY_ACCOUNTS = Array.from({ length: 250 }, (_, n) => String(100_000_000_000 + n));
const SG = 'sg-0123456789abcdef0';
const VPC = { vpcId: 'vpc-0123456789abcdef0', subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: [SG] };

const BOUNDARY_ARN = 'arn:aws:iam::111122223333:policy/boundary';
const TRAIL = { trailBucket: 'the-trail' };

test('without settings every setting has its default', () => {
  expect(parseSettings(undefined)).toMatchObject({ ...defaultSettings, stackName: 'IamAudit', subscribers: [] });
});

test('an object, JSON text and a file give the same settings', () => {
  const settings = { rateShare: 0.5, schedule: { enabled: false } };
  const file = join(temporaryFolder('settings'), 'settings.json');
  writeFileSync(file, JSON.stringify(settings));
  const parsed = parseSettings(settings);
  expect(parsed).toMatchObject({ rateShare: 0.5, schedule: { enabled: false, timeZone: 'UTC' } });
  expect([parseSettings(JSON.stringify(settings)), parseSettings(file)]).toEqual([parsed, parsed]);
});

test.each<[unknown, string]>([
  [{ schedul: {} }, 'schedul: there is no such setting. Did you mean schedule?'],
  [{ schedule: { timezone: 'UTC' } }, 'schedule.timezone: there is no such setting. Did you mean schedule.timeZone?'],
  [{ retention: { logs: 3 } }, 'retention.logs: there is no such setting. Did you mean retention.logDays?'],
  [
    { accountIds: [111122223333] },
    'accountIds[0]: must be an AWS account ID of 12 digits in quotes, such as "123456789012", but is 111122223333.',
  ],
  [
    { accountIds: '111122223333' },
    'accountIds: must be a list of account IDs in square brackets, but is "111122223333".',
  ],
  [{ subscribers: 'me@example.com' }, 'subscribers: must be a list in square brackets'],
  [{ alarms: 5 }, 'alarms: must be an object of settings, but is 5.'],
  [{ runbookUrl: 'docs/runbook.md' }, 'runbookUrl: must be an https URL of at most 488 characters'],
  [{ runbookUrl: 'https://wiki.example.com/a#b' }, 'runbookUrl: must be an https URL of at most 488 characters'],
  [{ tags: { 'a.b': 1 } }, 'tags["a.b"]: must have 1 to 256'],
  [
    { schedule: { expression: 'cron(0 4 * * * *)' } },
    'must have "?" as day of month or as day of week, but not as both',
  ],
  [
    { schedule: { expression: 'cron(0 4 ? * ? *)' } },
    'must have "?" as day of month or as day of week, but not as both',
  ],
  [{ schedule: { expression: 'cron(0 24 * * ? *)' } }, 'must have a valid hours (0 to 23'],
  [{ schedule: { expression: 'cron(61 4 * * ? *)' } }, 'must have a valid minutes (0 to 59'],
  [{ schedule: { expression: 'cron(0 4 * FOO ? *)' } }, 'must have a valid month (1 to 12'],
  [{ schedule: { expression: 'rate(1 days)' } }, 'must have "1 day" or "2 days"'],
  [{ schedule: { expression: 'daily' } }, 'must be an expression of EventBridge Scheduler such as'],
  [
    { schedule: { timeZone: 'europe/berlin' } },
    'schedule.timeZone: must be written as "Europe/Berlin", but is "europe/berlin".',
  ],
  [{ schedule: { timeZone: 'Berlin' } }, 'schedule.timeZone: must be a time zone of the IANA database'],
  [{ memberRoleName: 'r'.repeat(65) }, 'memberRoleName: must be the name of a role (at most 64 characters)'],
  [
    { accounts: 'organization', exclude: MANY_ACCOUNTS, memberRoleName: 'member', externalId: 'x'.repeat(1_000) },
    'must be shorter together, because the environment of a function has at most 4096 bytes',
  ],
  [[], 'The settings must be an object of settings, but are a list.'],
  ['[1]', 'The settings must be an object of settings, but are a list.'],
  [
    { refreshEveryDays: 14, refreshIdleEveryDays: 10 },
    'refreshIdleEveryDays: must be at least refreshEveryDays, which is 14, but is 10.',
  ],
  [{ refreshIdleEveryDays: 91 }, 'refreshIdleEveryDays: must be a whole number from 1 to 90, but is 91.'],
  [{ rateShare: 2 }, 'rateShare: must be a number from 0.05 to 1, but is 2.'],
  [{ rateShare: '0.5' }, 'rateShare: must be a number from 0.05 to 1, but is "0.5".'],
  [{ maxRate: 0 }, 'maxRate: must be a number from 0.01 to 1000, but is 0.'],
  [{ maxRate: '5' }, 'maxRate: must be a number from 0.01 to 1000, but is "5".'],
  [{ accountsAtOnce: 0 }, 'accountsAtOnce: must be a whole number from 1 to 1000, but is 0.'],
  [
    { accountIds: ['12'] },
    'accountIds[0]: must be an AWS account ID of 12 digits in quotes, such as "123456789012", but is "12".',
  ],
  [{ accountIds: [] }, 'accountIds: must name at least one account, or be omitted'],
  [
    { accountIds: ['111122223333', '111122223334'] },
    'memberRoleName: is missing. With accountIds it must name the role to assume in each account.',
  ],
  [
    { accounts: 'organisation', memberRoleName: 'm' },
    'accounts: must be "this", "organization" or a list of account IDs of 12 digits in quotes, but is "organisation".',
  ],
  [{ accounts: 'organization' }, 'memberRoleName: is missing. With accounts "organization" it must name the role'],
  [{ accounts: ['111122223333'] }, 'memberRoleName: is missing. With accounts it must name the role'],
  [{ accounts: ['111122223333', '111122223333'], memberRoleName: 'm' }, 'accounts: must name each account once'],
  [
    { accounts: [111122223333], memberRoleName: 'm' },
    'accounts: must be "this", "organization" or a list of account IDs of 12 digits in quotes, but is [111122223333].',
  ],
  [
    { accounts: ['111122223333'], accountIds: ['111122223333'], memberRoleName: 'm' },
    'accountIds: must be left out if accounts is set.',
  ],
  [{ include: ['ou-ab12-11111111'] }, 'include: has no effect unless accounts is "organization".'],
  [{ exclude: ['111122223333'] }, 'exclude: has no effect unless accounts is "organization".'],
  [
    { accounts: 'organization', memberRoleName: 'm', include: ['Production'] },
    'include[0]: must be an account ID of 12 digits, or the ID of an organizational unit or a root, such as "ou-ab12-11111111", but is "Production".',
  ],
  [{ schedule: { timeZone: 'Berlin' } }, 'schedule.timeZone: must be a time zone of the IANA database such as'],
  [{ schedule: { expression: '0 4 * * *' } }, 'schedule.expression: must be an expression of EventBridge Scheduler'],
  [{ retention: { logDays: 100 } }, 'retention.logDays: must be one of 1, 3, 5, 7, 14,'],
  [{ subscribers: ['me'] }, 'subscribers[0]: must be an e-mail address or an https URL'],
  [{ subscribers: ['a@b.c', 'a@b.c'] }, 'subscribers: must name each subscriber once'],
  [
    { schedule: { expression: 'cron(0 4 * * *)' } },
    'must have six fields (minutes, hours, day of month, month, day of week, year)',
  ],
  [{ schedule: { expression: 'rate(0 days)' } }, 'schedule.expression: must be an expression'],
  [
    { schedule: { missedAfterHours: 1 } },
    'schedule.missedAfterHours: must be 0 or at least 26 if flexibleWindowMinutes is 15, but is',
  ],
  [{ schedule: { flexibleWindowMinutes: 1440 } }, 'must be 0 or at least 49'],
  [{ memberRoleName: '/x/' }, 'memberRoleName: must be the name of a role'],
  [{ memberRoleName: 'm', accountIds: ['111122223333', '111122223333'] }, 'accountIds: must name each account once'],
  [{ accountIds: ['999999999999'] }, 'memberRoleName: is missing. With accountIds it must name the role to assume'],
  [
    { stsRegion: 'aws-global' },
    'stsRegion: must be the name of a Region such as "us-east-1" (not the global endpoint)',
  ],
  [{ permissionsBoundaryArn: 'boundary' }, 'permissionsBoundaryArn: must be the ARN of a managed policy such as'],
  [{ permissionsBoundaryArn: 'arn:aws:iam::111122223333:role/x' }, 'must be the ARN of a managed policy'],
  [
    { roleNamePrefix: 'a b' },
    'roleNamePrefix: must have 1 to 30 letters, digits and any of _+=,.@-, such as "corp-", but',
  ],
  [
    { roleNamePrefix: 'a-prefix-of-some-len-', stackName: 'IamAudit-x' },
    'roleNamePrefix: must have at most 30 characters together with stackName, because a role\'s name has at most 64, but "a-prefix-of-some-len-" and "IamAudit-x" have 31.',
  ],
  [{ rolePath: 'iam-audit' }, 'rolePath: must begin and end with a slash, such as "/iam-audit/", but is "iam-audit".'],
  [{ rolePath: '/iam-*/' }, 'rolePath: must begin and end with a slash'],
  [{ rolePath: '/' }, 'rolePath: must not be "/" without roleNamePrefix'],
  [{ rolePath: `/${'a'.repeat(511)}/` }, 'rolePath: must have at most 512 characters'],
  [{ tags: ['a'] }, 'tags: must be an object of tags such as { "CostCenter": "1234" }'],
  [{ tags: { 'aws:x': '1' } }, 'tags["aws:x"]: must not begin with "aws:", which AWS reserves, but is "aws:x".'],
  [{ tags: { 'a?': '1' } }, 'tags["a?"]: must have 1 to 128 letters, digits, spaces and any of _.:/=+-@, but is "a?".'],
  [{ tags: { ['k'.repeat(129)]: '1' } }, 'must have 1 to 128 letters'],
  [{ tags: { a: '' } }, 'tags.a: must have 1 to 256 letters, digits, spaces and any of _.:/=+-@, but is "".'],
  [{ tags: { a: 'v'.repeat(257) } }, 'tags.a: must have 1 to 256 letters'],
  [{ tags: { a: 1 } }, 'tags.a: must have 1 to 256 letters'],
  [
    { tags: { Team: 'a', team: 'b' } },
    'tags: must not have both "Team" and "team": for IAM, keys that differ only in case are the same key',
  ],
  [
    { tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v'])) },
    'tags: must have at most 50 tags',
  ],
  [
    { sourceIdentity: 'a', memberRoleName: 'm' },
    'sourceIdentity: must have 2 to 64 letters, digits and any of _+=,.@-',
  ],
  [{ sourceIdentity: 'aws:audit', memberRoleName: 'm' }, 'sourceIdentity: must have 2 to 64 letters, digits'],
  [{ externalId: 'shared' }, 'externalId: has no effect without memberRoleName'],
  [{ sourceIdentity: 'audit' }, 'sourceIdentity: has no effect without memberRoleName'],
  [{ sessionTags: { team: 'a' } }, 'sessionTags: has no effect without memberRoleName'],
  [{ sessionTags: {}, memberRoleName: 'm' }, 'sessionTags: must have at least one tag, or be left out'],
  [{ sessionTags: { 'AWS:x': '1' }, memberRoleName: 'm' }, 'must not begin with "aws:", which AWS reserves'],
  [{ sessionTags: { a: 'v'.repeat(257) }, memberRoleName: 'm' }, 'sessionTags.a: must have 0 to 256 letters'],
  [{ sessionTags: { a: '1', A: '2' }, memberRoleName: 'm' }, 'sessionTags: must not have both "a" and "A"'],
  [
    {
      sessionTags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v'])),
      memberRoleName: 'm',
    },
    'sessionTags: must have at most 50 tags',
  ],
  [
    {
      sessionTags: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, 'é'.repeat(50)])),
      memberRoleName: 'm',
    },
    'sessionTags: must be shorter together, because the environment of a function has at most 4096 bytes',
  ],
  [{ resultsBucketName: 'My-Bucket' }, 'resultsBucketName: must be the name of a bucket: 3 to 63 lowercase letters'],
  [{ resultsBucketName: 'ab' }, 'resultsBucketName: must be the name of a bucket'],
  [{ resultsBucketName: 'a..b' }, 'resultsBucketName: must not have two adjacent dots'],
  [{ resultsBucketName: '192.168.0.1' }, 'resultsBucketName: must not look like an IP address'],
  [{ resultsBucketName: 'audit-s3alias' }, 'resultsBucketName: must not begin or end with text that S3 reserves'],
  [{ architecture: 'x86' }, 'architecture: must be "arm64" or "x86_64", but is "x86".'],
  [{ vpc: {} }, 'vpc.vpcId: is missing, but required.'],
  [{ vpc: { ...VPC, subnetIds: [] } }, 'vpc.subnetIds: must be a list of 1 to 16 IDs'],
  [{ vpc: { ...VPC, subnetIds: ['net-1'] } }, 'vpc.subnetIds[0]: must be an ID such as "subnet-0123456789abcdef0"'],
  [{ vpc: { ...VPC, securityGroupIds: [SG, SG] } }, 'vpc.securityGroupIds: must not contain an ID twice'],
  [
    { vpc: { ...VPC, securityGroups: [] } },
    'vpc.securityGroups: there is no such setting. Did you mean vpc.securityGroupIds?',
  ],
  [
    { vpc: { ...VPC, endpoints: true } },
    'vpc.routeTableIds: is missing. With vpc.endpoints it must name the route tables of the subnets.',
  ],
  [
    { vpc: { ...VPC, routeTableIds: ['rtb-0123456789abcdef0'] } },
    'vpc.routeTableIds: has no effect without vpc.endpoints. Remove it',
  ],
  [{ securityHub: 'yes' }, 'securityHub: must be true or false'],
  [{ doctor: {} }, 'doctor.trailBucket: is missing, but required.'],
  [{ doctor: { trailBucket: 's3://x' } }, 'doctor.trailBucket: must be the name of a bucket'],
  [
    { doctor: { ...TRAIL, trailPrefix: '/logs' } },
    'doctor.trailPrefix: must be the prefix of the trail without slashes',
  ],
  [
    { doctor: { ...TRAIL, trailPrefix: "a'b?" } },
    'doctor.trailPrefix: must be the prefix of the trail without slashes',
  ],
  [{ doctor: { ...TRAIL, organizationId: 'r-abcd' } }, 'doctor.organizationId: must be the ID of an organization'],
  [{ doctor: { ...TRAIL, accounts: [] } }, 'doctor.accounts: must be a list of 1 to 10000 account IDs'],
  [{ doctor: { ...TRAIL, regions: ['us-east-1', 'us-east-1'] } }, 'doctor.regions: must name each once'],
  [{ doctor: { ...TRAIL, trailKeyArn: 'alias/x' } }, 'doctor.trailKeyArn: must be the ARN of a KMS key'],
  [
    { doctor: { ...TRAIL, scanLimitGigabytes: 0 } },
    'doctor.scanLimitGigabytes: must be a whole number from 1 to 100000',
  ],
  [
    { memberRole: { deploy: true, targets: ['r-exam'] } },
    'memberRole.organizationId: is missing. With memberRole.deploy it must be the ID of the organization. This command prints it: aws organizations describe-organization',
  ],
  [
    { memberRole: { deploy: true, organizationId: 'o-exampleorg' } },
    'memberRole.targets: is missing. With memberRole.deploy it must name roots or organizational units.',
  ],
  [{ memberRole: { targets: ['r-exam'] } }, 'memberRole.deploy: is missing. Set it to true, or to false'],
  [
    { memberRole: { targets: ['111122223333'] } },
    'memberRole.targets[0]: must be the ID of a root or of an organizational unit, such as "r-exam" or "ou-exam-12345678", but is "111122223333".',
  ],
  [
    { memberRole: { targets: [] } },
    'memberRole.targets: must be a list of 1 to 50 IDs of roots and organizational units',
  ],
  [
    { memberRole: { callAs: 'DELEGATED' } },
    'memberRole.callAs: must be "SELF" or "DELEGATED_ADMIN", but is "DELEGATED".',
  ],
  [
    { memberRole: { organizationId: 'r-exam' } },
    'memberRole.organizationId: must be the ID of an organization such as',
  ],
  [
    { memberRole: { excludedAccounts: ['1'] } },
    'memberRole.excludedAccounts[0]: must be an AWS account ID of 12 digits',
  ],
  [
    { memberRole: { permissionsBoundaryName: BOUNDARY_ARN } },
    'memberRole.permissionsBoundaryName: must be the name of a managed policy, after its path if it has one, such as "boundary" (not its ARN), but is',
  ],
  [
    { memberRole: { trustedPrincipals: ['role/*'] } },
    'memberRole.trustedPrincipals[0]: must be role/NAME or user/NAME',
  ],
  [
    { memberRole: { target: ['r-exam'] } },
    'memberRole.target: there is no such setting. Did you mean memberRole.targets?',
  ],
  [{ kmsKeyArn: 'alias/x' }, 'kmsKeyArn: must be the ARN of a KMS key (not of an alias), but is "alias/x".'],
  [{ stackName: 'my stack' }, 'stackName: must start with a letter'],
  ['{', 'are not valid JSON'],
  ['none.json', 'can\'t be read from the file "none.json"'],
  [5, 'the settings: must be an object of settings, but is 5.'],
])('%j is rejected: %s', (value, message) => {
  expect(() => parseSettings(value)).toThrow(message);
});

test.each<Record<string, unknown>>([
  { stsRegion: 'us-gov-west-1' },
  { stsRegion: 'eusc-de-east-1' },
  { permissionsBoundaryArn: 'arn:aws-cn:iam::111122223333:policy/path/boundary' },
  { permissionsBoundaryArn: 'arn:aws:iam::aws:policy/PowerUserAccess' },
  { roleNamePrefix: 'corp_audit-of-the-team', stackName: 'IamAudit' },
  { rolePath: '/', roleNamePrefix: 'corp-' },
  { rolePath: '/security/audit/' },
  { tags: { 'Kosten stelle': 'Straße 1/2 =+-@_.:', Team: 'a' } },
  { resultsBucketName: 'audit.results-1' },
  { doctor: { trailBucket: 'x.y', trailPrefix: "logs/a!_.*'()-b", organizationId: 'o-abcdefghij' } },
  { doctor: { ...TRAIL, trailPrefix: 'a' } },
  { memberRole: { deploy: false } },
  {
    memberRoleName: 'audit/member',
    memberRole: { deploy: true, organizationId: 'o-exampleorg', targets: ['r-exam', 'ou-exam-12345678'] },
  },
  { vpc: { ...VPC, endpoints: true, routeTableIds: ['rtb-01234567'] } },
])('%j is accepted', (settings) => {
  expect(parseSettings(settings)).toMatchObject(settings);
});

test('the role that the stack deploys is the role that the functions assume', () => {
  const deployed = { memberRole: { deploy: true, organizationId: 'o-exampleorg', targets: ['r-exam'] } };
  expect(parseSettings(deployed).memberRoleName).toBe('iam-audit-member');
  expect(parseSettings({ ...deployed, memberRoleName: 'own' }).memberRoleName).toBe('own');
  expect(parseSettings({ memberRole: { ...deployed.memberRole, deploy: false } }).memberRoleName).toBeUndefined();
});

test('role names leave room for the longest Region name', () => {
  const longest = Math.max(...RegionInfo.regions.map(({ name }) => name.length));
  expect(longest).toBeLessThanOrEqual('us-isof-south-1'.length);
});

test.each([
  ['text, as -c gives it', '{"name":"boundary"}'],
  ['an object with an unknown field', { Arn: 'arn:aws:iam::111122223333:policy/boundary' }],
])('a permissions boundary in the context that CDK would ignore is rejected: %s', (_name, boundary) => {
  expect(() => auditApp({ bundle: false, validate: false, context: { [BOUNDARY]: boundary } })).toThrow(
    /^The context @aws-cdk\/core:permissionsBoundary is .*\. CDK ignores this value.* Use the setting permissionsBoundaryArn,/,
  );
});

test('a permissions boundary in the context and another in the settings is rejected', () => {
  const settings = { permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/boundary' };
  expect(() => auditApp({ bundle: false, validate: false, settings, context: { [BOUNDARY]: { name: 'x' } } })).toThrow(
    'both set a permissions boundary. Remove one of them.',
  );
});

test('one error names every wrong setting', () => {
  expect(() => parseSettings({ rateShare: 2, accountsAtOnce: 0 })).toThrow(/accountsAtOnce: .*rateShare: /);
});

test('the app reads the settings from its context and stops if one is wrong', () => {
  expect(auditApp({ bundle: false, validate: false, settings: { stackName: 'Other' } }).stack.stackName).toBe('Other');
  expect(() => auditApp({ bundle: false, validate: false, settings: { rateshare: 1 } })).toThrow(
    'Did you mean rateShare?',
  );
});

test('every setting has a meaning', () => {
  const described = describeSettings().map(({ path }) => path.split('.')[0]);
  expect([...new Set(described)].sort()).toEqual(Object.keys(Settings.entries).sort());
});

test('the pages of docs/ that are generated from the code are up to date (npm run docs)', () => {
  for (const [name, text] of Object.entries(referenceDocs())) {
    expect(readFileSync(join(__dirname, '../../docs', name), 'utf8')).toBe(text);
  }
});

test.each([
  'cron(0 4 * * ? *)',
  'cron(0/15 8-17 ? * MON-FRI *)',
  'cron(30 6 1,15 * ? 2026-2030)',
  'cron(0 0 L * ? *)',
  'cron(0 0 ? JAN-MAR 2#1 *)',
  'cron(5 4 15W * ? *)',
  'cron(5 4 ? * 6L *)',
  'rate(1 day)',
  'rate(12 hours)',
  'at(2026-12-01T04:00:00)',
])('the schedule may be %s', (expression) => {
  expect(parseSettings({ schedule: { expression } }).schedule.expression).toBe(expression);
});
