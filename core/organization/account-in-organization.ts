import * as v from 'valibot';
import { objects } from '../contract/objects.ts';
import { Organization, type ServiceControl } from '../contract/organization.ts';
import type { ObjectStore } from '../ports/store.ts';

/** An audited account as its organization sees it; null: not known. */
export interface AccountInOrganization {
  readonly organizationId: string | null;
  readonly organizationAccounts: ReadonlySet<string> | null;
  readonly serviceControl: ServiceControl | null;
}

const unknown: AccountInOrganization = { organizationId: null, organizationAccounts: null, serviceControl: null };

/** What the run has read of the account's organization. Of an account that is not in it, nothing is known. @throws StoreError */
export async function accountInOrganization(
  store: ObjectStore,
  runId: string,
  accountId: string,
): Promise<AccountInOrganization> {
  const stored = await store.read(objects.organization(runId));
  // Runs that were planned by an earlier version have read nothing.
  if (stored === null) return unknown;
  const { accounts, organizationId } = v.parse(Organization, JSON.parse(stored.text));
  // Any member may ask which organization it is in, few which accounts are: those audited are taken to be of the hub's.
  if (accounts === null) return { ...unknown, organizationId };
  const own = accounts.find((account) => account.accountId === accountId);
  if (own === undefined) return unknown;
  return {
    organizationId,
    organizationAccounts: new Set(accounts.map((account) => account.accountId)),
    serviceControl: own.serviceControlPolicies,
  };
}
