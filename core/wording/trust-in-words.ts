import type { PrincipalRecord } from '../contract/evidence.ts';
import type { TrustedParty } from '../contract/trust.ts';
import { managerNames } from './manager-names.ts';

/** Maximum number of trusted parties in the line. The record has all of them. */
const MOST_PARTIES = 6;

/** Which principals may assume a role, in a line of text. Null for users. */
export function trustInWords({
  type,
  trust,
  managedBy,
}: Pick<PrincipalRecord, 'type' | 'trust' | 'managedBy'>): string | null {
  if (type === 'user') return null;
  const manager = managedBy === null ? '' : ` Managed by ${managerNames[managedBy]}.`;
  if (trust === null) return `Trusted principals are not known.${manager}`;
  if (trust.length === 0) return `No principal can assume it.${manager}`;
  const parties = [...new Set(trust.map(partyInWords))];
  const omitted = parties.length - MOST_PARTIES;
  return `Can be assumed by ${parties.slice(0, MOST_PARTIES).join('; ')}${omitted > 0 ? `; and ${omitted} more` : ''}.${manager}`;
}

const kinds: Readonly<Record<TrustedParty['kind'], string>> = {
  sameAccount: 'this account',
  organizationAccount: 'an account of its organization',
  outsideAccount: 'an account OUTSIDE its organization',
  otherAccount: 'another account',
  service: 'an AWS service',
  oidcProvider: 'an OIDC provider',
  samlProvider: 'a SAML provider',
  everyone: 'EVERYONE',
  deleted: 'a deleted principal',
  unknown: 'a principal in an unknown format',
};

/** Everyone, under conditions that no stranger can meet. */
const CLOSED = 'those that its conditions name';

/** One trusted party, with its limits. */
export function partyInWords(party: TrustedParty): string {
  const limits = [
    ...(party.externalId ? ['with an external ID'] : []),
    ...(party.oidcSubjects === null ? [] : [`with subject ${party.oidcSubjects.join(', ')}`]),
    ...(party.organizationIds === null ? [] : [`of organization ${party.organizationIds.join(', ')}`]),
    ...(party.except.length === 0 ? [] : [`except ${party.except.join(', ')}`]),
    ...(party.unjudged.length === 0 ? [] : [`under the condition ${party.unjudged.join(', ')}`]),
  ];
  const kind = party.kind === 'everyone' && party.closedToStrangers ? CLOSED : kinds[party.kind];
  return `${kind} (${[party.principal, ...limits].join(', ')})`;
}
