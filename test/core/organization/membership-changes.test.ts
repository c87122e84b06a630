import type { Organization } from '../../../core/contract/organization.ts';
import { membershipChanges } from '../../../core/organization/membership-changes.ts';

const organization = (ids: string[] | null, organizationId = 'o-one'): Organization => ({
  schemaVersion: 1,
  readAt: '2026-11-23T04:00:00Z',
  membership: 'member',
  organizationId,
  managementAccountId: null,
  accounts:
    ids?.map((accountId) => ({
      accountId,
      name: `n${accountId}`,
      state: 'ACTIVE',
      units: null,
      serviceControlPolicies: null,
      resourceControlPolicies: null,
    })) ?? null,
  problems: [],
});

test('accounts that joined and left are named', () => {
  expect(membershipChanges(organization(['1', '2']), organization(['2', '3']))).toEqual({
    joined: [{ accountId: '3', name: 'n3', path: null }],
    left: [{ accountId: '1', name: 'n1', path: null }],
  });
});

test.each([
  ['there is no earlier run', null, organization(['1'])],
  ['the earlier run could not list the accounts', organization(null), organization(['1'])],
  ['this run could not list the accounts', organization(['1']), organization(null)],
  ['it is another organization', organization(['1'], 'o-two'), organization(['2'])],
])('no change is known: %s', (_name, before, today) => {
  expect(membershipChanges(before, today)).toEqual({ joined: [], left: [] });
});
