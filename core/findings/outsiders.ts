import type { PrincipalRecord } from '../contract/evidence.ts';
import type { TrustedParty } from '../contract/trust.ts';
import { oidcOpenness } from './oidc-openness.ts';

/** Whom a role lets in, where somebody in the account can change that; of other roles, nobody. */
export const changeableTrust = ({ type, managedBy, trust }: PrincipalRecord): readonly TrustedParty[] =>
  type === 'role' && managedBy === null ? (trust ?? []) : [];

/** Any AWS principal, or one in a form that can't be read. One limited to organizations is taken to be of the own. */
export const mayBeAnyone = ({ kind, organizationIds }: TrustedParty): boolean =>
  (kind === 'everyone' && organizationIds === null) || kind === 'unknown';

/** Another account: of no organization that is known to be the own, as far as anybody could tell. */
export const isForeign = ({ kind, organizationIds }: TrustedParty): boolean =>
  kind === 'outsideAccount' || (kind === 'otherAccount' && organizationIds === null);

/** Whether somebody outside the organization may assume the role. */
export const letsOutsidersIn = (record: PrincipalRecord): boolean =>
  (record.trust ?? []).some(
    (party) =>
      mayBeAnyone(party) || isForeign(party) || (party.kind === 'oidcProvider' && oidcOpenness(party) === 'strangers'),
  );

/** Parties by what tells the matters of a rule apart, in the order of the policy. */
export function partiesBy(
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
