import * as v from 'valibot';
import { objects } from '../contract/objects.ts';
import { Organization, type ServiceControl } from '../contract/organization.ts';
import type { ObjectStore } from '../ports/store.ts';

/** An audited account's place in its organization. Null: not known. */
export interface AccountInOrganization {
  readonly organizationId: string | null;
  readonly organizationAccounts: ReadonlySet<string> | null;
  readonly serviceControl: ServiceControl | null;
}

const nothingKnown: AccountInOrganization = { organizationId: null, organizationAccounts: null, serviceControl: null };

/** The run's stored data about the account's organization; all null for an account outside it. @throws StoreError */
export async function accountInOrganization(
  store: ObjectStore,
  runId: string,
  accountId: string,
): Promise<AccountInOrganization> {
  const stored = await store.read(objects.organization(runId));
  // Runs that an earlier version planned have no such object.
  if (stored === null) return nothingKnown;
  const { accounts, organizationId } = v.parse(Organization, JSON.parse(stored.text));
  // Every member account may read its organization's ID, but few may list the accounts. Without the list, an audited
  // account is assumed to be in the hub's organization.
  if (accounts === null) return { ...nothingKnown, organizationId };
  const own = accounts.find((account) => account.accountId === accountId);
  if (own === undefined) return nothingKnown;
  return {
    organizationId,
    organizationAccounts: new Set(accounts.map((account) => account.accountId)),
    serviceControl: own.serviceControlPolicies,
  };
}
