import type { Organization, OrganizationAccount } from '../contract/organization.ts';
import type { MembershipChange } from '../contract/run.ts';
import { placeOf } from './place.ts';

export interface MembershipChanges {
  readonly joined: readonly MembershipChange[];
  readonly left: readonly MembershipChange[];
}

const noChanges: MembershipChanges = { joined: [], left: [] };

/**
 * Which accounts joined or left the organization since the last run that finished. Nothing is known to have changed if
 * one of the two lists is missing, or if it is the list of another organization.
 */
export function membershipChanges(before: Organization | null, today: Organization): MembershipChanges {
  const earlier = before?.accounts ?? null;
  if (earlier === null || today.accounts === null || before?.organizationId !== today.organizationId) {
    return noChanges;
  }
  return { joined: missing(earlier, today.accounts), left: missing(today.accounts, earlier) };
}

/** The accounts of `list` that `other` does not have. */
function missing(other: readonly OrganizationAccount[], list: readonly OrganizationAccount[]): MembershipChange[] {
  const known = new Set(other.map(({ accountId }) => accountId));
  return list
    .filter(({ accountId }) => !known.has(accountId))
    .map((account) => ({ accountId: account.accountId, ...placeOf(account) }));
}
