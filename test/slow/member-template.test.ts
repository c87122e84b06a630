import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'yaml';
import { iamReads } from '../../core/contract/permissions.ts';
import { cloudFormationTemplate } from '../../core/member-role/cloudformation.ts';
import { STACKSETS_PRINCIPAL } from '../../core/member-role/organization-setup.ts';
import { terraformConfiguration } from '../../core/member-role/terraform.ts';
import type { EmulatedAwsSettings } from '../../local/emulated-aws/settings.ts';
import { generateAccount, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import type { OrganizationSettings } from '../../local/emulated-aws/organization.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { systemClock } from '../../local/system-clock.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { expectSchema } from '../support/json-schemas.ts';
import { cloudFormationRole } from '../support/member-role-policies.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(__dirname, '../..');
const HUB = '111122223333';
const MEMBER = '111122223334';
const ORGANIZATION = 'o-exampleorg';
const TO_HUB = ['--hub-account', HUB];

let aws: EmulatedAws | undefined;
afterEach(async () => {
  await aws?.close();
  aws = undefined;
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in its own process. @param caller account whose user calls the emulated AWS */
function iamAudit(args: readonly string[], caller = HUB): Promise<Ended> {
  const credentials = aws?.emulation.issueUser(caller, OPERATOR);
  const child = spawn(process.execPath, [COMMAND_LINE, ...args], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...(aws === undefined ? {} : { AWS_ENDPOINT_URL: aws.url }),
      ...(credentials === undefined
        ? {}
        : { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey }),
    },
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => (text.stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text.stderr += part.toString()));
  return new Promise((resolve) => {
    child.on('close', (status) => {
      resolve({ status, ...text });
    });
  });
}

const memberTemplate = (...args: string[]): Promise<Ended> => iamAudit(['member-template', ...args]);

const OPTIONS = [
  ...[...TO_HUB, '--organization-id', ORGANIZATION, '--external-id', '0123', '--role-name', 'audit/member'],
  ...['--role-path', '/security/', '--role-name-prefix', 'corp-', '--trusted-principal', 'role/Auditor'],
  ...[
    '--allow-source-identity',
    '--allow-session-tags',
    '--permissions-boundary',
    'boundary',
    '--tag',
    'Cost Center=1=2',
    '--tag',
    'Team=a',
  ],
];
const ROLE = {
  hubAccountId: HUB,
  hubRolePath: '/security/',
  hubRoleNamePrefix: 'corp-',
  organizationId: ORGANIZATION,
  externalId: '0123',
  allowsSourceIdentity: true,
  allowsSessionTags: true,
  roleName: 'audit/member',
  trustedPrincipals: ['role/Auditor'],
  boundaryName: 'boundary',
  tags: { 'Cost Center': '1=2', Team: 'a' },
};

describe('the template', () => {
  test('as YAML, JSON and for Terraform is the role of the options; dates and numbers stay text', async () => {
    const [yaml, json, terraform] = await Promise.all([
      memberTemplate(...OPTIONS),
      memberTemplate(...OPTIONS, '--json'),
      memberTemplate(...OPTIONS, '--format', 'terraform'),
    ]);
    expect([yaml, json, terraform].map(({ status, stderr }) => [status, stderr])).toEqual(Array(3).fill([0, '']));
    // CloudFormation reads YAML 1.1, in which 2012-10-17 without quotes is a date and 0123 a number.
    expect(parse(yaml.stdout, { version: '1.1' })).toEqual(cloudFormationTemplate(ROLE));
    expect(JSON.parse(json.stdout)).toEqual(cloudFormationTemplate(ROLE));
    expect(terraform.stdout).toBe(terraformConfiguration(ROLE));
  });

  test('has a reason for each action, in both languages', async () => {
    const [yaml, terraform] = await Promise.all([
      memberTemplate(...TO_HUB),
      memberTemplate(...TO_HUB, '--format', 'terraform'),
    ]);
    for (const { stdout } of [yaml, terraform]) {
      for (const action of iamReads) expect(stdout).toMatch(new RegExp(`# [A-Z].*\\.\n *[-"] ?${action}`));
    }
  });

  test('without the organization’s ID says what the role does not require', async () => {
    const { stdout, stderr } = await memberTemplate(...TO_HUB);
    expect(parse(stdout)).toEqual(
      cloudFormationTemplate({ hubAccountId: HUB, hubRolePath: '/iam-audit/', roleName: 'iam-audit-member' }),
    );
    expect(stderr).toMatch(/^Without --organization-id, the role does not require .* in your organization\.\n$/);
  });
});

test('the SCP exempts StackSets and the named roles', async () => {
  const { stdout, status } = await memberTemplate('--scp', '--exempt', 'role/OrganizationAccountAccessRole');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    Statement: [
      {
        Effect: 'Deny',
        Condition: {
          ArnNotLike: {
            'aws:PrincipalArn': [
              'arn:*:iam::*:role/stacksets-exec-*',
              'arn:*:iam::*:role/OrganizationAccountAccessRole',
            ],
          },
        },
      },
    ],
  });
});

test.each([
  [[], '--hub-account is missing. It must be the ID of the account that runs the audit'],
  [['--hub-account', '12'], 'It must be an AWS account ID of 12 digits'],
  [[...TO_HUB, '--organization-id', 'x'], 'It must be the ID of an organization such as "o-exampleorg".'],
  [[...TO_HUB, '--external-id', 'x'], 'It must have 2 to 1,224 letters'],
  [[...TO_HUB, '--role-name', 'arn:aws:iam::111122223333:role/x'], 'It must be the name of a role'],
  [[...TO_HUB, '--role-path', 'iam-audit'], 'It must begin and end with a slash'],
  [[...TO_HUB, '--role-path', '/'], '--role-path must not be "/" without --role-name-prefix'],
  [[...TO_HUB, '--trusted-principal', 'role/*'], 'not only wildcards'],
  [[...TO_HUB, '--permissions-boundary', 'arn:aws:iam::aws:policy/x'], '(not its ARN)'],
  [[...TO_HUB, '--tag', 'x'], 'It must be KEY=VALUE'],
  [[...TO_HUB, '--tag', 'x='], 'The value must have 1 to 256 letters'],
  [[...TO_HUB, '--tag', 'aws:x=1'], 'The key must not begin with "aws:"'],
  [[...TO_HUB, '--tag', 'a=1', '--tag', 'a=2'], 'The tag a is given twice.'],
  [[...TO_HUB, '--tag', 'a=1', '--tag', 'A=2'], 'must not have both "a" and "A"'],
  [[...TO_HUB, '--format', 'pulumi'], 'Allowed choices are cloudformation, terraform.'],
  [[...TO_HUB, '--format', 'terraform', '--json'], '--json is for --format cloudformation.'],
  [[...TO_HUB, '--exempt', 'role/x'], '--exempt has no effect without --scp.'],
  [['--scp', '--check'], "'--check' cannot be used with option '--scp'"],
  [['--scp', '--format', 'terraform'], "cannot be used with option '--scp'"],
])('for wrong usage %j the exit code is 2 and the error names the option and the requirement', async (args, hint) => {
  const { status, stdout, stderr } = await memberTemplate(...args);
  expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(hint)]);
});

/** Starts an emulated AWS with a hub and a member. */
async function start(settings: Partial<EmulatedAwsSettings> = {}): Promise<EmulatedAws> {
  const now = systemClock.now();
  const accounts = [HUB, MEMBER].map((accountId, n) =>
    generateAccount({ seed: n + 1, accountId, users: 2, roles: 2, now }),
  );
  aws = await startEmulatedAws({ accounts, clock: systemClock, random: seededRandom(3), limit: null, ...settings });
  return aws;
}

describe('--check', () => {
  const trusted: OrganizationSettings = {
    managementAccountId: HUB,
    allFeatures: true,
    trustedServices: ['sso.amazonaws.com', STACKSETS_PRINCIPAL],
    delegatedAdministrators: [],
  };
  const delegated: OrganizationSettings = {
    ...trusted,
    delegatedAdministrators: [MEMBER],
    serviceAdministrators: { [STACKSETS_PRINCIPAL]: [MEMBER] },
  };

  test.each<[string, OrganizationSettings | null, string, number, string[]]>([
    [
      'the management account, all in place',
      trusted,
      HUB,
      0,
      [
        `Account ${HUB} is the management account of organization ${ORGANIZATION}.`,
        'All features of the organization are enabled.',
        'Trusted access of StackSets is activated.',
        'The management account deploys StackSets with memberRole.callAs "SELF".',
        `StackSets can deploy the role. Settings: "memberRole": { "deploy": true, "organizationId": "${ORGANIZATION}", "targets": ["ROOT_OR_OU_ID"], "callAs": "SELF" }`,
      ],
    ],
    [
      'a delegated administrator, all in place',
      delegated,
      MEMBER,
      0,
      [
        `Account ${MEMBER} is a member of organization ${ORGANIZATION}. Its management account is ${HUB}.`,
        'All features of the organization are enabled.',
        'Trusted access of StackSets is activated.',
        `Account ${MEMBER} is a delegated administrator for StackSets: it deploys them with memberRole.callAs "DELEGATED_ADMIN".`,
        expect.stringContaining('StackSets never deploy to the management account. Create its role there') as string,
        expect.stringContaining('"callAs": "DELEGATED_ADMIN" }') as string,
      ],
    ],
    [
      'consolidated billing only, without trusted access',
      { ...trusted, allFeatures: false, trustedServices: [] },
      HUB,
      1,
      [
        expect.stringContaining('is the management account') as string,
        expect.stringMatching(/^Only consolidated billing .*: aws organizations enable-all-features$/) as string,
        'Trusted access of StackSets is not activated. Activate it in the management account: aws cloudformation activate-organizations-access',
        expect.stringContaining('"SELF"') as string,
        expect.stringContaining('StackSets can’t deploy the role yet') as string,
      ],
    ],
    [
      'a delegated administrator of another service',
      { ...delegated, serviceAdministrators: { 'sso.amazonaws.com': [MEMBER] } },
      MEMBER,
      1,
      [
        expect.stringContaining('is a member') as string,
        'All features of the organization are enabled.',
        'Trusted access of StackSets is activated.',
        expect.stringMatching(
          /is not a delegated administrator for StackSets\. .*: aws organizations register-delegated-administrator --account-id 111122223334 --service-principal member\.org\.stacksets\.cloudformation\.amazonaws\.com$/,
        ) as string,
        expect.stringContaining('not from this account') as string,
      ],
    ],
    [
      'a member that may not ask',
      trusted,
      MEMBER,
      1,
      [
        expect.stringContaining('is a member') as string,
        'All features of the organization are enabled.',
        expect.stringMatching(
          /is activated is not known \(AccessDenied: [^.]+\). Run the same check in the management/,
        ) as string,
        expect.stringMatching(/StackSets is not known \(AccessDenied: /) as string,
        expect.stringContaining('create the role in each account') as string,
      ],
    ],
    [
      'no organization',
      null,
      HUB,
      1,
      [
        expect.stringMatching(
          /is in no organization\. Create the role in each account .* member-template\.$/,
        ) as string,
      ],
    ],
  ])('%s', async (_name, organization, caller, status, lines) => {
    await start({ organization, behaviour: { largestPage: 1 } });
    const ended = await iamAudit(['member-template', '--check'], caller);
    expect([ended.status, ended.stderr, ended.stdout.trimEnd().split('\n')]).toEqual([status, '', lines]);
  });

  test('as JSON', async () => {
    await start({ organization: trusted });
    const { stdout, status } = await iamAudit(['member-template', '--check', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ accountId: HUB, callAs: 'SELF', ready: true });
    expectSchema('organization-setup', JSON.parse(stdout));
  });

  test('without the permission to read the organization: the error names the permissions', async () => {
    await start({ organization: trusted, denied: { [HUB]: ['organizations:DescribeOrganization'] } });
    const { stderr, status } = await iamAudit(['member-template', '--check']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^AWS denied a required permission .*; the check needs organizations:DescribeOrganization,/);
  });

  test('without credentials: the error says what to do', async () => {
    const { stderr, status } = await memberTemplate('--check');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^No AWS credentials were found\. Sign in/)]);
  });
});

test('an audit from a laptop with the printed role calls in the account exactly what the role allows', async () => {
  const { stdout } = await memberTemplate(
    ...TO_HUB,
    '--trusted-principal',
    `user/${OPERATOR}`,
    '--external-id',
    'secret',
  );
  const role = cloudFormationRole(parse(stdout), { 'AWS::Partition': 'aws' });
  const policy = role.policy as { Statement: { Action: string[] } };
  const { emulation } = await start({
    authorize: (session, operation) =>
      session.kind === 'user' || policy.Statement.Action.some((action) => action === operation),
  });
  const account = emulation.accounts.get(MEMBER)!;
  const template = [...account.roles.values()][0]!;
  const name = 'iam-audit-member';
  account.roles.set(name, {
    ...template,
    ...{ name, path: '/', arn: `arn:aws:iam::${MEMBER}:role/${name}`, id: 'AROAMEMBER0000000001' },
    maxSessionDurationSeconds: 3_600,
    trustPolicy: role.trust as typeof template.trustPolicy,
  });
  // The password policy is read only if a user has a password.
  [...account.users.values()][0]!.password = { lastUsed: null, lastChanged: systemClock.now() - 86_400_000 };
  const folder = temporaryFolder('member-role');
  const audit = (...more: string[]): Promise<Ended> =>
    iamAudit(['run', '--account-id', MEMBER, '--role-name', name, '--out', folder, ...more]);
  expect((await audit('--external-id', 'other')).status).toBe(1);
  expect((await audit('--external-id', 'secret')).status).toBe(0);
  const called = [...emulation.counters.keys()]
    .filter((counter) => counter.startsWith(`${MEMBER} iam:`))
    .map((counter) => counter.split(' ')[1]);
  expect(called.sort()).toEqual([...policy.Statement.Action].sort());
});
