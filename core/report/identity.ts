import type { AccountCredentials, PrincipalRecord } from '../contract/evidence.ts';
import type { TrustedParty } from '../contract/trust.ts';

/** What is known of an account's root user, in a few words. */
export function rootInWords(account: AccountCredentials | undefined): string {
  if (account === undefined || account.root === null) return 'not known';
  const { mfaActive, accessKeys } = account.root;
  const keys = accessKeys.filter(({ active }) => active).length;
  const age = account.credentialReportAgeMinutes;
  return [
    mfaActive ? 'MFA' : 'no MFA',
    keys === 0 ? 'no active keys' : `${keys} active key${keys === 1 ? '' : 's'}`,
    ...(age === null || age < 60 ? [] : [`report ${Math.round(age / 60)} h old`]),
  ].join(', ');
}

/** More parties than anybody reads in a line; all are in the record. */
const MOST_PARTIES = 6;

/** Who may assume a role; null for users. */
export function trustInWords({ type, trust, managedBy }: PrincipalRecord): string | null {
  if (type === 'user') return null;
  const kept =
    managedBy === null ? '' : ` Kept by ${managedBy === 'service' ? 'an AWS service' : 'IAM Identity Center'}.`;
  if (trust === null) return `Who may assume it is not known.${kept}`;
  if (trust.length === 0) return `Nobody may assume it.${kept}`;
  const parties = [...new Set(trust.map(partyInWords))];
  const left = parties.length - MOST_PARTIES;
  return `Assumable by ${parties.slice(0, MOST_PARTIES).join('; ')}${left > 0 ? `; and ${left} more` : ''}.${kept}`;
}

const kinds: Readonly<Record<TrustedParty['kind'], string>> = {
  sameAccount: 'this account',
  organizationAccount: 'its organization',
  outsideAccount: 'OUTSIDE its organization',
  otherAccount: 'another account',
  service: 'a service',
  oidcProvider: 'an OIDC provider',
  samlProvider: 'a SAML provider',
  everyone: 'EVERYONE',
  deleted: 'a deleted principal',
  unknown: 'somebody in a form that nobody can read',
};

function partyInWords(party: TrustedParty): string {
  const limits = [
    ...(party.externalId ? ['with an ExternalId'] : []),
    ...(party.oidcSubjects === null ? [] : [`as ${party.oidcSubjects.join(', ')}`]),
    ...(party.organizationIds === null ? [] : [`of organization ${party.organizationIds.join(', ')}`]),
    ...(party.except.length === 0 ? [] : [`but not ${party.except.join(', ')}`]),
    ...(party.unjudged.length === 0 ? [] : [`if ${party.unjudged.join(', ')}`]),
  ];
  return `${kinds[party.kind]} (${[party.principal, ...limits].join(', ')})`;
}
