import {
  account,
  administratorPaths,
  deny,
  everything,
  iam,
  ID,
  roleOf,
  userOf,
  type Json,
} from '../../support/administrator-paths.ts';
import { allow, document, inline, trustOf } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const root = { AWS: `${iam}root` };
const equals = (key: string, value: unknown): Json => ({ Condition: { StringEquals: { [key]: value } } });
const boss = (trust: Json, more: Json = {}): Json => roleOf('boss', trust, { inline: everything, ...more });
const user = (statements: readonly Json[], more: Json = {}) => [
  userOf('dev', { inline: inline(...statements), ...more }),
];
const ownTags = (more: Json = {}): Json => allow('iam:TagUser', `${iam}user/dev`, more);

describe('a principal that may set its own tag', () => {
  const trusted = [boss(trustOf(root, 'sts:AssumeRole', equals('aws:PrincipalTag/team', 'admin')))];
  const assumes = allow('sts:AssumeRole');

  test('meets a condition of a trust policy on that tag', async () => {
    expect(await administratorPaths({ users: user([ownTags(), assumes]), roles: trusted })).toEqual([
      'certain, tag-own-user user/dev, sts-001 role/boss',
    ]);
    expect(await administratorPaths({ users: user([assumes]), roles: trusted })).toEqual([]);
  });

  test('only with a value and a name that it may set', async () => {
    const otherValue = ownTags(equals('aws:RequestTag/team', 'dev'));
    expect(await administratorPaths({ users: user([otherValue, assumes]), roles: trusted })).toEqual([]);
    const otherName = ownTags({ Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['cost'] } } });
    expect(await administratorPaths({ users: user([otherName, assumes]), roles: trusted })).toEqual([]);
  });

  test('meets a condition of its own policies, and of a service control policy', async () => {
    const tagged = allow('*', '*', equals('aws:PrincipalTag/admin', 'true'));
    expect(await administratorPaths({ users: user([ownTags(), tagged]) })).toEqual(['certain, tag-own-user user/dev']);
    const guard = deny('iam:Put*', { Condition: { StringNotEquals: { 'aws:PrincipalTag/role': 'breakglass' } } });
    const scps = [[document(allow('*'), guard)]];
    const puts = allow('iam:PutUserPolicy', `${iam}user/dev`);
    expect(await administratorPaths({ users: user([ownTags(), puts]), scps })).toEqual([
      'certain, tag-own-user user/dev, iam-007 user/dev',
    ]);
    expect(await administratorPaths({ users: user([puts]), scps })).toEqual([]);
  });

  test('gets the tag that its target has, where both must be equal', async () => {
    const same = allow('sts:AssumeRole', '*', equals('aws:ResourceTag/team', '${aws:PrincipalTag/team}'));
    const own = { tags: { team: 'dev' } };
    const roles = [boss(account, { tags: { team: 'platform' } })];
    expect(await administratorPaths({ users: user([ownTags(), same], own), roles })).toEqual([
      'certain, tag-own-user user/dev, sts-001 role/boss',
    ]);
    expect(await administratorPaths({ users: user([same], own), roles })).toEqual([]);
  });

  test('gets the tag that makes an ARN with a variable the ARN of a role', async () => {
    const named = allow('sts:AssumeRole', `${iam}role/\${aws:PrincipalTag/team}-admin`);
    const roles = [roleOf('ops-admin', account, { inline: everything })];
    expect(await administratorPaths({ users: user([ownTags(), named]), roles })).toEqual([
      'certain, tag-own-user user/dev, sts-001 role/ops-admin',
    ]);
  });

  test('removes a tag that denies it something', async () => {
    const removes = allow('iam:UntagUser', `${iam}user/dev`);
    const limited = deny(['iam:P*', 'iam:A*'], equals('aws:PrincipalTag/limited', 'true'));
    const puts = allow('iam:PutUserPolicy', `${iam}user/dev`);
    const tags = { tags: { limited: 'true' } };
    expect(await administratorPaths({ users: user([removes, puts, limited], tags) })).toEqual([
      'certain, untag-own-user user/dev, iam-007 user/dev',
    ]);
    expect(await administratorPaths({ users: user([puts, limited], tags) })).toEqual([]);
  });
});

describe('a principal that may set the tag of another', () => {
  const tagsRoles = allow('iam:TagRole', `${iam}role/*`);
  const open = equals('aws:ResourceTag/open', 'yes');

  test('may then do what is allowed on those with the tag', async () => {
    const assumes = allow('sts:AssumeRole', '*', open);
    const roles = [boss(account)];
    expect(await administratorPaths({ users: user([tagsRoles, assumes]), roles })).toEqual([
      'certain, tag-own-role role/boss, sts-001 role/boss',
    ]);
    expect(await administratorPaths({ users: user([assumes]), roles })).toEqual([]);
    const elsewhere = allow('iam:TagRole', `${iam}role/other`);
    expect(await administratorPaths({ users: user([elsewhere, assumes]), roles })).toEqual([]);
  });

  test('may then pass the role', async () => {
    const passes = [allow('iam:PassRole', '*', open), allow(['lambda:CreateFunction', 'lambda:InvokeFunction'])];
    const roles = [boss(trustOf({ Service: 'lambda.amazonaws.com' }))];
    expect(await administratorPaths({ users: user([tagsRoles, ...passes]), roles })).toEqual([
      'certain, tag-own-role role/boss, lambda-001 role/boss',
    ]);
    expect(await administratorPaths({ users: user(passes), roles })).toEqual([]);
  });

  test('removes the tag that protects it', async () => {
    const removes = allow(['iam:UntagRole', 'iam:UpdateAssumeRolePolicy']);
    const guard = deny('iam:UpdateAssumeRolePolicy', equals('aws:ResourceTag/protected', 'true'));
    const roles = [boss(trustOf({ Service: 'ec2.amazonaws.com' }), { tags: { protected: 'true' } })];
    expect(await administratorPaths({ users: user([removes, guard]), roles })).toEqual([
      'certain, untag-own-role role/boss, iam-012 role/boss',
    ]);
    const cannot = allow('iam:UpdateAssumeRolePolicy');
    expect(await administratorPaths({ users: user([cannot, guard]), roles })).toEqual([]);
  });

  test('sets the tag of a policy that it may then change', async () => {
    const changes = allow('iam:CreatePolicyVersion', '*', open);
    const policies = [{ name: 'm', doc: document(allow('sqs:*')) }];
    const managed = { managed: [`${iam}policy/m`] };
    expect(await administratorPaths({ users: user([allow('iam:TagPolicy'), changes], managed), policies })).toEqual([
      'certain, iam-001 user/dev',
    ]);
    expect(await administratorPaths({ users: user([changes], managed), policies })).toEqual([
      'conditional, iam-001 user/dev',
    ]);
  });

  test('tags a user, and takes it over', async () => {
    const users = [userOf('bob', { inline: inline(allow('sts:AssumeRole')) })];
    const roles = [boss(trustOf(root, 'sts:AssumeRole', equals('aws:PrincipalTag/team', 'admin')))];
    const dev = [allow(['iam:TagUser', 'iam:CreateAccessKey'], `${iam}user/bob`)];
    expect(await administratorPaths({ dev, users, roles })).toContain(
      'certain, tag-own-user user/bob, iam-002 user/bob, sts-001 role/boss',
    );
    expect(await administratorPaths({ dev: [allow('iam:CreateAccessKey', `${iam}user/bob`)], users, roles })).toEqual(
      [],
    );
  });
});

describe('a session tag', () => {
  const both = ['sts:AssumeRole', 'sts:TagSession'];
  const app = (actions: unknown, ...statements: Json[]) =>
    roleOf('app', trustOf(root, actions), { inline: inline(...statements) });
  const tagged = allow('*', '*', equals('aws:PrincipalTag/admin', 'true'));
  const calls = (actions: unknown) => user([allow(actions, `${iam}role/app`)]);

  test('gives a role what its policies allow with the tag', async () => {
    expect(await administratorPaths({ users: calls(both), roles: [app(both, tagged)] })).toEqual([
      'certain, assume-role-tag-session role/app',
    ]);
  });

  test('is no way if the caller or the trust policy does not allow it', async () => {
    expect(await administratorPaths({ users: calls('sts:AssumeRole'), roles: [app(both, tagged)] })).toEqual([]);
    expect(await administratorPaths({ users: calls(both), roles: [app('sts:AssumeRole', tagged)] })).toEqual([]);
  });

  test('leads on to a role that trusts only sessions with the tag', async () => {
    const next = boss(trustOf(root, 'sts:AssumeRole', equals('aws:PrincipalTag/team', 'admin')));
    const roles = [app(both, allow('sts:AssumeRole', `${iam}role/boss`)), next];
    expect(await administratorPaths({ users: calls(both), roles })).toEqual([
      'certain, assume-role-tag-session role/app, sts-001 role/boss',
    ]);
    expect(await administratorPaths({ users: calls('sts:AssumeRole'), roles })).toEqual([]);
  });

  test('does not hide what the role may do without one', async () => {
    const passes = allow('iam:PassRole', `${iam}role/x`);
    const roles = [app(both, passes, allow('sqs:*', '*', equals('aws:PrincipalTag/team', 'red')))];
    const { findings } = await scanned({ id: ID, users: calls('sts:AssumeRole'), roles });
    expect(findings.map(({ rule, evidence }) => [rule, evidence['gains']])).toContainEqual([
      'escalation-path',
      ['iam:PassRole'],
    ]);
  });
});
