import { AccountAccess, type AccountFacts } from '../../../core/access/account-access.ts';
import { mayAssume } from '../../../core/access/assumable-roles.ts';
import { nodeOf, TextNumbers } from '../../../core/access/node.ts';
import type { NamedPolicy } from '../../../core/evaluation/policy-set.ts';
import type { StoredPolicies } from '../../../core/policies/read-policies.ts';
import { assumeRoleCases, type AssumeRoleCase, type Statements } from '../../support/policy-cases.ts';
import { principalRecord } from '../../support/principal-record.ts';

const HUB = '111122223333';
const MEMBER = '111122223334';
const START = Date.parse('2026-11-23T04:00:00Z');
const text = (statements: Statements, Version = '2012-10-17'): string =>
  JSON.stringify({ Version, Statement: statements });
const allowsAssuming: Statements = [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }];

const stored = (arn: string, given: Partial<StoredPolicies>): StoredPolicies => ({
  arn,
  policies: [],
  boundary: null,
  groups: [],
  trust: null,
  instanceProfiles: null,
  ...given,
});

function answerOf(wanted: AssumeRoleCase) {
  const numbers = new TextNumbers();
  const type = wanted.caller === 'user' ? 'user' : 'role';
  const [path, name] = type === 'user' ? ['/people/', 'ann'] : ['/apps/', 'ci'];
  const arn = `arn:aws:iam::${HUB}:${type}${path}${name}`;
  const caller = principalRecord({
    type,
    name,
    path,
    arn,
    accountId: HUB,
    tags: { team: 'red' },
    permissionsStatus: 'PARTIAL',
  });
  const document = text(wanted.identity ?? allowsAssuming);
  const node = nodeOf(
    caller,
    stored(arn, {
      policies: [{ kind: 'inline', name: 'own', group: null, document }],
      boundary: wanted.boundary === undefined ? null : { arn: 'arn:boundary', document: text(wanted.boundary) },
      trust: text([
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${HUB}:user/opener` }, Action: 'sts:AssumeRole' },
      ]),
    }),
    numbers,
  );
  const account = wanted.target === 'same' ? HUB : MEMBER;
  const roleArn = `arn:aws:iam::${account}:role/audit/reader`;
  const target = principalRecord({ name: 'reader', path: '/audit/', arn: roleArn, accountId: account });
  const role = nodeOf(target, stored(roleArn, { trust: text(wanted.trust, wanted.version) }), numbers);
  const facts: AccountFacts = {
    accountId: HUB,
    partition: 'aws',
    now: START,
    organization: { id: wanted.outside === true ? 'none' : 'o-exampleorg' },
    isManagementAccount: null,
    serviceControl:
      wanted.scps?.map((level) => level.map((one): NamedPolicy => ({ name: 'scp', document: text(one) }))) ?? null,
  };
  return mayAssume(new AccountAccess(facts, [node, role], new Map(), new Map()), node, role);
}

/**
 * Without cases whose request is refused only for something that the caller chooses: the graph asks whether some request
 * is allowed. And without session policies, and callers and roles that the account does not have.
 */
const cases = assumeRoleCases().filter(
  ({ name, session, caller, roleArn, sourceIdentity, tags }) =>
    session === undefined &&
    caller !== 'unknown' &&
    roleArn === undefined &&
    sourceIdentity === undefined &&
    tags === undefined &&
    name !== 'another session name' &&
    name !== 'another session of the role',
);

test.each(cases.map((wanted) => [wanted.name, wanted] as const))('%s', (_name, wanted) => {
  const { truth } = answerOf(wanted);
  // What STS allows to this request is never ruled out, and what is certain without choosing a key is what STS does.
  if (wanted.allowed) expect(truth).not.toBe(false);
  else expect(truth).not.toBe(true);
});

/** Whether the user `ann` of the hub may assume a role that trusts it by name under a condition. */
const underCondition = (Condition: object, Action: unknown = 'sts:AssumeRole', identity = allowsAssuming) => {
  const AWS = `arn:aws:iam::${HUB}:user/people/ann`;
  const trust = [{ Effect: 'Allow', Principal: { AWS }, Action, Condition }];
  return answerOf({ name: '', caller: 'user', target: 'same', allowed: true, trust, identity }).truth;
};

describe('a trust condition on what the caller chooses', () => {
  const tagged = { StringEquals: { 'aws:RequestTag/team': 'red' } };

  test('holds if it needs a session name and tags at once', () => {
    const both = { StringEquals: { 'sts:RoleSessionName': 'deploy', 'aws:RequestTag/team': 'red' } };
    expect(underCondition(both, ['sts:AssumeRole', 'sts:TagSession'])).toBe(true);
    expect(
      underCondition({ StringEquals: { 'sts:RoleSessionName': 'a' }, StringNotLike: { 'sts:RoleSessionName': '*' } }),
    ).toBe(false);
  });

  test('on session tags needs sts:TagSession in the trust policy, and nothing that denies it', () => {
    expect(underCondition(tagged, ['sts:AssumeRole', 'sts:TagSession'])).toBe(true);
    expect(underCondition(tagged)).toBe(false);
    const denied: Statements = [...allowsAssuming, { Effect: 'Deny', Action: 'sts:TagSession', Resource: '*' }];
    expect(underCondition(tagged, ['sts:AssumeRole', 'sts:TagSession'], denied)).toBe(false);
  });

  test('on the names of the tags holds for the tags that are sent', () => {
    const only = { ...tagged, 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } };
    expect(underCondition(only, ['sts:AssumeRole', 'sts:TagSession'])).toBe(true);
    const other = { ...tagged, 'ForAllValues:StringEquals': { 'aws:TagKeys': ['project'] } };
    expect(underCondition(other, ['sts:AssumeRole', 'sts:TagSession'])).toBe(false);
  });

  test('on the source identity needs sts:SetSourceIdentity', () => {
    const named = { StringEquals: { 'sts:SourceIdentity': 'ann' } };
    expect(underCondition(named, ['sts:AssumeRole', 'sts:SetSourceIdentity'])).toBe(true);
    expect(underCondition(named)).toBe(false);
  });
});
