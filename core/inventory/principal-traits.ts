import type { PrincipalIdentity, PrincipalTraits, Problem } from '../contract/evidence.ts';
import { managedBy } from './managed-by.ts';
import type { ListedPrincipal } from './read-account.ts';
import { readTrust } from '../trust/trust-policy.ts';

/**
 * What the inventory tells of a principal beside its policies and credentials. Read every day: it costs no call.
 * @param organizationAccounts accounts of the account's organization; null where nobody knows them
 */
export function principalTraits(
  identity: PrincipalIdentity,
  principal: ListedPrincipal,
  organizationAccounts: ReadonlySet<string> | null,
): { traits: PrincipalTraits; problems: Problem[] } {
  const keeper = managedBy(identity);
  if (principal.type === 'user') return { traits: { managedBy: keeper, trust: null }, problems: [] };
  const trust = readTrust(principal.detail.trustPolicy, { accountId: identity.accountId, organizationAccounts });
  const { lastUsedAt } = principal.detail;
  if (trust.kind === 'read') return { traits: { managedBy: keeper, trust: trust.parties, lastUsedAt }, problems: [] };
  const message = `Who may assume this role is not known: its trust policy can't be read. ${trust.reason}`;
  return {
    traits: { managedBy: keeper, trust: null, lastUsedAt },
    problems: [{ step: 'inventory', code: 'MalformedPolicyDocument', message }],
  };
}
