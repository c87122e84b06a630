import type { PrincipalRecord } from '../contract/evidence.ts';
import type { TrustedParty } from '../contract/trust.ts';
import { oidcAccess } from './oidc-access.ts';

/**
 * The trusted parties of a role, to tell who may assume it. Empty for users and for roles whose trust policies only AWS
 * writes. The name of a permission set's role proves nothing: only its path is reserved.
 */
export function reportedTrust({ type, managedBy, path, name, trust }: PrincipalRecord): readonly TrustedParty[] {
  const isNamedOnly = name.startsWith('AWSReservedSSO_') && !path.startsWith('/aws-reserved/');
  const isByAws = managedBy === 'service' || (managedBy === 'identityCenter' && !isNamedOnly);
  return type === 'role' && !isByAws ? (trust ?? []) : [];
}

/** The trusted parties of a role that the account can change. Empty for users and for roles that it does not manage. */
export const changeableTrust = ({ type, managedBy, trust }: PrincipalRecord): readonly TrustedParty[] =>
  type === 'role' && managedBy === null ? (trust ?? []) : [];

/**
 * Any AWS principal, or one in an unknown form. The rule assumable-from-outside covers trust limited to organizations.
 */
export const mayBeAnyone = ({ kind, organizationIds, closedToStrangers }: TrustedParty): boolean =>
  (kind === 'everyone' && organizationIds === null && !closedToStrangers) || kind === 'unknown';

/** An account that is not known to be in the own organization. @param own the organization's ID; null: not known */
export const mayBeExternal = (party: TrustedParty, own: string | null): boolean =>
  isKnownExternal(party, own) || (party.kind === 'otherAccount' && party.organizationIds === null);

/** An account that is known to be outside the own organization, or that must be in another one. */
export const isKnownExternal = ({ kind, organizationIds }: TrustedParty, own: string | null): boolean =>
  kind === 'outsideAccount' ||
  (kind === 'otherAccount' && own !== null && organizationIds !== null && !organizationIds.includes(own));

/** Organizations other than `own` in which every principal is trusted. If `own` is null, all such organizations. */
export const otherOrganizations = ({ kind, organizationIds }: TrustedParty, own: string | null): readonly string[] =>
  kind === 'everyone' ? (organizationIds ?? []).filter((id) => id !== own) : [];

/**
 * Whether a principal outside the organization may assume the role. If `own` is null, it ignores trust limited to
 * organizations.
 */
export const isExternallyAssumable = (record: PrincipalRecord, own: string | null): boolean =>
  (record.trust ?? []).some(
    (party) =>
      mayBeAnyone(party) ||
      mayBeExternal(party, own) ||
      (own !== null && otherOrganizations(party, own).length > 0) ||
      (party.kind === 'oidcProvider' && (party.guests || oidcAccess(party) === 'anyTenant')),
  );

/**
 * The principals to which a condition on aws:PrincipalArn narrows the trust in an account. Null: some statement trusts
 * all of its principals.
 */
export function narrowedPrincipals(parties: readonly TrustedParty[]): string[] | null {
  const byParty = parties.map(({ requires }) =>
    requires.find(({ key, values }) => key === 'aws:principalarn' && values.every(namesSome)),
  );
  return byParty.every((one) => one !== undefined) ? [...new Set(byParty.flatMap(({ values }) => values))] : null;
}

/** Whether a pattern for ARNs has a part of a path or name, so that it does not match all roles of an account. */
const namesSome = (pattern: string): boolean => /:(?:role|user|assumed-role)\/.*[^*?/]/.test(pattern);

/** Groups parties into the separate findings of a rule, in the order of the policy. */
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
