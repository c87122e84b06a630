import { allow, document as policy } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223396';
const SELF = `arn:aws:iam::${ID}:user/ann`;
const ADMINISTRATOR = `arn:aws:iam::${ID}:role/boss`;

type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const given = (effect: string, action: string, Condition: Conditions): Readonly<Record<string, unknown>> => ({
  Effect: effect,
  Action: action,
  Resource: '*',
  Condition,
});

/** How certain it is that a user with these statements becomes an administrator; null: it can't. */
async function certainty(
  statements: readonly Readonly<Record<string, unknown>>[],
  trust: Conditions = {},
): Promise<unknown> {
  const { findings } = await scanned({
    id: ID,
    users: [
      {
        name: 'ann',
        inline: [{ name: 'own', doc: policy(...statements) }],
        cred: { access_key_1_active: 'true', access_key_1_last_used_date: 1 },
      },
    ],
    roles: [
      {
        name: 'boss',
        trust: policy({
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ID}:root` },
          Action: 'sts:AssumeRole',
          Condition: trust,
        }),
        inline: [{ name: 'all', doc: policy(allow('*')) }],
      },
    ],
  });
  const found = findings.find(({ rule, principalArn }) => rule === 'escalation-path' && principalArn === SELF);
  return found === undefined ? null : found.evidence['certainty'];
}

const PUT = 'iam:PutUserPolicy';
const MFA = 'aws:MultiFactorAuthPresent';

test.each<[string, Conditions, Conditions]>([
  [
    'two networks',
    { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
  ],
  [
    'two endpoints',
    { StringEquals: { 'aws:SourceVpce': 'vpce-1' } },
    { StringNotEquals: { 'aws:SourceVpce': 'vpce-2' } },
  ],
  ['two beginnings', { StringLike: { 'aws:SourceVpc': 'vpc-a*' } }, { StringNotLike: { 'aws:SourceVpc': 'vpc-b*' } }],
  ['MFA, except with MFA', { Bool: { [MFA]: 'true' } }, { Bool: { [MFA]: 'true' } }],
  [
    'an old session, except an old one',
    { NumericLessThan: { 'aws:MultiFactorAuthAge': '60' } },
    { NumericLessThan: { 'aws:MultiFactorAuthAge': '300' } },
  ],
  ['a key, except with the key', { Null: { 'aws:SourceVpc': 'false' } }, { Null: { 'aws:SourceVpc': 'false' } }],
])('an Allow and a Deny that exclude each other allow nothing: %s', async (_name, allowed, denied) => {
  expect(await certainty([given('Allow', PUT, allowed)])).toBe('conditional');
  expect(await certainty([given('Allow', PUT, allowed), given('Deny', PUT, denied)])).toBeNull();
});

test.each<[string, Conditions, Conditions]>([
  [
    'a network in the other',
    { IpAddress: { 'aws:SourceIp': '10.1.0.0/16' } },
    { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
  ],
  [
    'what lies between denied networks',
    { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    { IpAddress: { 'aws:SourceIp': ['10.0.0.0/9', '10.255.0.0/16'] } },
  ],
  [
    'a beginning and an end',
    { StringLike: { 'aws:SourceVpc': 'vpc-a*' } },
    { StringNotLike: { 'aws:SourceVpc': '*-b' } },
  ],
  [
    'several values of a key',
    { 'ForAnyValue:StringEquals': { 'aws:PrincipalOrgPaths': 'o-1/a/' } },
    { 'ForAllValues:StringNotEquals': { 'aws:PrincipalOrgPaths': 'o-1/b/' } },
  ],
])('conditions that can hold at once are told: %s', async (_name, allowed, denied) => {
  expect(await certainty([given('Allow', PUT, allowed), given('Deny', PUT, denied)])).toBe('conditional');
});

const ASSUME = 'sts:AssumeRole';

test.each<[string, Conditions, Conditions, unknown]>([
  [
    'two networks',
    { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
    null,
  ],
  [
    'one network',
    { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    { IpAddress: { 'aws:SourceIp': '10.0.0.0/16' } },
    'conditional',
  ],
  ['two external IDs', { StringEquals: { 'sts:ExternalId': 'a' } }, { StringEquals: { 'sts:ExternalId': 'b' } }, null],
  [
    'two session names',
    { StringLike: { 'sts:RoleSessionName': 'a-*' } },
    { StringLike: { 'sts:RoleSessionName': 'b-*' } },
    null,
  ],
  [
    'one session name',
    { StringLike: { 'sts:RoleSessionName': 'a-*' } },
    { StringLike: { 'sts:RoleSessionName': '*-b' } },
    'certain',
  ],
  ['with and without MFA', { Bool: { [MFA]: 'true' } }, { BoolIfExists: { [MFA]: 'false' } }, null],
])('a trust policy and an identity policy judge the same request: %s', async (_name, trust, own, expected) => {
  expect(await certainty([given('Allow', ASSUME, own)], trust)).toBe(expected);
  // Each alone is met.
  expect(await certainty([allow(ASSUME, ADMINISTRATOR)], trust)).not.toBeNull();
  expect(await certainty([given('Allow', ASSUME, own)])).not.toBeNull();
});

test.each([
  ['s1', 'certain'],
  ['s2', null],
])('a role that trusts the session s1 of another role, whose sessions are named %s', async (name, expected) => {
  const hop = { ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ID}:root` }, Action: ASSUME } };
  const session = `arn:aws:sts::${ID}:assumed-role/hop/s1`;
  const { findings } = await scanned({
    id: ID,
    users: [{ name: 'ann', inline: [{ name: 'own', doc: policy(allow(ASSUME, `arn:aws:iam::${ID}:role/hop`)) }] }],
    roles: [
      { name: 'hop', trust: policy({ ...hop, Condition: { StringEquals: { 'sts:RoleSessionName': name } } }) },
      {
        name: 'boss',
        trust: policy({ Effect: 'Allow', Principal: { AWS: session }, Action: ASSUME }),
        inline: [{ name: 'all', doc: policy(allow('*')) }],
      },
    ],
  });
  const found = findings.find(({ rule, principalArn }) => rule === 'escalation-path' && principalArn === SELF);
  expect(found?.evidence['certainty'] ?? null).toBe(expected);
});
