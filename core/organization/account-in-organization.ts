import * as v from 'valibot';
import { objects } from '../contract/objects.ts';
import { Organization, type ServiceControl } from '../contract/organization.ts';
import type { ObjectStore } from '../ports/store.ts';
import { placeOf, type Place } from './place.ts';

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
  const organization = await organizationOfRun(store, runId);
  if (organization === null) return nothingKnown;
  const { accounts, organizationId } = organization;
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

/** By account ID: the names and places of the organization's accounts. Empty if they are not known. @throws StoreError */
export async function placesOf(store: ObjectStore, runId: string): Promise<ReadonlyMap<string, Place>> {
  const accounts = (await organizationOfRun(store, runId))?.accounts ?? [];
  return new Map(accounts.map((account) => [account.accountId, placeOf(account)]));
}

/** Null for runs that an earlier version planned. @throws StoreError */
async function organizationOfRun(store: ObjectStore, runId: string): Promise<Organization | null> {
  const stored = await store.read(objects.organization(runId));
  return stored === null ? null : v.parse(Organization, JSON.parse(stored.text));
}
