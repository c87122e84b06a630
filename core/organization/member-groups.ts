import pLimit from 'p-limit';
import { MemberGroup } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { Organization, OrganizationAccount, ServiceControl } from '../contract/organization.ts';
import { ObjectNotFound, type ObjectStore } from '../ports/store.ts';
import { readValue } from '../ports/stored-objects.ts';

/** Accounts in a group on average. A group of this size has about 2 KB, and 10,000 accounts need 100 objects. */
const ACCOUNTS_PER_GROUP = 100;
/** S3 stores an object in about 50 ms, so the 100 objects of 10,000 accounts take less than a second. */
const WRITES_AT_ONCE = 16;

/** Whether accounts are in the organization. */
export interface Members {
  /** @returns the account's service control, null if it is not known; undefined if the account is not a member */
  find: (accountId: string) => Promise<ServiceControl | null | undefined>;
}

/**
 * Divides the accounts of an organization into groups of similar size. The group of an account follows from its ID and
 * the number of groups, so that no index is necessary. Null if the accounts are not known.
 */
export function memberGroups({ accounts }: Pick<Organization, 'accounts'>): MemberGroup[] | null {
  if (accounts === null) return null;
  const groups = Math.max(1, Math.ceil(accounts.length / ACCOUNTS_PER_GROUP));
  const members = Array.from({ length: groups }, (): OrganizationAccount[] => []);
  for (const account of accounts) members[groupOf(account.accountId, groups)]?.push(account);
  return members.map(asGroup);
}

/**
 * Writes the accounts of an organization for the executions of the accounts. Safe to repeat.
 * @returns the number of groups; null if the accounts are not known
 * @throws StoreError
 */
export async function writeMemberGroups(
  store: ObjectStore,
  runId: string,
  organization: Pick<Organization, 'accounts'>,
): Promise<number | null> {
  const groups = memberGroups(organization);
  if (groups === null) return null;
  const limit = pLimit(WRITES_AT_ONCE);
  await Promise.all(
    groups.map((group, n) => limit(() => store.write(objects.memberGroup(runId, n), `${JSON.stringify(group)}\n`))),
  );
  return groups.length;
}

/** @throws StoreError, ObjectNotFound if the run has no such group */
export async function readMemberGroup(store: ObjectStore, runId: string, n: number): Promise<MemberGroup> {
  const key = objects.memberGroup(runId, n);
  const group = await readValue(store, key, MemberGroup);
  if (group === null) throw new ObjectNotFound(key);
  return group;
}

/**
 * @param groups number of groups
 * @param read reads a group; called once for each group that is needed
 */
export function membersOf(groups: number, read: (n: number) => Promise<MemberGroup>): Members {
  const reading = new Map<number, Promise<MemberGroup>>();
  return {
    async find(accountId) {
      const n = groupOf(accountId, groups);
      const group = reading.get(n) ?? read(n);
      reading.set(n, group);
      const { accounts, serviceControl } = await group;
      const index = accounts[accountId];
      return typeof index === 'number' ? (serviceControl[index] ?? null) : index;
    },
  };
}

/** Account IDs are numbers without a pattern, so the groups have similar sizes. */
const groupOf = (accountId: string, groups: number): number => Number(accountId) % groups;

function asGroup(members: readonly OrganizationAccount[]): MemberGroup {
  const serviceControl: ServiceControl[] = [];
  const indexes = new Map<string, number>();
  const accounts: MemberGroup['accounts'] = {};
  for (const { accountId, serviceControlPolicies } of members) {
    accounts[accountId] = null;
    if (serviceControlPolicies === null) continue;
    const text = JSON.stringify(serviceControlPolicies);
    const index = indexes.get(text) ?? serviceControl.push(serviceControlPolicies) - 1;
    indexes.set(text, index);
    accounts[accountId] = index;
  }
  return { serviceControl, accounts };
}
