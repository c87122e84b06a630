import type { Organization } from '../../../core/contract/organization.ts';
import { carryOrganization } from '../../../core/organization/carry-organization.ts';

const NOW = Date.parse('2026-11-25T04:00:00Z');
const DAY_MS = 86_400_000;
const daysAgo = (days: number): string => new Date(NOW - days * DAY_MS).toISOString();

const HUB = '100000000001';
const PROD = '100000000002';
const JOINED = '100000000003';
const control = (hash: string) => ({ hash, independent: { user: true, role: true }, timeless: true });
const account = (accountId: string, hash: string | null) => ({
  accountId,
  state: 'ACTIVE',
  serviceControlPolicies: hash === null ? null : control(hash),
});

const known: Organization = {
  schemaVersion: 1,
  readAt: daysAgo(1),
  membership: 'member',
  organizationId: 'o-one',
  managementAccountId: HUB,
  accounts: [account(HUB, 'none'), account(PROD, 'a')],
  problems: [],
};
const problem = (part: Organization['problems'][number]['part'], code = 'AccessDenied') => ({
  part,
  code,
  message: '',
});
const today: Organization = { ...known, readAt: daysAgo(0) };
const unreadable: Organization = {
  ...today,
  ...{ membership: 'unknown', organizationId: null, managementAccountId: null, accounts: null },
  problems: [problem('organization')],
};
const withoutAccounts: Organization = { ...today, accounts: null, problems: [problem('accounts')] };
const withoutControl: Organization = {
  ...today,
  accounts: [account(HUB, 'none'), account(PROD, null), account(JOINED, null)],
  problems: [problem('serviceControlPolicies')],
};

const carry = (now: Organization, before: Partial<Organization> = {}): Organization =>
  carryOrganization(now, { runId: 'before', organization: { ...known, ...before } }, NOW);
const hashes = ({ accounts }: Organization) =>
  accounts?.map(({ accountId, serviceControlPolicies }) => [accountId, serviceControlPolicies?.hash ?? null]);
const parts = ({ carried }: Organization) => carried?.map(({ part }) => part);

test('where nothing can be read, all is as the last run knew it, and says of which run and time it is', () => {
  const found = carry(unreadable);
  expect(found).toMatchObject({ organizationId: 'o-one', managementAccountId: HUB, accounts: known.accounts });
  expect(found).toMatchObject({ membership: 'unknown', readAt: today.readAt, problems: unreadable.problems });
  expect(found.carried).toEqual(
    ['organization', 'accounts', 'serviceControlPolicies'].map((part) => ({
      part,
      asOf: known.readAt,
      carriedFrom: 'before',
    })),
  );
});

test('where the accounts can’t be read, they and their SCPs are as before', () => {
  const found = carry(withoutAccounts);
  expect([parts(found), found.accounts]).toEqual([['accounts', 'serviceControlPolicies'], known.accounts]);
});

test('where the SCPs can’t be read, only they are as before, and those of an account that is new are not known', () => {
  const found = carry(withoutControl);
  expect(parts(found)).toEqual(['serviceControlPolicies']);
  expect(hashes(found)).toEqual([
    [HUB, 'none'],
    [PROD, 'a'],
    [JOINED, null],
  ]);
});

test('SCPs that the last run did not know either stay unknown', () => {
  const before = { accounts: [account(HUB, 'none'), account(PROD, null)], problems: withoutControl.problems };
  const found = carry(unreadable, before);
  expect([parts(found), hashes(found)]).toEqual([
    ['organization', 'accounts'],
    [
      [HUB, 'none'],
      [PROD, null],
    ],
  ]);
});

test.each<[string, Organization, Partial<Organization>]>([
  ['a hub that has left it', { ...unreadable, membership: 'none' }, {}],
  ['another organization', { ...withoutAccounts, organizationId: 'o-two' }, {}],
  ['nothing known before', unreadable, unreadable],
  ['read more than seven days ago', unreadable, { readAt: new Date(NOW - 7 * DAY_MS - 1).toISOString() }],
  [
    'an account that was not found in the tree, for which everything was looked at',
    { ...withoutControl, problems: [problem('serviceControlPolicies', 'NotInTree')] },
    {},
  ],
])('nothing is carried: %s', (_name, now, before) => {
  expect(carry(now, before)).toBe(now);
});

test('seven days count from when a part was read, over all runs that carried it', () => {
  const carried = (asOf: string): Partial<Organization> => ({
    problems: [problem('serviceControlPolicies')],
    carried: [{ part: 'serviceControlPolicies', asOf, carriedFrom: 'first' }],
  });
  expect(carry(withoutControl, carried(daysAgo(7))).carried).toEqual([
    { part: 'serviceControlPolicies', asOf: daysAgo(7), carriedFrom: 'first' },
  ]);
  expect(carry(withoutControl, carried(daysAgo(8)))).toBe(withoutControl);
  expect(parts(carry(unreadable, carried(daysAgo(8))))).toEqual(['organization', 'accounts']);
});
