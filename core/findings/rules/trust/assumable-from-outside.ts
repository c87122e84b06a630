import type { PrincipalRecord } from '../../../contract/evidence.ts';
import type { Severity } from '../../../contract/finding.ts';
import type { TrustedParty } from '../../../contract/trust.ts';
import { describeIdleness, idlenessOf } from '../../use/idleness.ts';
import {
  changeableTrust,
  mayBeExternal,
  isKnownExternal,
  otherOrganizations,
  groupParties,
} from '../../../trust/external-access.ts';
import {
  describeReach,
  isSensitive,
  listed,
  lowered,
  reachEvidence,
  reachOf,
} from '../../abilities/privilege-level.ts';
import type { Draft, PrincipalRule, RuleContext } from '../../rule.ts';

export const assumableFromOutside: PrincipalRule = {
  id: 'assumable-from-outside',
  subject: 'principal',
  severity:
    'high where the role is an administrator or can extend its rights or get at credentials; otherwise low where it is used, medium where it is not or nobody knows; one lower where it is not known which accounts are the organization’s; low where only those of some organization are let in, and it is not known which is your own',
  meaning:
    'The role’s trust policy lets in principals of an account outside the organization, or everyone of another organization. Where the organization’s accounts are not known, any other account counts. Whether an ExternalId is asked for, confused-deputy tells.',
  why: 'Whoever controls that account, or any account of that organization, can act as the role. Its own safety is not in your hands.',
  remedy:
    'Check that the account or organization is one you work with, and still do. Name its role rather than the whole account or organization, take away what it does not need, and write an exception with an owner.',
  find: (record, context) => [...fromAccounts(record, context), ...fromOrganizations(record, context)],
};

/** How much is known of whether somebody is an outsider. `ofSome`: must be of an organization, perhaps the own one. */
type Certainty = 'outside' | 'other' | 'ofSome';

function fromAccounts(record: PrincipalRecord, context: RuleContext): Draft[] {
  const { organizationId: own } = context;
  const certaintyOf = (party: TrustedParty): Certainty | null => {
    if (isKnownExternal(party, own)) return 'outside';
    if (mayBeExternal(party, own)) return 'other';
    return party.kind === 'otherAccount' && own === null ? 'ofSome' : null;
  };
  const parties = changeableTrust(record).filter((party) => certaintyOf(party) !== null);
  return [...groupParties(parties, ({ accountId, principal }) => accountId ?? principal)].map(([account, those]) => {
    // Statements add up: the one that says most counts.
    const known = new Set(those.map(certaintyOf));
    const certainty = known.has('outside') ? 'outside' : known.has('other') ? 'other' : 'ofSome';
    const principals = principalsOf(those);
    return draft(record, context, certainty, {
      key: account,
      from: `${certainty === 'outside' ? 'outside account' : 'account'} ${account}`,
      letsIn: listed(principals, 5),
      evidence: { account, principals },
    });
  });
}

/** Of each organization by itself: a list that has the own one too lets the others in all the same. */
function fromOrganizations(record: PrincipalRecord, context: RuleContext): Draft[] {
  const { organizationId: own } = context;
  const trust = changeableTrust(record);
  const organizations = new Set(trust.flatMap((party) => otherOrganizations(party, own)));
  return [...organizations].map((organization) => {
    const those = trust.filter((party) => otherOrganizations(party, own).includes(organization));
    return draft(record, context, own === null ? 'ofSome' : 'outside', {
      key: organization,
      from: `${own === null ? 'organization' : 'outside organization'} ${organization}`,
      letsIn: `everyone of organization ${organization}`,
      evidence: { organization, principals: principalsOf(those) },
    });
  });
}

const principalsOf = (parties: readonly TrustedParty[]): string[] => [
  ...new Set(parties.map(({ principal }) => principal)),
];

const doubts: Readonly<Record<Certainty, readonly string[]>> = {
  outside: [],
  other: ['It is not known which accounts are the organization’s: this may be one of them.'],
  ofSome: ['Only those of an organization are let in, and it is not known which is your own: this may be it.'],
};

function draft(
  record: PrincipalRecord,
  context: RuleContext,
  certainty: Certainty,
  { key, from, letsIn, evidence }: Pick<Draft, 'key' | 'evidence'> & { readonly from: string; readonly letsIn: string },
): Draft {
  const reach = reachOf(record);
  const idleness = idlenessOf(record, context);
  const ordinary: Severity = idleness.kind === 'active' && reach.kind === 'ordinary' ? 'low' : 'medium';
  const severity: Severity = isSensitive(reach) ? 'high' : ordinary;
  const bySureness: Readonly<Record<Certainty, Severity>> = {
    outside: severity,
    other: lowered(severity),
    ofSome: 'low',
  };
  return {
    key,
    severity: bySureness[certainty],
    title: `Role ${record.name} may be assumed from ${from}`,
    detail: [
      `Its trust policy lets in ${letsIn}.`,
      ...doubts[certainty],
      describeReach(reach),
      describeIdleness(idleness, context.now),
    ].join(' '),
    evidence: { ...evidence, organizationKnown: certainty === 'outside', ...reachEvidence(reach) },
  };
}
