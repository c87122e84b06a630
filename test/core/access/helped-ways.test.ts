import {
  account,
  administratorPaths,
  deny,
  everything,
  iam,
  roleOf,
  service,
  userOf,
  type Json,
} from '../../support/administrator-paths.ts';
import { allow, document, inline, trustIn } from '../../support/policy-documents.ts';

const assumes = (name: string): Json => allow('sts:AssumeRole', `${iam}role/${name}`);
/** A role that `dev` may assume. */
const helper = (...statements: readonly Json[]): Json =>
  roleOf('helper', account, statements.length === 0 ? {} : { inline: inline(...statements) });
const dev = (...statements: readonly Json[]): Json => userOf('dev', { inline: inline(...statements) });

describe('a principal changes another one, as which only its helper can act', () => {
  const puts = allow('iam:PutRolePolicy', `${iam}role/app`);
  const app = roleOf('app', trustIn(`${iam}role/helper`));
  const found = ['certain, iam-005 role/app, sts-001 role/helper, sts-001 role/app'];

  test('a policy of a role that trusts the helper', async () => {
    const users = [dev(puts, assumes('helper'))];
    expect(await administratorPaths({ users, roles: [helper(), app] })).toEqual(found);
  });

  test('not without the helper, for a role that does not trust it, or within a boundary', async () => {
    expect(await administratorPaths({ users: [dev(puts)], roles: [helper(), app] })).toEqual([]);
    const users = [dev(puts, assumes('helper'))];
    expect(await administratorPaths({ users, roles: [helper(), roleOf('app', service)] })).toEqual([]);
    expect(await administratorPaths({ users: [dev(assumes('helper'))], roles: [helper(), app] })).toEqual([]);
    expect(await administratorPaths({ users, roles: [helper(deny('sts:*')), app] })).toEqual([]);
    const policies = [{ name: 'limit', doc: document(allow('sqs:*')) }];
    const bounded = roleOf('app', trustIn(`${iam}role/helper`), { boundary: `${iam}policy/limit` });
    expect(await administratorPaths({ users, roles: [helper(), bounded], policies })).toEqual([]);
  });

  test('a policy of a group, of whose member the helper may create a key', async () => {
    const groups = [{ name: 'ops', inline: inline(allow('sqs:*')) }];
    const users = [
      dev(allow('iam:PutGroupPolicy', `${iam}group/ops`), assumes('helper')),
      userOf('member', { groups: ['ops'] }),
    ];
    const keys = helper(allow('iam:CreateAccessKey', `${iam}user/member`));
    expect(await administratorPaths({ users, groups, roles: [keys] })).toEqual([
      'certain, iam-011 user/member, sts-001 role/helper, iam-002 user/member',
    ]);
    const other = [dev(allow('iam:PutGroupPolicy', `${iam}group/ops`), assumes('helper')), userOf('member')];
    expect(await administratorPaths({ users: other, groups, roles: [keys] })).toEqual([]);
  });

  test('under the conditions of each part', async () => {
    const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };
    const users = [dev(puts, allow('sts:AssumeRole', `${iam}role/helper`, mfa))];
    expect(await administratorPaths({ users, roles: [helper(), app] })).toEqual([
      found[0]?.replace('certain', 'conditional'),
    ]);
  });
});

describe('a principal lets its helper assume a role', () => {
  const retrusts = allow('iam:UpdateAssumeRolePolicy', `${iam}role/boss`);
  const boss = roleOf('boss', service, { inline: everything });
  const notBoss = { ...deny('sts:AssumeRole'), Resource: `${iam}role/boss` };

  test('that it may not assume itself', async () => {
    const users = [dev(retrusts, assumes('helper'), notBoss)];
    expect(await administratorPaths({ users, roles: [helper(), boss] })).toEqual([
      'certain, iam-012 role/boss, sts-001 role/helper, sts-001 role/boss',
    ]);
    expect(await administratorPaths({ users, roles: [helper(notBoss), boss] })).toEqual([]);
    expect(await administratorPaths({ users: [dev(retrusts, notBoss)], roles: [helper(), boss] })).toEqual([]);
  });

  test('not where it may assume the role itself: that is shorter', async () => {
    const users = [dev(retrusts, assumes('helper'))];
    expect(await administratorPaths({ users, roles: [helper(), boss] })).toEqual(['certain, iam-012 role/boss']);
  });
});

describe('the helper makes changes', () => {
  test('of a role that only the principal may assume', async () => {
    const puts = allow('iam:PutRolePolicy', `${iam}role/app`);
    const app = roleOf('app', trustIn(`${iam}user/dev`));
    const users = [dev(assumes('helper'))];
    expect(await administratorPaths({ users, roles: [helper(puts), app] })).toEqual([
      'certain, sts-001 role/helper, iam-005 role/app, sts-001 role/app',
    ]);
    expect(await administratorPaths({ users, roles: [helper(puts), roleOf('app', service)] })).toEqual([]);
  });

  test('of the principal itself', async () => {
    const users = [dev(assumes('helper'))];
    const by = (statement: Json) => administratorPaths({ users, roles: [helper(statement)], groups });
    const groups = [{ name: 'admins', inline: everything }];
    expect(await by(allow('iam:PutUserPolicy', `${iam}user/dev`))).toEqual([
      'certain, sts-001 role/helper, iam-007 user/dev',
    ]);
    expect(await by(allow('iam:AddUserToGroup', `${iam}group/admins`))).toEqual([
      'certain, sts-001 role/helper, iam-013 user/dev',
    ]);
    expect(await by(allow('iam:PutUserPolicy', `${iam}user/other`))).toEqual([]);
  });

  test('of the principal, which leads further', async () => {
    const policies = [{ name: 'ops', doc: document(assumes('boss')) }];
    const limit = { Condition: { ArnEquals: { 'iam:PolicyARN': `${iam}policy/ops` } } };
    const attaches = allow('iam:AttachUserPolicy', `${iam}user/dev`, limit);
    const roles = [helper(attaches), roleOf('boss', account, { inline: everything })];
    expect(await administratorPaths({ users: [dev(assumes('helper'))], roles, policies })).toEqual([
      'certain, sts-001 role/helper, iam-008 user/dev, sts-001 role/boss',
    ]);
  });
});
