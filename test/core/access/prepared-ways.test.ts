import {
  account,
  administratorPaths,
  deny,
  everything,
  iam,
  reads,
  roleOf,
  service,
  userOf,
  type Json,
} from '../../support/administrator-paths.ts';
import { allow, document, inline, trustOf } from '../../support/policy-documents.ts';

const admins = { name: 'admins', inline: everything };
const readers = { name: 'readers', inline: reads };
const addsToAdmins = allow('iam:AddUserToGroup', `${iam}group/admins`);
const onBob = (...actions: string[]): Json => allow(actions, `${iam}user/bob`);

describe('another user is made more powerful, and then taken over', () => {
  test('by a group, with a key, a new password or a changed password', async () => {
    const users = [userOf('bob')];
    const groups = [admins];
    const by = (...actions: string[]) => administratorPaths({ dev: [addsToAdmins, onBob(...actions)], users, groups });
    expect(await by('iam:CreateAccessKey')).toEqual(['certain, iam-013 user/bob, iam-002 user/bob']);
    expect(await by('iam:CreateLoginProfile')).toEqual(['certain, iam-013 user/bob, iam-004 user/bob']);
    // The user has no password.
    expect(await by('iam:UpdateLoginProfile')).toEqual([]);
    const withPassword = [userOf('bob', { cred: { password_enabled: 'true' } })];
    const changes = [addsToAdmins, onBob('iam:UpdateLoginProfile')];
    expect(await administratorPaths({ dev: changes, users: withPassword, groups })).toEqual([
      'certain, iam-013 user/bob, iam-006 user/bob',
    ]);
  });

  test('not by a group that gives nothing, nor if the user is another, or is denied what the group allows', async () => {
    const dev = [addsToAdmins, onBob('iam:CreateAccessKey')];
    expect(await administratorPaths({ dev, users: [userOf('carl')], groups: [admins] })).toEqual([]);
    expect(await administratorPaths({ dev, users: [userOf('bob')], groups: [{ ...readers, name: 'admins' }] })).toEqual(
      [],
    );
    const denied = [userOf('bob', { inline: inline(deny('iam:*')) })];
    expect(await administratorPaths({ dev, users: denied, groups: [admins] })).toEqual([]);
  });

  test('by a policy of a group in which the user is', async () => {
    const dev = (action: string) => [allow(action, `${iam}group/readers`), onBob('iam:CreateAccessKey')];
    const member = [userOf('bob', { groups: ['readers'] })];
    expect(await administratorPaths({ dev: dev('iam:PutGroupPolicy'), users: member, groups: [readers] })).toEqual([
      'certain, iam-011 user/bob, iam-002 user/bob',
    ]);
    expect(await administratorPaths({ dev: dev('iam:AttachGroupPolicy'), users: member, groups: [readers] })).toEqual([
      'certain, iam-010 user/bob, iam-002 user/bob',
    ]);
    expect(
      await administratorPaths({ dev: dev('iam:PutGroupPolicy'), users: [userOf('bob')], groups: [readers] }),
    ).toEqual([]);
  });

  test('by a policy of the user, and a password', async () => {
    const users = [userOf('bob')];
    const dev = [onBob('iam:AttachUserPolicy', 'iam:CreateLoginProfile')];
    expect(await administratorPaths({ dev, users })).toEqual(['certain, iam-008 user/bob, iam-004 user/bob']);
  });

  test('by a policy that a condition allows, and that leads further', async () => {
    const policies = [{ name: 'ops', doc: document(allow('sts:AssumeRole', `${iam}role/boss`)) }];
    const roles = [roleOf('boss', account, { inline: everything })];
    const limit = { Condition: { ArnEquals: { 'iam:PolicyARN': `${iam}policy/ops` } } };
    const dev = [allow('iam:AttachUserPolicy', '*', limit), onBob('iam:CreateAccessKey')];
    expect(await administratorPaths({ dev, users: [userOf('bob')], roles, policies })).toEqual([
      'certain, iam-008 user/bob, iam-002 user/bob, sts-001 role/boss',
    ]);
  });

  test('by removing its boundary and adding a policy', async () => {
    const policies = [{ name: 'limit', doc: document(allow('sqs:*')) }];
    const users = [userOf('bob', { boundary: `${iam}policy/limit` })];
    const all = ['iam:DeleteUserPermissionsBoundary', 'iam:PutUserPolicy', 'iam:CreateAccessKey'];
    expect(await administratorPaths({ dev: [onBob(...all)], users, policies })).toEqual([
      'certain, iam-delete-user-permissions-boundary user/bob, iam-007 user/bob, iam-002 user/bob',
    ]);
    expect(await administratorPaths({ dev: [onBob(...all.slice(1))], users, policies })).toEqual([]);
  });
});

describe('a role is made more powerful, and then assumed or passed', () => {
  const lambda = trustOf({ Service: 'lambda.amazonaws.com' });
  const runs = allow(['lambda:CreateFunction', 'lambda:InvokeFunction']);

  test('by an earlier version of its policy', async () => {
    const versions = (doc: Json) => [{ name: 'm', doc: document(allow('sqs:*')), versions: [doc] }];
    const roles = [roleOf('app', account, { managed: [`${iam}policy/m`] })];
    const dev = [allow('iam:SetDefaultPolicyVersion', `${iam}policy/m`), allow('sts:AssumeRole', `${iam}role/app`)];
    expect(await administratorPaths({ dev, roles, policies: versions(document(allow('*'))) })).toEqual([
      'certain, set-default-policy-version role/app, sts-001 role/app',
    ]);
    expect(await administratorPaths({ dev, roles, policies: versions(document(allow('sns:*'))) })).toEqual([]);
  });

  test('by a policy, and then passed to a function', async () => {
    const dev = [allow('iam:AttachRolePolicy', `${iam}role/fn`), allow('iam:PassRole', `${iam}role/fn`), runs];
    expect(await administratorPaths({ dev, roles: [roleOf('fn', lambda)] })).toEqual([
      'certain, iam-009 role/fn, lambda-001 role/fn',
    ]);
    expect(await administratorPaths({ dev, roles: [roleOf('fn', service)] })).toEqual([]);
  });

  test('by deleting a policy that denies what its other policies allow', async () => {
    const guarded = [...everything, { name: 'guard', doc: document(deny('iam:*')) }];
    const roles = [roleOf('app', account, { inline: guarded })];
    const dev = [allow(['iam:DeleteRolePolicy', 'sts:AssumeRole'], `${iam}role/app`)];
    expect(await administratorPaths({ dev, roles })).toEqual([
      'certain, delete-own-role-policy role/app, sts-001 role/app',
    ]);
    expect(await administratorPaths({ dev: [allow('sts:AssumeRole', `${iam}role/app`)], roles })).toEqual([]);
  });
});

describe('a change of itself that leads further', () => {
  const boss = (trust: Json) => roleOf('boss', trust, { inline: everything });
  const user = (statements: readonly Json[], more: Json = {}) => [
    userOf('dev', { inline: inline(...statements), ...more }),
  ];

  test('a group that may assume a role', async () => {
    const groups = [readers, { name: 'ops', inline: inline(allow('sts:AssumeRole', `${iam}role/boss`)) }];
    const adds = (group: string) => user([allow('iam:AddUserToGroup', `${iam}group/${group}`)]);
    const roles = [boss(account)];
    expect(await administratorPaths({ users: adds('ops'), groups, roles })).toEqual([
      'certain, iam-013 user/dev, sts-001 role/boss',
    ]);
    expect(await administratorPaths({ users: adds('readers'), groups, roles })).toEqual([]);
  });

  test('a boundary without which it may pass a role', async () => {
    const policies = [{ name: 'limit', doc: document(allow(['lambda:*', 'iam:DeleteUserPermissionsBoundary'])) }];
    const roles = [boss(trustOf({ Service: 'lambda.amazonaws.com' }))];
    const passes = [allow(['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction'])];
    const limited = { boundary: `${iam}policy/limit` };
    const removes = allow('iam:DeleteUserPermissionsBoundary', `${iam}user/dev`);
    expect(await administratorPaths({ users: user([...passes, removes], limited), roles, policies })).toEqual([
      'certain, iam-delete-user-permissions-boundary user/dev, lambda-001 role/boss',
    ]);
    expect(await administratorPaths({ users: user(passes, limited), roles, policies })).toEqual([]);
  });

  test('a new user in a group that may assume a role', async () => {
    const dev = [
      allow(['iam:CreateUser', 'iam:CreateAccessKey'], `${iam}user/new-*`),
      allow('iam:AddUserToGroup', `${iam}group/ops`),
    ];
    const ops = (role: string) => [{ name: 'ops', inline: inline(allow('sts:AssumeRole', `${iam}role/${role}`)) }];
    const roles = [boss(account)];
    expect(await administratorPaths({ dev, groups: ops('boss'), roles })).toEqual([
      'certain, create-user-add-to-group-create-access-key user/new-user, sts-001 role/boss',
    ]);
    expect(await administratorPaths({ dev, groups: ops('other'), roles })).toEqual([]);
  });
});

describe('a new role that must have a boundary', () => {
  const policies = [{ name: 'limit', doc: document(allow('sqs:*')) }];
  const onlyBounded = { Condition: { StringEquals: { 'iam:PermissionsBoundary': `${iam}policy/limit` } } };
  const creates = allow(['iam:CreateRole', 'iam:PutRolePolicy'], `${iam}role/app-*`, onlyBounded);

  test('is no limit if the boundary can be deleted or replaced, or its policy can be changed', async () => {
    const lifts = [
      allow('iam:DeleteRolePermissionsBoundary', `${iam}role/app-*`),
      allow('iam:PutRolePermissionsBoundary', `${iam}role/app-*`),
      allow('iam:CreatePolicyVersion', `${iam}policy/limit`),
    ];
    for (const lift of lifts) {
      expect(await administratorPaths({ dev: [creates, lift], policies })).toEqual([
        'certain, create-role-put-policy role/dev',
      ]);
    }
  });

  test('is limited if these are allowed on others only', async () => {
    const others = [
      allow('iam:DeleteRolePermissionsBoundary', `${iam}role/other-*`),
      allow('iam:PutRolePermissionsBoundary', `${iam}role/app-*`, onlyBounded),
      allow('iam:CreatePolicyVersion', `${iam}policy/other`),
    ];
    expect(await administratorPaths({ dev: [creates, ...others], policies })).toEqual([]);
  });
});
