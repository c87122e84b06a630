import { everything, ID, roleOf, type Json } from '../../support/administrator-paths.ts';
import { document, trustIn } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const OTHER = '999988887777';

/** Severity and rule of the findings about whom a role trusts. */
async function found(trust: Json): Promise<string[]> {
  const { findings } = await scanned({ id: ID, roles: [roleOf('door', trust, { inline: everything })] });
  return findings
    .filter(({ rule }) => rule.startsWith('assumable-'))
    .map(({ severity, rule }) => `${severity} ${rule}`);
}

const anyone = ['critical assumable-by-anyone'];
const perhaps = ['high assumable-by-anyone'];
const outside = ['medium assumable-from-outside'];
const nobody: string[] = [];

describe('Principal * with a condition lets in', () => {
  test.each<[string, Json, string[]]>([
    ['no stranger: a role’s ID', { StringLike: { 'aws:userid': 'AROAEXAMPLEEXAMPLEEX:*' } }, nobody],
    ['no stranger: a user’s ID', { StringEquals: { 'aws:userid': ['AIDAEXAMPLEEXAMPLEEX'] } }, nobody],
    ['anyone: any ID with a name of the session', { StringLike: { 'aws:userid': '*:deploy' } }, anyone],
    ['anyone: any role’s ID', { StringLike: { 'aws:userid': 'AROA*' } }, anyone],
    ['anyone: all IDs but one', { StringNotLike: { 'aws:userid': 'AROAEXAMPLEEXAMPLEEX:*' } }, anyone],
    ['nobody: a date that is past', { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }, nobody],
    ['nobody: a time that is past', { NumericLessThan: { 'aws:EpochTime': '1577836800' } }, nobody],
    ['anyone: a date to come', { DateLessThan: { 'aws:CurrentTime': '2036-01-01T00:00:00Z' } }, anyone],
    ['anyone: since a date', { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }, anyone],
    ['no stranger: a resource’s account', { StringEquals: { 'aws:SourceAccount': ID } }, nobody],
    ['no stranger: a resource', { ArnLike: { 'aws:SourceArn': `arn:aws:sns:*:${ID}:*` } }, nobody],
    ['anyone: a resource’s account, if there is one', { StringEqualsIfExists: { 'aws:SourceAccount': ID } }, anyone],
    ['anyone: no resource’s account', { Null: { 'aws:SourceAccount': 'true' } }, anyone],
    ['no stranger: some resource’s account', { Null: { 'aws:SourceAccount': 'false' } }, nobody],
    [
      'no stranger: by way of a service',
      { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'athena.amazonaws.com' } },
      nobody,
    ],
    ['no stranger: a service', { Bool: { 'aws:PrincipalIsAWSService': 'true' } }, nobody],
    ['no stranger: without TLS', { Bool: { 'aws:SecureTransport': 'false' } }, nobody],
    ['anyone: with TLS', { Bool: { 'aws:SecureTransport': 'true' } }, anyone],
    ['an account', { StringEquals: { 'aws:PrincipalAccount': OTHER } }, outside],
    [
      'a principal of an account',
      { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${OTHER}:role/ci` } },
      ['low assumable-from-outside'],
    ],
    ['the own account', { StringEquals: { 'aws:PrincipalAccount': ID } }, nobody],
    ['anyone: a name', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/ci' } }, anyone],
    ['anyone: a user name', { StringEquals: { 'aws:username': 'ci' } }, anyone],
    ['anyone: a tag', { StringEquals: { 'aws:PrincipalTag/team': 'ci' } }, anyone],
    ['anyone: a source identity', { StringEquals: { 'aws:SourceIdentity': 'ci' } }, anyone],
    ['anyone: MFA', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, anyone],
    ['whoever knows the external ID', { StringEquals: { 'sts:ExternalId': 'sesame' } }, perhaps],
    ['whoever is in a network', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, perhaps],
    [
      'no stranger: a role’s ID, from anywhere',
      { StringLike: { 'aws:userid': 'AROAEXAMPLEEXAMPLEEX:*' }, IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } },
      nobody,
    ],
  ])('%s', async (_name, condition, expected) => {
    expect(await found(trustIn('*', condition))).toEqual(expected);
  });
});

describe('Principal * with a Deny lets in', () => {
  const denying = (Condition: Json): Json =>
    document(
      { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
      { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:AssumeRole', Condition },
    );

  test.each<[string, Json, string[]]>([
    ['no stranger: all IDs but one are denied', { StringNotLike: { 'aws:userid': 'AROAEXAMPLEEXAMPLEEX:*' } }, nobody],
    ['anyone: one ID is denied', { StringLike: { 'aws:userid': 'AROAEXAMPLEEXAMPLEEX:*' } }, anyone],
    ['anyone: the Deny is past', { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }, anyone],
    ['nobody: the Deny is in force', { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }, nobody],
    [
      'no stranger: requests without a resource’s account are denied',
      { StringNotEquals: { 'aws:SourceAccount': ID } },
      nobody,
    ],
    ['anyone: only some requests with one are denied', { StringEquals: { 'aws:SourceAccount': ID } }, anyone],
  ])('%s', async (_name, condition, expected) => {
    expect(await found(denying(condition))).toEqual(expected);
  });
});

test('two statements count each: the open one decides', async () => {
  const statement = (Condition?: Json): Json => ({
    Effect: 'Allow',
    Principal: '*',
    Action: 'sts:AssumeRole',
    ...(Condition === undefined ? {} : { Condition }),
  });
  const closed = statement({ StringEquals: { 'aws:SourceAccount': ID } });
  expect(await found(document(closed, closed))).toEqual(nobody);
  expect(await found(document(closed, statement()))).toEqual(anyone);
  expect(await found(document(closed, statement({ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } })))).toEqual(
    perhaps,
  );
});

test('an account outside whose trust ended at a date is not told', async () => {
  const until = (date: string): Json =>
    trustIn(`arn:aws:iam::${OTHER}:root`, { DateLessThan: { 'aws:CurrentTime': date } });
  expect(await found(until('2020-01-01T00:00:00Z'))).toEqual([]);
  expect(await found(until('2036-01-01T00:00:00Z'))).toEqual(outside);
});

const GITHUB = 'token.actions.githubusercontent.com';
const GITLAB = 'gitlab.com';

/** The rules of the findings about a role that tokens of these providers may assume. */
async function byTokens(condition: Json, ...providers: readonly string[]): Promise<string[]> {
  const trust = document({
    Effect: 'Allow',
    Action: 'sts:AssumeRoleWithWebIdentity',
    Principal: { Federated: providers.map((provider) => `arn:aws:iam::${ID}:oidc-provider/${provider}`) },
    Condition: condition,
  });
  const { findings } = await scanned({ id: ID, roles: [roleOf('door', trust, { inline: everything })] });
  return findings.flatMap(({ rule, title }) => (rule === 'oidc-without-subject' ? [title] : []));
}

describe('StringEquals has no wildcards', () => {
  test.each<[string, Json]>([
    ['an ARN', { StringEquals: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x' } }],
    ['an organization', { StringEquals: { 'aws:PrincipalOrgID': '*' } }],
    ['an account', { StringEquals: { 'aws:PrincipalAccount': '*' } }],
    ['an external ID', { StringEquals: { 'sts:ExternalId': '*' } }],
  ])('%s', async (_name, condition) => {
    expect(await found(trustIn('*', condition))).toEqual(nobody);
  });

  test('a subject', async () => {
    expect(await byTokens({ StringEquals: { [`${GITHUB}:sub`]: '*' } }, GITHUB)).toEqual([]);
    const one = ['repo:acme/x:ref:refs/heads/main', '*'];
    expect(await byTokens({ StringEquals: { [`${GITHUB}:sub`]: one } }, GITHUB)).toEqual([]);
    expect(await byTokens({ StringLike: { [`${GITHUB}:sub`]: one } }, GITHUB)).toHaveLength(1);
  });
});

test('a wildcard after the account’s twelve digits names no other account', async () => {
  const other = `arn:aws:iam::${OTHER}*`;
  expect(await found(trustIn('*', { StringLike: { 'aws:PrincipalArn': other } }))).toEqual(outside);
  expect(await found(trustIn('*', { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${ID}*:role/x` } }))).toEqual(nobody);
  expect(await found(trustIn('*', { StringLike: { 'aws:PrincipalArn': 'arn:aws:iam::9999*' } }))).not.toEqual(nobody);
});

test('the account of the role itself, by its policy variable', async () => {
  const own = { StringEquals: { 'aws:PrincipalAccount': '${aws:ResourceAccount}' } };
  expect(await found(trustIn('*', own))).toEqual(nobody);
  expect(
    await found(trustIn('*', { StringEquals: { 'aws:PrincipalAccount': '${aws:PrincipalAccount}' } })),
  ).not.toEqual(nobody);
});

test('a claim of another provider is in no token', async () => {
  const repository = { [`${GITHUB}:sub`]: 'repo:acme/*' };
  expect(await byTokens({ StringLike: repository }, GITHUB, GITLAB)).toEqual([]);
  expect(await byTokens({ StringLikeIfExists: repository }, GITHUB, GITLAB)).not.toEqual([]);
  expect(await byTokens({ StringLike: { [`${GITLAB}:sub`]: 'project_path:acme/*' } }, GITHUB)).toEqual([]);
});

test.each([
  ['a session tag', 'sts:TagSession', { StringEquals: { 'aws:RequestTag/team': 'ops' } }],
  ['a tag key', 'sts:TagSession', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'team' } }],
  ['a source identity', 'sts:SetSourceIdentity', { StringEquals: { 'sts:SourceIdentity': 'ops' } }],
])('strangers send %s only if the trust policy also allows %s', async (_name, action, condition) => {
  const door = (actions: readonly string[]): Json =>
    document({ Effect: 'Allow', Principal: { AWS: '*' }, Action: actions, Condition: condition });
  expect(await found(door(['sts:AssumeRole']))).toEqual(nobody);
  expect(await found(door(['sts:AssumeRole', action]))).toEqual(anyone);
});
