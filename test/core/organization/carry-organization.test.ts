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
  name: null,
  state: 'ACTIVE',
  units: [{ id: 'r-1', name: 'Root' }],
  serviceControlPolicies: hash === null ? null : control(hash),
  resourceControlPolicies: null,
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

test('if nothing can be read, all parts come from the last run, with its ID and time', () => {
  const found = carry(unreadable);
  expect(found).toMatchObject({ organizationId: 'o-one', managementAccountId: HUB, accounts: known.accounts });
  expect(found).toMatchObject({ membership: 'unknown', readAt: today.readAt, problems: unreadable.problems });
  expect(found.carried).toEqual(
    ['organization', 'accounts', 'units', 'serviceControlPolicies'].map((part) => ({
      part,
      asOf: known.readAt,
      carriedFrom: 'before',
    })),
  );
});

test('if the accounts can’t be read, they and their SCPs come from the last run', () => {
  const found = carry(withoutAccounts);
  expect([parts(found), found.accounts]).toEqual([['accounts', 'units', 'serviceControlPolicies'], known.accounts]);
});

test('if the SCPs can’t be read, only they come from the last run, and a new account’s SCPs are unknown', () => {
  const found = carry(withoutControl);
  expect(parts(found)).toEqual(['serviceControlPolicies']);
  expect(hashes(found)).toEqual([
    [HUB, 'none'],
    [PROD, 'a'],
    [JOINED, null],
  ]);
});

test('if the tree can’t be read, units and SCPs come from the last run', () => {
  const withoutTree: Organization = {
    ...withoutControl,
    accounts: withoutControl.accounts?.map((one) => ({ ...one, units: null })) ?? null,
    problems: [problem('units')],
  };
  const found = carry(withoutTree);
  expect(parts(found)).toEqual(['units', 'serviceControlPolicies']);
  expect(found.accounts?.map(({ units }) => units?.length ?? null)).toEqual([1, 1, null]);
  expect(hashes(found)).toEqual([
    [HUB, 'none'],
    [PROD, 'a'],
    [JOINED, null],
  ]);
});

test('SCPs that the last run could not read either stay unknown', () => {
  const before = { accounts: [account(HUB, 'none'), account(PROD, null)], problems: withoutControl.problems };
  const found = carry(unreadable, before);
  expect([parts(found), hashes(found)]).toEqual([
    ['organization', 'accounts', 'units'],
    [
      [HUB, 'none'],
      [PROD, null],
    ],
  ]);
});

test.each<[string, Organization, Partial<Organization>]>([
  ['the hub has left the organization', { ...unreadable, membership: 'none' }, {}],
  ['the data is of another organization', { ...withoutAccounts, organizationId: 'o-two' }, {}],
  ['the last run has no data', unreadable, unreadable],
  ['the data is older than seven days', unreadable, { readAt: new Date(NOW - 7 * DAY_MS - 1).toISOString() }],
  [
    'the tree was read, but an account was not found in it',
    { ...withoutControl, problems: [problem('units', 'NotInTree')] },
    {},
  ],
])('no data is carried: %s', (_name, now, before) => {
  expect(carry(now, before)).toBe(now);
});

test('the seven days begin when a part was read, even if several runs carried it', () => {
  const carried = (asOf: string): Partial<Organization> => ({
    problems: [problem('serviceControlPolicies')],
    carried: [{ part: 'serviceControlPolicies', asOf, carriedFrom: 'first' }],
  });
  expect(carry(withoutControl, carried(daysAgo(7))).carried).toEqual([
    { part: 'serviceControlPolicies', asOf: daysAgo(7), carriedFrom: 'first' },
  ]);
  expect(carry(withoutControl, carried(daysAgo(8)))).toBe(withoutControl);
  expect(parts(carry(unreadable, carried(daysAgo(8))))).toEqual(['organization', 'accounts', 'units']);
});
