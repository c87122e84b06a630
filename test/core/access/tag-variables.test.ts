import { AccountAccess } from '../../../core/access/account-access.ts';
import { AccessGraph } from '../../../core/access/graph/access-graph.ts';
import { nodeOf, TextNumbers } from '../../../core/access/node.ts';
import {
  account,
  administratorPaths,
  deny,
  everything,
  iam,
  roleOf,
  userOf,
  type Json,
} from '../../support/administrator-paths.ts';
import { allow, document, inline, trustOf } from '../../support/policy-documents.ts';
import { principalRecord } from '../../support/principal-record.ts';

const root = { AWS: `${iam}root` };
const service = trustOf({ Service: 'ec2.amazonaws.com' });
const equals = (keys: Json): Json => ({ Condition: { StringEquals: keys } });
const ownerIsCaller = equals({ 'aws:ResourceTag/owner': '${aws:username}' });
const user = (statements: readonly Json[], tags: Json = {}) => [userOf('dev', { inline: inline(...statements), tags })];
const boss = (trust: Json, tags: Json = {}): Json => roleOf('boss', trust, { inline: everything, tags });
const tagsRoles = (more: Json = {}): Json => allow('iam:TagRole', '*', more);

describe('a condition that compares a tag with the caller, who may set the tag', () => {
  const assumes = allow('sts:AssumeRole', '*', ownerIsCaller);
  const roles = [boss(account, { owner: 'other' })];
  const found = ['certain, tag-own-role role/boss, sts-001 role/boss'];

  test('with the user’s name', async () => {
    expect(await administratorPaths({ users: user([assumes, tagsRoles()]), roles })).toEqual(found);
    expect(await administratorPaths({ users: user([assumes]), roles })).toEqual([]);
    const elsewhere = allow('iam:TagRole', `${iam}role/other`);
    expect(await administratorPaths({ users: user([assumes, elsewhere]), roles })).toEqual([]);
  });

  test('with a part of it', async () => {
    const like = { Condition: { StringLike: { 'aws:ResourceTag/owner': '${aws:username}-*' } } };
    expect(await administratorPaths({ users: user([allow('sts:AssumeRole', '*', like), tagsRoles()]), roles })).toEqual(
      found,
    );
  });

  test('with another tag of the user', async () => {
    const same = allow('sts:AssumeRole', '*', equals({ 'aws:ResourceTag/owner': '${aws:PrincipalTag/me}' }));
    expect(await administratorPaths({ users: user([same, tagsRoles()], { me: 'ann' }), roles })).toEqual(found);
    // Without the tag, the condition never holds.
    expect(await administratorPaths({ users: user([same, tagsRoles()]), roles })).toEqual([]);
  });

  test('only with a value and a key that it may set', async () => {
    const by = async (more: Json): Promise<string[]> =>
      await administratorPaths({ users: user([assumes, tagsRoles(more)]), roles });
    expect(await by(equals({ 'aws:RequestTag/owner': '${aws:username}' }))).toEqual(found);
    expect(await by(equals({ 'aws:RequestTag/owner': ['zoe', 'dev'] }))).toEqual(found);
    expect(await by(equals({ 'aws:RequestTag/owner': ['zoe', 'ann'] }))).toEqual([]);
    const keys = (...allowed: string[]): Json => ({
      Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': allowed } },
    });
    expect(await by(keys('cost', 'owner'))).toEqual(found);
    expect(await by(keys('cost'))).toEqual([]);
    // Only its own roles, which is what it lacks.
    expect(await by(ownerIsCaller)).toEqual([]);
  });

  test('chooses a value that both the condition and the tagging statement allow', async () => {
    const like = { Condition: { StringLike: { 'aws:ResourceTag/stage': 'dev-*' } } };
    const limited = tagsRoles(equals({ 'aws:RequestTag/stage': ['prod', 'dev-7'] }));
    const takes = allow('sts:AssumeRole', '*', like);
    expect(await administratorPaths({ users: user([takes, limited]), roles })).toEqual(found);
    const other = tagsRoles(equals({ 'aws:RequestTag/stage': ['prod', 'test'] }));
    expect(await administratorPaths({ users: user([takes, other]), roles })).toEqual([]);
  });

  test('sets several tags at once, and removes another one', async () => {
    const both = equals({ 'aws:ResourceTag/owner': '${aws:username}', 'aws:ResourceTag/team': 'red' });
    const takes = allow('sts:AssumeRole', '*', both);
    expect(await administratorPaths({ users: user([takes, tagsRoles()]), roles })).toEqual(found);
    const guard = deny('sts:AssumeRole', { Condition: { Null: { 'aws:ResourceTag/protected': 'false' } } });
    const guarded = [boss(account, { protected: 'yes', team: 'red' })];
    const removes = allow('iam:UntagRole');
    expect(await administratorPaths({ users: user([takes, guard, tagsRoles(), removes]), roles: guarded })).toEqual([
      'certain, tag-own-role role/boss, untag-own-role role/boss, sts-001 role/boss',
    ]);
    expect(await administratorPaths({ users: user([takes, guard, tagsRoles()]), roles: guarded })).toEqual([]);
  });

  test('by each way to act as another principal', async () => {
    const changes = allow('iam:UpdateAssumeRolePolicy', '*', ownerIsCaller);
    expect(await administratorPaths({ users: user([changes, tagsRoles()]), roles: [boss(service)] })).toEqual([
      'certain, tag-own-role role/boss, iam-012 role/boss',
    ]);
    const keys = [allow('iam:CreateAccessKey', '*', ownerIsCaller), allow('iam:TagUser', `${iam}user/root2`)];
    const powerful = (name: string): Json => userOf(name, { inline: everything });
    expect(await administratorPaths({ users: [...user(keys), powerful('root2')] })).toEqual([
      'certain, tag-own-user user/root2, iam-002 user/root2',
    ]);
    expect(await administratorPaths({ users: [...user(keys), powerful('other')] })).toEqual([]);
  });

  test('for a role that is one of many', async () => {
    const many = Array.from({ length: 40 }, (_, n) => roleOf(`r${n}`, account, { tags: { owner: `u${n}` } }));
    expect(await administratorPaths({ users: user([assumes, tagsRoles()]), roles: [...many, ...roles] })).toEqual(
      found,
    );
  });
});

describe('a principal that may set its own tag', () => {
  const same = allow('sts:AssumeRole', '*', equals({ 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' }));
  const ownTags = (more: Json = {}): Json => allow('iam:TagUser', `${iam}user/\${aws:username}`, more);
  const found = ['certain, tag-own-user user/dev, sts-001 role/boss'];

  test('gets the team of a powerful role, also if many teams exist', async () => {
    const others = Array.from({ length: 60 }, (_, n) => roleOf(`r${n}`, account, { tags: { team: `t${n}` } }));
    const roles = [...others, boss(account, { team: 'zulu' })];
    expect(await administratorPaths({ users: user([same, ownTags()], { team: 'dev' }), roles })).toEqual(found);
    const limited = ownTags(equals({ 'aws:RequestTag/team': ['dev', 'ops'] }));
    expect(await administratorPaths({ users: user([same, limited], { team: 'dev' }), roles })).toEqual([]);
    const otherKey = ownTags({ Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['cost'] } } });
    expect(await administratorPaths({ users: user([same, otherKey], { team: 'dev' }), roles })).toEqual([]);
  });

  test('meets a trust policy that compares the caller’s tag with the role’s', async () => {
    const trust = trustOf(root, 'sts:AssumeRole', equals({ 'aws:PrincipalTag/team': '${aws:ResourceTag/team}' }));
    const assumes = allow('sts:AssumeRole');
    // The roles have the same trust policy, and different tags.
    const roles = [roleOf('app', trust, { tags: { team: 'dev' } }), boss(trust, { team: 'ops' })];
    expect(await administratorPaths({ users: user([assumes, ownTags()]), roles })).toEqual(found);
    expect(await administratorPaths({ users: user([assumes], { team: 'ops' }), roles })).toEqual([
      'certain, sts-001 role/boss',
    ]);
    expect(await administratorPaths({ users: user([assumes], { team: 'dev' }), roles })).toEqual([]);
  });

  test('meets a trust policy that needs two tags', async () => {
    const needed = equals({ 'aws:PrincipalTag/team': 'ops', 'aws:PrincipalTag/level': '3' });
    const roles = [boss(trustOf(root, 'sts:AssumeRole', needed))];
    const assumes = allow('sts:AssumeRole');
    expect(await administratorPaths({ users: user([assumes, ownTags()], { team: 'dev' }), roles })).toEqual(found);
    const onlyTeam = ownTags({ Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } } });
    expect(await administratorPaths({ users: user([assumes, onlyTeam]), roles })).toEqual([]);
    expect(await administratorPaths({ users: user([assumes, onlyTeam], { level: '3' }), roles })).toEqual(found);
  });
});

describe('a trust policy with a condition on the role’s own tag', () => {
  const trust = trustOf(root, 'sts:AssumeRole', equals({ 'aws:ResourceTag/owner': '${aws:username}' }));
  const assumes = allow('sts:AssumeRole');

  test('is met by who may set it', async () => {
    const roles = [boss(trust, { owner: 'other' })];
    expect(await administratorPaths({ users: user([assumes, tagsRoles()]), roles })).toEqual([
      'certain, tag-own-role role/boss, sts-001 role/boss',
    ]);
    expect(await administratorPaths({ users: user([assumes]), roles })).toEqual([]);
    expect(await administratorPaths({ users: user([assumes]), roles: [boss(trust, { owner: 'dev' })] })).toEqual([
      'certain, sts-001 role/boss',
    ]);
  });
});

describe('tags that are set at creation', () => {
  const creates = (more: Json = {}): Json => allow('iam:CreateRole', `${iam}role/x-*`, more);
  const puts = allow('iam:PutRolePolicy', `${iam}role/x-*`, ownerIsCaller);
  const requested = equals({ 'aws:RequestTag/owner': '${aws:username}' });
  const tagsNew = allow('iam:TagRole', `${iam}role/x-*`);

  test('let the creator give the new role permissions', async () => {
    const found = ['certain, create-role-put-policy user/dev'];
    expect(await administratorPaths({ users: user([creates(requested), puts, tagsNew]) })).toEqual(found);
    expect(await administratorPaths({ users: user([creates(), puts, tagsNew]) })).toEqual(found);
  });

  test('but not with a value that it may not set, or without the permission to set tags', async () => {
    const other = equals({ 'aws:RequestTag/owner': 'ann' });
    expect(await administratorPaths({ users: user([creates(other), puts, tagsNew]) })).toEqual([]);
    expect(await administratorPaths({ users: user([creates(), puts]) })).toEqual([]);
    const tagsAnn = allow('iam:TagRole', `${iam}role/x-*`, other);
    expect(await administratorPaths({ users: user([creates(), puts, tagsAnn]) })).toEqual([]);
    const anyTag = { Condition: { Null: { 'aws:RequestTag/cost': 'false' } } };
    const putsAny = allow('iam:PutRolePolicy', `${iam}role/x-*`);
    expect(await administratorPaths({ users: user([creates(anyTag), putsAny]) })).toEqual([]);
    expect(await administratorPaths({ users: user([creates(anyTag), putsAny, tagsNew]) })).toEqual([
      'certain, create-role-put-policy user/dev',
    ]);
  });
});

describe('a tag that the target has', () => {
  const level = { level: 'low' };
  const with_ = (operator: string, values: unknown, key = 'aws:ResourceTag/level'): Json => ({
    Condition: { [operator]: { [key]: values } },
  });
  const holds: readonly Json[] = [
    with_('StringEquals', 'low'),
    with_('StringEquals', 'low', 'iam:ResourceTag/level'),
    with_('StringEquals', 'low', 'aws:ResourceTag/LEVEL'),
    with_('StringLike', 'l*'),
    with_('StringEqualsIfExists', 'low'),
    with_('StringEqualsIfExists', 'x', 'aws:ResourceTag/none'),
    with_('StringNotEquals', 'high'),
    with_('StringNotEquals', 'x', 'aws:ResourceTag/none'),
    with_('Null', 'false'),
    with_('Null', 'true', 'aws:ResourceTag/none'),
  ];
  const fails: readonly Json[] = [
    with_('StringEquals', 'high'),
    with_('StringEquals', 'LOW'),
    with_('StringLike', 'h*'),
    with_('StringEqualsIfExists', 'high'),
    with_('StringEquals', 'x', 'aws:ResourceTag/none'),
    with_('StringNotEquals', 'low'),
    with_('StringNotEqualsIfExists', 'low'),
    with_('Null', 'true'),
    with_('Null', 'false', 'aws:ResourceTag/none'),
  ];
  const victim = userOf('victim', { inline: everything, tags: level });
  const ec2 = [allow('ec2:RunInstances')];
  const lambda = trustOf({ Service: 'lambda.amazonaws.com' });
  const runs = [allow(['lambda:CreateFunction', 'lambda:InvokeFunction'])];
  /** The gain, the actions on the target, its other permissions, and what the account has besides. */
  const gains: readonly (readonly [
    string,
    readonly string[],
    readonly Json[],
    Parameters<typeof administratorPaths>[0],
  ])[] = [
    ['sts-001', ['sts:AssumeRole'], [], { roles: [boss(account, level)] }],
    ['iam-012', ['iam:UpdateAssumeRolePolicy'], [], { roles: [boss(service, level)] }],
    ['iam-014', ['iam:AttachRolePolicy', 'sts:AssumeRole'], [], { roles: [roleOf('app', account, { tags: level })] }],
    ['iam-017', ['iam:PutRolePolicy', 'sts:AssumeRole'], [], { roles: [roleOf('app', account, { tags: level })] }],
    ['iam-002', ['iam:CreateAccessKey'], [], { users: [victim] }],
    ['iam-004', ['iam:CreateLoginProfile'], [], { users: [victim] }],
    ['iam-018', ['iam:PutUserPolicy', 'iam:CreateAccessKey'], [], { users: [userOf('victim', { tags: level })] }],
    ['lambda-001', ['iam:PassRole'], runs, { roles: [boss(lambda, level)] }],
    ['ec2-001', ['iam:PassRole'], ec2, { roles: [{ ...boss(service, level), instanceProfiles: ['boss'] }] }],
  ];

  test.each(gains)('decides about %s', async (id, actions, more, { users = [], roles = [] }) => {
    for (const condition of holds) {
      const dev = user([allow(actions, [`${iam}role/*`, `${iam}user/victim`], condition), ...more]);
      const paths = await administratorPaths({ users: [...dev, ...users], roles });
      expect([condition, paths]).toEqual([condition, [expect.stringMatching(/^certain, /)]]);
      expect(paths[0]).toContain(id);
    }
    for (const condition of fails) {
      const dev = user([allow(actions, [`${iam}role/*`, `${iam}user/victim`], condition), ...more]);
      const paths = await administratorPaths({ users: [...dev, ...users], roles });
      expect([condition, paths]).toEqual([condition, []]);
    }
  });

  test('decides about its own permissions', async () => {
    const puts = (condition: Json): Json => allow('iam:PutUserPolicy', `${iam}user/dev`, condition);
    for (const condition of holds) {
      expect(await administratorPaths({ users: user([puts(condition)], level) })).toEqual([
        'certain, iam-007 user/dev',
      ]);
    }
    for (const condition of fails) {
      expect([condition, await administratorPaths({ users: user([puts(condition)], level) })]).toEqual([condition, []]);
    }
  });

  test('is none for a group', async () => {
    const groups = [{ name: 'admins', inline: everything }];
    const adds = (condition: Json): Json => allow('iam:AddUserToGroup', '*', condition);
    expect(await administratorPaths({ users: user([adds(with_('StringEquals', 'low'))]), groups })).toEqual([]);
    expect(await administratorPaths({ users: user([adds(with_('StringNotEquals', 'low'))]), groups })).toEqual([
      'certain, iam-013 user/dev',
    ]);
  });
});

describe('a condition on the tag that a role has itself', () => {
  const tagged = (operator: string, value: string, key = 'aws:PrincipalTag/admin'): Json[] =>
    inline(allow('*', '*', { Condition: { [operator]: { [key]: value } } }));
  const app = (more: Json, actions: unknown = 'sts:AssumeRole'): Json => roleOf('app', trustOf(root, actions), more);
  const dev = user([allow('sts:AssumeRole', `${iam}role/app`)]);
  const tags = { admin: 'true' };

  test('is known, so what the role gives is certain', async () => {
    const found = ['certain, sts-001 role/app'];
    for (const inline_ of [
      tagged('StringEquals', 'true'),
      tagged('StringNotEquals', 'false'),
      tagged('StringEqualsIfExists', 'x', 'aws:PrincipalTag/none'),
      tagged('Null', 'true', 'aws:PrincipalTag/none'),
    ]) {
      expect(await administratorPaths({ users: dev, roles: [app({ inline: inline_, tags })] })).toEqual(found);
    }
    for (const inline_ of [
      tagged('StringEquals', 'false'),
      tagged('StringNotEquals', 'true'),
      tagged('StringEquals', 'x', 'aws:PrincipalTag/none'),
      tagged('Null', 'true'),
    ]) {
      expect(await administratorPaths({ users: dev, roles: [app({ inline: inline_, tags })] })).toEqual([]);
    }
  });

  test('is known to the access graph, also if the simulation did not know it', async () => {
    const numbers = new TextNumbers();
    const record = principalRecord({ type: 'role', name: 'app', tags, permissionsStatus: 'PARTIAL' });
    const graphWith = (value: string, trust: Json): AccessGraph => {
      const own = document(allow('*', '*', equals({ 'aws:PrincipalTag/admin': value })));
      const policy = { kind: 'inline', name: 'own', group: null, document: JSON.stringify(own) } as const;
      const stored = {
        arn: record.arn,
        policies: [policy],
        boundary: null,
        groups: [],
        trust: JSON.stringify(trust),
        instanceProfiles: null,
      };
      const facts = { accountId: record.accountId, partition: 'aws', now: 0, organization: { id: 'none' } };
      const more = { isManagementAccount: null, serviceControl: null };
      const node = nodeOf(record, stored, numbers);
      return new AccessGraph(new AccountAccess({ ...facts, ...more }, [node], new Map(), new Map()));
    };
    const isAdministrator = (graph: AccessGraph) => graph.account.principal(record.arn)?.isAdministrator;
    const service_ = trustOf({ Service: 'ec2.amazonaws.com' });
    expect(isAdministrator(graphWith('true', service_))).toBe(true);
    expect(isAdministrator(graphWith('false', service_))).toBe(false);
    // A session may have another tag.
    expect(isAdministrator(graphWith('true', trustOf(root, ['sts:AssumeRole', 'sts:TagSession'])))).toBe(false);
  });

  test('by each way to act as it', async () => {
    const roles = [
      roleOf('app', trustOf({ Service: 'lambda.amazonaws.com' }), { inline: tagged('StringEquals', 'true'), tags }),
    ];
    const passes = user([allow('iam:PassRole'), allow(['lambda:CreateFunction', 'lambda:InvokeFunction'])]);
    expect(await administratorPaths({ users: passes, roles })).toEqual(['certain, lambda-001 role/app']);
    expect(await administratorPaths({ users: user([allow('iam:UpdateAssumeRolePolicy')]), roles })).toEqual([
      'certain, iam-012 role/app',
    ]);
    const victim = userOf('victim', { inline: tagged('StringEquals', 'true'), tags });
    expect(
      await administratorPaths({ users: [...user([allow('iam:CreateAccessKey', `${iam}user/victim`)]), victim] }),
    ).toEqual(['certain, iam-002 user/victim']);
  });
});
