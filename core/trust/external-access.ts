import type { PrincipalRecord } from '../contract/evidence.ts';
import type { TrustedParty } from '../contract/trust.ts';
import { oidcAccess } from './oidc-access.ts';

/** Whom a role lets in, where somebody in the account can change that; of other roles, nobody. */
export const changeableTrust = ({ type, managedBy, trust }: PrincipalRecord): readonly TrustedParty[] =>
  type === 'role' && managedBy === null ? (trust ?? []) : [];

/** Any AWS principal, or one in a form that can't be read. Of those limited to organizations assumable-from-outside tells. */
export const mayBeAnyone = ({ kind, organizationIds }: TrustedParty): boolean =>
  (kind === 'everyone' && organizationIds === null) || kind === 'unknown';

/** Another account: not of the own organization, as far as anybody could tell. @param own the organization's id; null: not known */
export const mayBeExternal = (party: TrustedParty, own: string | null): boolean =>
  isKnownExternal(party, own) || (party.kind === 'otherAccount' && party.organizationIds === null);

/** Another account that is known to be of no own organization, or must be of another one. */
export const isKnownExternal = ({ kind, organizationIds }: TrustedParty, own: string | null): boolean =>
  kind === 'outsideAccount' ||
  (kind === 'otherAccount' && own !== null && organizationIds !== null && !organizationIds.includes(own));

/** Organizations of which it lets everyone in, without the own one; where that is not known, all of them. */
export const otherOrganizations = ({ kind, organizationIds }: TrustedParty, own: string | null): readonly string[] =>
  kind === 'everyone' ? (organizationIds ?? []).filter((id) => id !== own) : [];

/** Whether somebody outside the organization may assume the role. One limited to organizations may be of the own, where that is not known. */
export const isExternallyAssumable = (record: PrincipalRecord, own: string | null): boolean =>
  (record.trust ?? []).some(
    (party) =>
      mayBeAnyone(party) ||
      mayBeExternal(party, own) ||
      (own !== null && otherOrganizations(party, own).length > 0) ||
      (party.kind === 'oidcProvider' && oidcAccess(party) === 'anyTenant'),
  );

/** Parties by what tells the matters of a rule apart, in the order of the policy. */
export function groupParties(
  parties: readonly TrustedParty[],
  keyOf: (party: TrustedParty) => string,
): ReadonlyMap<string, readonly TrustedParty[]> {
  const groups = new Map<string, TrustedParty[]>();
  for (const party of parties) {
    const group = groups.get(keyOf(party));
    if (group === undefined) groups.set(keyOf(party), [party]);
    else group.push(party);
  }
  return groups;
}
