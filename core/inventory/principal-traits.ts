import type { PrincipalIdentity, PrincipalTraits, Problem } from '../contract/evidence.ts';
import { managedBy } from './managed-by.ts';
import type { ListedPrincipal } from './read-account.ts';
import { COGNITO, strangerAccess } from '../evaluation/strangers.ts';
import { timeTruth } from '../evaluation/conditions.ts';
import { readTrust } from '../trust/trust-policy.ts';

/**
 * A principal's manager, trust policy and last use, from the inventory. Every run reads them again, because they need
 * no additional call.
 * @param organizationAccounts those accounts of the organization that the trust policy names; null if they are not known
 * @param now milliseconds since the epoch
 */
export function principalTraits(
  identity: PrincipalIdentity,
  principal: ListedPrincipal,
  organizationAccounts: ReadonlySet<string> | null,
  now: number,
): { traits: PrincipalTraits; problems: Problem[] } {
  const manager = managedBy(identity);
  if (principal.type === 'user') return { traits: { managedBy: manager, trust: null }, problems: [] };
  const own = { accountId: identity.accountId, organizationAccounts };
  const trust = readTrust(principal.detail.trustPolicy, own, (clause) => timeTruth(clause, now));
  const { lastUsedAt } = principal.detail;
  if (trust.kind === 'read') {
    const { open, closed, guests } = strangerAccess(principal.detail.trustPolicy, now);
    const parties = trust.parties.map((party) => ({
      ...party,
      openToStrangers: open.has(party.principal),
      closedToStrangers: closed.has(party.principal),
      guests: guests && party.principal === COGNITO,
    }));
    return { traits: { managedBy: manager, trust: parties, lastUsedAt }, problems: [] };
  }
  const message = `The role's trust policy can't be read, so it is not known who can assume the role. ${trust.reason}`;
  return {
    traits: { managedBy: manager, trust: null, lastUsedAt },
    problems: [{ step: 'inventory', code: 'MalformedPolicyDocument', message }],
  };
}
