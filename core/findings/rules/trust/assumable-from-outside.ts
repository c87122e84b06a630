import type { PrincipalRecord } from '../../../contract/evidence.ts';
import type { Severity } from '../../../contract/finding.ts';
import type { TrustedParty } from '../../../contract/trust.ts';
import { describeManager } from '../../../inventory/managed-by.ts';
import { describeIdleness, idlenessOf } from '../../use/idleness.ts';
import {
  reportedTrust,
  mayBeExternal,
  isKnownExternal,
  otherOrganizations,
  groupParties,
  narrowedPrincipals,
} from '../../../trust/external-access.ts';
import {
  describePrivilegeLevel,
  isPrivileged,
  lowered,
  privilegeLevelEvidence,
  privilegeLevelOf,
} from '../../../access/abilities/privilege-level.ts';
import type { Draft, PrincipalRule, RuleContext } from '../../rule.ts';
import { listedBriefly } from '../../../wording/wording.ts';

export const assumableFromOutside: PrincipalRule = {
  id: 'assumable-from-outside',
  subject: 'principal',
  controls: [],
  severity:
    'high if the role is an administrator, or can change permissions or obtain credentials; otherwise low if the role is used and its permissions are known, and medium if not. One level lower if a condition on aws:PrincipalArn narrows the trust to some principals of the account. One level lower if the accounts of your organization are not known. Low if the policy is limited to an organization, and your own organization is not known',
  meaning:
    'The role’s trust policy trusts principals of an account outside your organization, or all accounts of another organization. If the accounts of your organization are not known, every other account counts as outside. A missing external ID is reported by confused-deputy.',
  why: 'Anyone who controls that account, or any account of that organization, can act as the role. You do not control the security of those accounts.',
  remedy:
    'Check that you still work with the owner of the account or organization. If the policy trusts a whole account or organization, trust only the role that needs the access. Remove permissions that the role does not need. If the access is intended, add an exception with an owner. Do not change a role that AWS Control Tower or StackSets manages: ask the administrators of the organization.',
  find: (record, context) => [...fromAccounts(record, context), ...fromOrganizations(record, context)],
};

/**
 * How certain it is that a party is outside the organization. `other`: another account. `someOrganization`: limited to
 * an organization, which may be the own one.
 */
type Certainty = 'outside' | 'other' | 'someOrganization';

function fromAccounts(record: PrincipalRecord, context: RuleContext): Draft[] {
  const { organizationId: own } = context;
  const certaintyOf = (party: TrustedParty): Certainty | null => {
    if (isKnownExternal(party, own)) return 'outside';
    if (mayBeExternal(party, own)) return 'other';
    return party.kind === 'otherAccount' && own === null ? 'someOrganization' : null;
  };
  const parties = reportedTrust(record).filter((party) => certaintyOf(party) !== null);
  return [...groupParties(parties, ({ accountId, principal }) => accountId ?? principal)].map(([account, those]) => {
    // The statements of a policy add up, so the most certain one counts.
    const certainties = new Set(those.map(certaintyOf));
    const certainty = certainties.has('outside') ? 'outside' : certainties.has('other') ? 'other' : 'someOrganization';
    const principals = principalsOf(those);
    const narrowed = narrowedPrincipals(those);
    return draft(record, context, certainty, {
      key: account,
      from: `${certainty === 'outside' ? 'outside account' : 'account'} ${account}`,
      trusted:
        narrowed === null
          ? listedBriefly(principals, 5)
          : `only ${listedBriefly(narrowed, 5)} (by the condition aws:PrincipalArn)`,
      isNarrowed: narrowed !== null,
      evidence: { account, principals, ...(narrowed === null ? {} : { narrowedTo: narrowed }) },
    });
  });
}

/** Each other organization separately. A list that includes the own organization still trusts the others. */
function fromOrganizations(record: PrincipalRecord, context: RuleContext): Draft[] {
  const { organizationId: own } = context;
  const trust = reportedTrust(record);
  const organizations = new Set(trust.flatMap((party) => otherOrganizations(party, own)));
  return [...organizations].map((organization) => {
    const those = trust.filter((party) => otherOrganizations(party, own).includes(organization));
    return draft(record, context, own === null ? 'someOrganization' : 'outside', {
      key: organization,
      from: `${own === null ? 'organization' : 'outside organization'} ${organization}`,
      trusted: `every account of organization ${organization}`,
      isNarrowed: false,
      evidence: { organization, principals: principalsOf(those) },
    });
  });
}

const principalsOf = (parties: readonly TrustedParty[]): string[] => [
  ...new Set(parties.map(({ principal }) => principal)),
];

const doubts: Readonly<Record<Certainty, readonly string[]>> = {
  outside: [],
  other: ['The accounts of your organization are not known, so this account may belong to it.'],
  someOrganization: [
    'The policy is limited to an organization. Your own organization is not known, so this may be your own.',
  ],
};

function draft(
  record: PrincipalRecord,
  context: RuleContext,
  certainty: Certainty,
  {
    key,
    from,
    trusted,
    evidence,
    isNarrowed,
  }: Pick<Draft, 'key' | 'evidence'> & {
    readonly from: string;
    readonly trusted: string;
    readonly isNarrowed: boolean;
  },
): Draft {
  const level = privilegeLevelOf(record);
  const idleness = idlenessOf(record, context);
  const unprivileged: Severity = idleness.kind === 'active' && level.kind === 'ordinary' ? 'low' : 'medium';
  const ofAccount: Severity = isPrivileged(level) ? 'high' : unprivileged;
  const severity = isNarrowed ? lowered(ofAccount) : ofAccount;
  const byCertainty: Readonly<Record<Certainty, Severity>> = {
    outside: severity,
    other: lowered(severity),
    someOrganization: 'low',
  };
  return {
    key,
    severity: byCertainty[certainty],
    title: `Role ${record.name} can be assumed from ${from}`,
    detail: [
      `Its trust policy trusts ${trusted}.`,
      ...doubts[certainty],
      describePrivilegeLevel(level),
      describeIdleness(idleness, context.now),
      ...describeManager(record),
    ].join(' '),
    evidence: { ...evidence, organizationKnown: certainty === 'outside', ...privilegeLevelEvidence(level) },
  };
}
