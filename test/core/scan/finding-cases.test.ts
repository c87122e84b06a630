import { recommend, type Outcome } from '../../../core/recommendations/recommend.ts';
import { Candidates } from '../../../core/recommendations/observed-use.ts';
import type { ScanResult } from '../../../core/scan/scan-account.ts';
import { findingsAbout, NOW, readCase, scanned } from '../../support/scanned-case.ts';

/** The recommendation for a principal, by its name. Null: it is no candidate. */
function recommendationFor({ records, policies }: ScanResult, name: string): Outcome | null {
  const record = records.find((one) => one.name === name);
  const stored = record === undefined ? undefined : policies.get(record.arn);
  if (record === undefined || stored === undefined) throw new Error(`The case has no principal ${name}.`);
  const candidate = new Candidates({ graceDays: 30, unusedAfterDays: 90 }, NOW).candidate(record);
  const basis = { runId: '20261127T000000Z-abcdef', unusedAfterDays: 90, generatedAt: new Date(NOW).toISOString() };
  return candidate === null ? null : recommend(candidate, stored.policies, basis);
}

test('reading S3 returns no credentials: it raises no severity', async () => {
  const result = await scanned(readCase('s3-reader-is-no-credential-reader'));
  expect(findingsAbout(result, 'reader')).toEqual(['low unused-role: Role reader is unused']);
  expect(findingsAbout(result, 'lister')).toEqual(['low unused-role: Role lister is unused']);
  expect(findingsAbout(result, 's3-viewer')).toEqual([
    'medium password-without-mfa: User s3-viewer has a console password and no MFA',
  ]);
});

test.each(['sqs:*', 's3:*', 'ec2:*', 'waf:*', 'athena:*', 'appsync:List*', 'cognito-idp:Describe*', 'gamelift:Get*'])(
  '%s alone raises no severity',
  async (action) => {
    const [service = ''] = action.split(':');
    const doc = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] };
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    };
    const reader = { name: 'r', trust, lastUsed: 200, inline: [{ name: 'p', doc }], la: { [service]: 200 } };
    const { findings } = await scanned({ id: '111122223333', roles: [reader] });
    expect(new Set(findings.map(({ severity }) => severity))).toEqual(new Set(['low']));
  },
);

test('iam:PassRole is never called unused, and no recommendation takes it away', async () => {
  const result = await scanned(readCase('passrole-never-tracked'));
  expect(findingsAbout(result, 'shipper').filter((text) => text.includes('service-unused'))).toEqual([]);
  expect(recommendationFor(result, 'shipper')).toEqual({ kind: 'nothing' });
});

test('roles that organization tools keep get no advice that the account can’t follow', async () => {
  const result = await scanned(readCase('roles-that-aws-keeps'));
  for (const name of ['AWSControlTowerExecution', 'stacksets-exec-0123456789abcdef']) {
    const found = result.findings.filter(({ principalArn }) => principalArn.endsWith(`/${name}`));
    expect(found.map(({ rule }) => rule).sort()).toEqual(['administrator', 'assumable-from-outside']);
    for (const { detail } of found)
      expect(detail).toMatch(/It is managed by (?:AWS Control Tower|CloudFormation StackSets)\./);
    expect(recommendationFor(result, name)).toBeNull();
  }
});

const anyone = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }] };
const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const role = (name: string, trust: object): object => ({
  ...{ name, trust, lastUsed: 2, inline: [{ name: 'p', doc: everything }], la: { iam: 1 } },
});

test('a name of an organization’s tool does not hide that anyone may assume the role', async () => {
  const names = [
    'AWSControlTowerExecution',
    'AWSReservedSSO_Admin_0123456789abcdef',
    'stacksets-exec-0123456789abcdef',
  ];
  const result = await scanned({ id: '111122223333', roles: names.map((name) => role(name, anyone)) });
  for (const name of names) {
    expect(findingsAbout(result, name)).toContain(
      `critical assumable-by-anyone: Role ${name} can be assumed by anyone with an AWS account`,
    );
  }
});

const outOfDoubt = (rule: string) => (text: string) => text.includes(` ${rule}:`);

test('ForAllValues on a claim of every token limits it', async () => {
  const result = await scanned(readCase('oidc-forallvalues-subject'));
  expect(findingsAbout(result, 'ci').filter(outOfDoubt('oidc-without-subject'))).toEqual([]);
});

test('guests of a Cognito identity pool are everybody on the internet', async () => {
  const result = await scanned(readCase('cognito-guests'));
  expect(findingsAbout(result, 'guest')).toContain(
    'critical oidc-without-subject: Role guest can be assumed by guests of a Cognito identity pool, without signing in',
  );
  expect(findingsAbout(result, 'member').filter(outOfDoubt('oidc-without-subject'))).toEqual([]);
});

test('a condition on aws:PrincipalArn says who of an outside account is let in', async () => {
  const result = await scanned(readCase('outside-trust-narrowed'));
  const found = result.findings.filter(({ rule }) => rule === 'assumable-from-outside');
  expect(found.map(({ severity }) => severity)).toEqual(['low']);
  expect(found[0]?.detail).toContain('trusts only arn:aws:iam::444455556666:role/prod* (by the condition');
  for (const { detail } of result.findings) expect(detail).not.toContain(':root');
});

const trusting = (principal: object | string, condition?: object, more: object[] = []): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: principal,
      Action:
        typeof principal === 'object' && 'Federated' in principal ? 'sts:AssumeRoleWithWebIdentity' : 'sts:AssumeRole',
      ...(condition === undefined ? {} : { Condition: condition }),
    },
    ...more,
  ],
});

const severityOfRule = async (rule: string, trust: object): Promise<string | null> => {
  const { findings } = await scanned({ id: '111122223333', roles: [role('r', trust)] });
  return findings.find((one) => one.rule === rule)?.severity ?? null;
};

/** Jest calls a missing third argument `done`. */
const withDenials = (rows: [string, object | undefined, object[]?][]): [string, object | undefined, object[]][] =>
  rows.map(([name, condition, denials = []]) => [name, condition, denials]);

test.each(
  withDenials([
    ['an organization if there is one', { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-acme' } }],
    [
      'all organizations of the caller, so also none',
      { 'ForAllValues:StringEquals': { 'aws:PrincipalOrgID': 'o-acme' } },
    ],
    ['no organization', { Null: { 'aws:PrincipalOrgID': 'true' } }],
    ['another organization', { StringNotEquals: { 'aws:PrincipalOrgID': 'o-acme' } }],
    ['any external ID', { StringLike: { 'sts:ExternalId': '*' } }],
    ['every IPv4 address', { IpAddress: { 'aws:SourceIp': ['0.0.0.0/0', '::/0'] } }],
    ['every address in two halves', { IpAddress: { 'aws:SourceIp': ['0.0.0.0/1', '128.0.0.0/1'] } }],
    ['not one range', { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }],
    ['a time that has begun', { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }],
    ['a time that has not ended', { DateLessThan: { 'aws:CurrentTime': '2099-01-01T00:00:00Z' } }],
    ['MFA', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }],
    ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }],
    ['a role’s name in any account', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/admin' } }],
    ['a tag of the caller', { StringEquals: { 'aws:PrincipalTag/team': 'ops' } }],
    ['a Deny for own principals', undefined, [{ Effect: 'Deny', Principal: { AWS: '111122223333' }, Action: 'sts:*' }]],
    [
      'a Deny for the own organization',
      undefined,
      [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: '*',
          Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-acme' } },
        },
      ],
    ],
    [
      'a Deny without MFA',
      undefined,
      [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: '*',
          Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
        },
      ],
    ],
  ]),
)('strangers meet %s, so it lowers no severity', async (_name, condition, more) => {
  expect(await severityOfRule('assumable-by-anyone', trusting('*', condition, more))).toBe('critical');
});

test.each(
  withDenials([
    ['an address', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }],
    ['an external ID', { StringEquals: { 'sts:ExternalId': 'a-secret' } }],
    ['a VPC endpoint', { StringEquals: { 'aws:SourceVpce': 'vpce-1' } }],
    [
      'a Deny for other addresses',
      undefined,
      [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: '*',
          Condition: { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
        },
      ],
    ],
  ]),
)('strangers may not meet %s', async (_name, condition, more) => {
  expect(await severityOfRule('assumable-by-anyone', trusting('*', condition, more))).toBe('high');
});

const provider = (url: string): object => ({ Federated: `arn:aws:iam::111122223333:oidc-provider/${url}` });
const GITHUB = 'token.actions.githubusercontent.com';
const BITBUCKET = 'api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc';
const CIRCLE = 'oidc.circleci.com/org/11111111-2222-3333-4444-555555555555';
const UUID = '{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee}';
const ARI = 'ari:cloud:bitbucket::workspace/aaaaaaaa-bbbb-cccc-dddd-ffffffffffff';

test.each<[string, string, object, string | null]>([
  ['a repository of Bitbucket', BITBUCKET, { StringLike: { [`${BITBUCKET}:sub`]: `${UUID}:*` } }, null],
  ['a repository of Bitbucket, without a colon', BITBUCKET, { StringLike: { [`${BITBUCKET}:sub`]: `${UUID}*` } }, null],
  ['an environment of Bitbucket', BITBUCKET, { StringLike: { [`${BITBUCKET}:sub`]: `*:${UUID}:*` } }, null],
  ['the workspace only', BITBUCKET, { StringEquals: { [`${BITBUCKET}:aud`]: ARI } }, 'medium'],
  ['any repository of Bitbucket', BITBUCKET, { StringLike: { [`${BITBUCKET}:sub`]: '*:*' } }, 'medium'],
  [
    'a project of CircleCI',
    CIRCLE,
    {
      StringLike: {
        [`${CIRCLE}:sub`]: 'org/11111111-2222-3333-4444-555555555555/project/99999999-2222-3333-4444-555555555555/*',
      },
    },
    null,
  ],
  [
    'any project of the CircleCI organization that the address names',
    CIRCLE,
    { StringLike: { [`${CIRCLE}:sub`]: 'org/11111111-2222-3333-4444-555555555555/project/*' } },
    'medium',
  ],
  ['an opaque user ID', 'login.acme.io', { StringLike: { 'login.acme.io:sub': '00u1ab2cd3:*' } }, null],
  [
    'a workflow, which any repository may call',
    GITHUB,
    { StringLike: { [`${GITHUB}:job_workflow_ref`]: 'octo/flows/.github/workflows/deploy.yml@*' } },
    'critical',
  ],
  [
    'a workflow, called by repositories of one owner',
    GITHUB,
    {
      StringLike: {
        [`${GITHUB}:job_workflow_ref`]: 'octo/flows/.github/workflows/deploy.yml@*',
        [`${GITHUB}:sub`]: 'repo:acme/*',
      },
    },
    null,
  ],
  ...(
    [
      ['repository', 'acme/app', null],
      ['repository', 'acme/*', null],
      ['repository', 'acme*/app', 'critical'],
      ['repository_id', '12345', null],
      ['enterprise_id', '67', null],
      // Names the owner, or no token has it.
      ['repository_owner', 'acme', null],
      ['actor', 'bob', 'medium'],
      ['actor', ['bob', 'eve'], 'medium'],
      ['actor_id', '12345', 'medium'],
      ['actor', 'dependabot[bot]', 'critical'],
      ['actor', ['bob', 'github-actions[bot]'], 'critical'],
      ['actor_id', '49699333', 'critical'],
      ['actor', 'b*', 'critical'],
      ['environment', 'production', 'critical'],
      ['ref', 'refs/heads/main', 'critical'],
      ['workflow', 'deploy', 'critical'],
      // STS does not know the claim, so no token meets the condition.
      ['event_name', 'push', 'high'],
    ] as const
  ).map(([claim, values, severity]): [string, string, object, string | null] => [
    `GitHub’s ${claim} ${[values].flat().join(' or ')}`,
    GITHUB,
    { StringLike: { [`${GITHUB}:aud`]: 'sts.amazonaws.com', [`${GITHUB}:${claim}`]: values } },
    severity,
  ]),
  [
    'GitHub’s actor in a repository',
    GITHUB,
    { StringEquals: { [`${GITHUB}:actor`]: 'bob', [`${GITHUB}:repository`]: 'acme/app' } },
    null,
  ],
  ['GitHub’s actor, if there is one', GITHUB, { StringEqualsIfExists: { [`${GITHUB}:actor`]: 'bob' } }, 'critical'],
  ['the subject, if there is one', GITHUB, { StringLikeIfExists: { [`${GITHUB}:sub`]: 'repo:acme/*' } }, null],
  [
    'a session name and every address',
    GITHUB,
    { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' }, StringLike: { 'sts:RoleSessionName': 'x*' } },
    'critical',
  ],
])('tokens: %s', async (_name, url, condition, severity) => {
  expect(await severityOfRule('oidc-without-subject', trusting(provider(url), condition))).toBe(severity);
});

const POOL = 'eu-west-1:11111111-2222-3333-4444-555555555555';
const COGNITO = 'cognito-identity.amazonaws.com';

test.each<[string, object, object[], string | null]>([
  ['without amr', {}, [], 'critical'],
  ['signed in', { 'ForAnyValue:StringLike': { [`${COGNITO}:amr`]: 'authenticated' } }, [], null],
  ['a pattern for both', { 'ForAnyValue:StringLike': { [`${COGNITO}:amr`]: '*authenticated' } }, [], 'critical'],
  ['not guests', { StringNotEquals: { [`${COGNITO}:amr`]: 'unauthenticated' } }, [], null],
  [
    'guests denied',
    {},
    [
      {
        Effect: 'Deny',
        Principal: { Federated: COGNITO },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { 'ForAnyValue:StringEquals': { [`${COGNITO}:amr`]: 'unauthenticated' } },
      },
    ],
    null,
  ],
])('identities of a Cognito pool: %s', async (_name, condition, more, severity) => {
  const trust = trusting({ Federated: COGNITO }, { ...condition, StringLike: { [`${COGNITO}:aud`]: POOL } }, more);
  expect(await severityOfRule('oidc-without-subject', trust)).toBe(severity);
});

test('findings name the controls that they cover', async () => {
  const { findings } = await scanned(readCase('s3-reader-is-no-credential-reader'));
  expect(findings.find(({ rule }) => rule === 'password-without-mfa')?.controls).toEqual([
    'CIS 3.0 1.10',
    'FSBP IAM.5',
  ]);
});
