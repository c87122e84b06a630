import { escalationPaths } from '../../../core/access/paths/escalation-paths.ts';
import {
  account,
  administratorPaths,
  deny,
  everything,
  iam,
  ID,
  roleOf,
  service,
  userOf,
  type Json,
} from '../../support/administrator-paths.ts';
import { allow, inline, trustOf } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const PASS = 'iam:PassRole';
const passes = escalationPaths.flatMap((path) => (path.kind === 'new-passrole' ? [path] : []));

const runs = allow(['lambda:CreateFunction', 'lambda:InvokeFunction']);
const noAssume = deny('sts:*');
const creates = (name = 'role/app-*'): Json => allow(['iam:CreateRole', 'iam:PutRolePolicy'], `${iam}${name}`);
const passedTo = (...to: string[]): Json => ({ Condition: { StringEquals: { 'iam:PassedToService': to } } });
const pass = (name = 'role/app-*', more: Json = {}): Json => allow(PASS, `${iam}${name}`, more);
const retrusts = allow('iam:UpdateAssumeRolePolicy', `${iam}role/boss`);
const boss = [roleOf('boss', service, { inline: everything, instanceProfiles: ['boss'] })];

describe('each service of the catalogue', () => {
  /** By user: whether it can become an administrator. */
  async function planted(): Promise<ReadonlyMap<string, readonly string[]>> {
    const users = passes.flatMap(({ id, actions, passedTo: [service = ''], alsoPassed = [] }) => {
      const others = actions.filter((action) => action !== PASS);
      const to = passedTo(service, ...alsoPassed);
      const user = (name: string, ...statements: Json[]): Json =>
        userOf(`${name}.${id}`, { inline: inline(allow(others), noAssume, ...statements) });
      return [
        user('new', creates(), pass('role/app-*', to)),
        user('new-not', creates(), pass('role/other-*', to)),
        user('new-other', creates(), pass('role/app-*', passedTo('config.amazonaws.com'))),
        user('trust', retrusts, pass('role/boss', to)),
        user('trust-not', retrusts, pass('role/other', to)),
        user('trust-other', retrusts, pass('role/boss', passedTo('config.amazonaws.com'))),
      ];
    });
    const { findings } = await scanned({
      id: ID,
      users,
      roles: [
        roleOf('boss', trustOf({ Service: 'x.amazonaws.com' }), { inline: everything, instanceProfiles: ['boss'] }),
      ],
    });
    return new Map(
      findings
        .filter(({ rule }) => rule === 'escalation-path')
        .map(({ principalArn, evidence }) => [
          principalArn.split('/').at(-1) ?? '',
          (evidence['paths'] as { steps: { technique: string }[] }[])[0]?.steps.map(({ technique }) => technique) ?? [],
        ]),
    );
  }
  const found = planted();

  test.each(passes.map((path) => [path.id, path] as const))('%s', async (id, path) => {
    const users = await found;
    const needsProfile = path.byInstanceProfile === true;
    // A new role is in no instance profile.
    expect(users.get(`new.${id}`) ?? []).toEqual(needsProfile ? [] : ['create-role-put-policy', expect.any(String)]);
    expect(users.get(`trust.${id}`)).toEqual(['iam-012', expect.any(String)]);
  });

  test('no twin that may pass other roles, or to other services', async () => {
    expect([...(await found).keys()].filter((name) => /-(?:not|other)\./.test(name))).toEqual([]);
  });
});

describe('a new role', () => {
  const found = ['certain, create-role-put-policy role/app-x, lambda-001 role/app-x'];
  const whole = [creates(), pass(), runs, noAssume];

  test('is passed to a function that runs as it', async () => {
    expect(await administratorPaths({ dev: whole })).toEqual(found);
  });

  test('has a name and path that both the creation and the passing allow', async () => {
    const named = [creates('role/app/*'), pass('role/app/web-*'), runs, noAssume];
    expect(await administratorPaths({ dev: named })).toEqual([
      'certain, create-role-put-policy role/app/web-x, lambda-001 role/app/web-x',
    ]);
    expect(await administratorPaths({ dev: [creates('role/app-*'), pass('role/*-web'), runs, noAssume] })).toEqual([
      'certain, create-role-put-policy role/app-x-web, lambda-001 role/app-x-web',
    ]);
    expect(await administratorPaths({ dev: [creates('role/a-*'), pass('role/b-*'), runs, noAssume] })).toEqual([]);
  });

  test('can be created only under a name that is free', async () => {
    const taken = [creates('role/boss'), pass('role/boss'), runs, noAssume];
    const roles = [roleOf('boss', service)];
    expect(await administratorPaths({ dev: taken, roles })).toEqual([]);
    expect(await administratorPaths({ dev: taken })).not.toEqual([]);
  });

  test.each(whole.map((_, index) => [index]).slice(0, 3))('needs each permission (without %i)', async (index) => {
    expect(await administratorPaths({ dev: whole.filter((_, other) => other !== index) })).toEqual([]);
  });

  test('is limited by a boundary that it must have', async () => {
    const policies = [{ name: 'limit', doc: { Version: '2012-10-17', Statement: [allow('sqs:*')] } }];
    const bounded = { Condition: { StringEquals: { 'iam:PermissionsBoundary': `${iam}policy/limit` } } };
    const limited = allow(['iam:CreateRole', 'iam:PutRolePolicy'], `${iam}role/app-*`, bounded);
    expect(await administratorPaths({ dev: [limited, pass(), runs, noAssume], policies })).toEqual([]);
    const lifts = allow('iam:DeleteRolePermissionsBoundary', `${iam}role/app-*`);
    expect(await administratorPaths({ dev: [limited, lifts, pass(), runs, noAssume], policies })).toEqual(found);
  });

  test('is not reported where it can also be assumed: that is shorter', async () => {
    expect(await administratorPaths({ dev: [creates(), pass(), runs] })).toEqual([
      'certain, create-role-put-policy role/dev',
    ]);
  });
});

describe('a role that exists', () => {
  const dev = [retrusts, pass('role/boss'), runs, noAssume];

  test('is trusted to a service, and passed to it', async () => {
    expect(await administratorPaths({ dev, roles: boss })).toEqual([
      'certain, iam-012 role/boss, lambda-001 role/boss',
    ]);
  });

  test('gives nothing if it has no permissions', async () => {
    expect(await administratorPaths({ dev, roles: [roleOf('boss', service)] })).toEqual([]);
  });

  test('also gets a policy first', async () => {
    const puts = allow('iam:PutRolePolicy', `${iam}role/boss`);
    expect(await administratorPaths({ dev: [...dev, puts], roles: [roleOf('boss', service)] })).toEqual([
      'certain, iam-012 role/boss, iam-005 role/boss, lambda-001 role/boss',
    ]);
  });

  test('is assumed instead where that is allowed', async () => {
    expect(await administratorPaths({ dev: dev.slice(0, 3), roles: boss })).toEqual(['certain, iam-012 role/boss']);
    expect(
      await administratorPaths({
        dev: [allow('sts:AssumeRole', `${iam}role/boss`), retrusts, pass('role/boss'), runs],
        roles: [roleOf('boss', account, { inline: everything })],
      }),
    ).toContain('certain, sts-001 role/boss');
  });
});
