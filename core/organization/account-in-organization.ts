import { ServiceControlDocuments, type MemberGroup } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import { Organization, type ServiceControl } from '../contract/organization.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readValue } from '../ports/stored-objects.ts';
import { readRunContext } from '../run/run-context.ts';
import { memberGroups, membersOf, readMemberGroup, type Members } from './member-groups.ts';
import { placeOf, type Place } from './place.ts';
import { noServiceControl } from './service-control.ts';

/** An audited account's place in its organization. Null: not known. */
export interface AccountInOrganization {
  readonly organizationId: string | null;
  readonly members: Members | null;
  readonly serviceControl: ServiceControl | null;
}

const nothingKnown: AccountInOrganization = { organizationId: null, members: null, serviceControl: null };

const noMembers: MemberGroup = { serviceControl: [], accounts: {} };

/** The run's stored data about the account's organization; all null for an account outside it. @throws StoreError */
export async function accountInOrganization(
  store: ObjectStore,
  runId: string,
  accountId: string,
): Promise<AccountInOrganization> {
  const { organizationId, members } = await organizationMembers(store, runId);
  // Every member account may read its organization's ID, but few may list the accounts. Without the list, an audited
  // account is assumed to be in the hub's organization.
  if (members === null) return { ...nothingKnown, organizationId };
  const serviceControl = await members.find(accountId);
  return serviceControl === undefined ? nothingKnown : { organizationId, members, serviceControl };
}

async function organizationMembers(
  store: ObjectStore,
  runId: string,
): Promise<Pick<AccountInOrganization, 'organizationId' | 'members'>> {
  const context = await readRunContext(store, runId);
  if (context !== null) {
    const { organizationId, memberGroups: count } = context;
    const members = count === null ? null : membersOf(count, (n) => readMemberGroup(store, runId, n));
    return { organizationId, members };
  }
  // An earlier version planned the run: a deployment replaced the functions while it was in progress.
  const organization = await organizationOfRun(store, runId);
  const groups = organization === null ? null : memberGroups(organization);
  const members = groups === null ? null : membersOf(groups.length, (n) => Promise.resolve(groups[n] ?? noMembers));
  return { organizationId: organization?.organizationId ?? null, members };
}

/** The documents of an account's SCPs, level by level; null if they are not known or none apply. @throws StoreError */
export async function serviceControlDocuments(
  store: ObjectStore,
  runId: string,
  control: ServiceControl | null,
): Promise<ServiceControlDocuments | null> {
  if (control === null || control.hash === noServiceControl.hash) return null;
  return readValue(store, objects.serviceControl(runId, control.hash), ServiceControlDocuments);
}

/** By account ID: the names and places of the organization's accounts. Empty if they are not known. @throws StoreError */
export async function placesOf(store: ObjectStore, runId: string): Promise<ReadonlyMap<string, Place>> {
  const accounts = (await organizationOfRun(store, runId))?.accounts ?? [];
  return new Map(accounts.map((account) => [account.accountId, placeOf(account)]));
}

/** The ID of the organization's management account; null if it is not known. @throws StoreError */
export const managementAccountOf = async (store: ObjectStore, runId: string): Promise<string | null> =>
  (await organizationOfRun(store, runId))?.managementAccountId ?? null;

/** Null for runs that an earlier version planned. @throws StoreError */
const organizationOfRun = (store: ObjectStore, runId: string): Promise<Organization | null> =>
  readValue(store, objects.organization(runId), Organization);
