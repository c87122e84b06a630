import { describeIdleness, idlenessOf } from '../../use/idleness.ts';
import { describeManager } from '../../../inventory/managed-by.ts';
import {
  describePrivilegeLevel,
  isPrivileged,
  lowered,
  privilegeLevelEvidence,
  privilegeLevelOf,
} from '../../../access/abilities/privilege-level.ts';
import type { TrustedParty } from '../../../contract/trust.ts';
import { reportedTrust } from '../../../trust/external-access.ts';
import { namesPrincipals } from '../../../trust/whole-organization.ts';
import { listedBriefly } from '../../../wording/wording.ts';
import type { PrincipalRule } from '../../rule.ts';

export const assumableByOrganization: PrincipalRule = {
  id: 'assumable-by-organization',
  subject: 'principal',
  controls: [],
  severity: 'high; medium if a further condition may limit access',
  meaning:
    'The role’s trust policy trusts every principal of every account of your organization, and the role is an administrator, or can change permissions or obtain credentials. Trust that is narrowed to principals by name or tag is not reported.',
  why: 'An attacker who gets the credentials of one principal with permission for sts:AssumeRole, in any account of the organization, can act as the role. The least protected account decides how well the role is protected.',
  remedy:
    'Trust only the accounts or roles that need the role, or narrow the trust with the condition keys aws:PrincipalArn or aws:PrincipalAccount. Remove permissions that the role does not need.',
  find: (record, context) => {
    const { organizationId: own } = context;
    const level = privilegeLevelOf(record);
    if (own === null || !isPrivileged(level)) return [];
    const parties = reportedTrust(record).filter((party) => isWholeOrganization(party, own));
    if (parties.length === 0) return [];
    // The statements of a policy add up, so the least limited one counts.
    const limits = parties.map(limitsOf).reduce((least, one) => (one.length < least.length ? one : least));
    return [
      {
        key: own,
        severity: limits.length === 0 ? 'high' : lowered('high'),
        title: `Role ${record.name} can be assumed from every account of the organization`,
        detail: [
          `Its trust policy trusts every principal of organization ${own}.`,
          ...(limits.length === 0 ? [] : [`Access may be limited by ${listedBriefly(limits, 5)}.`]),
          describePrivilegeLevel(level),
          describeIdleness(idlenessOf(record, context), context.now),
          ...describeManager(record),
        ].join(' '),
        evidence: { organization: own, limits, ...privilegeLevelEvidence(level) },
      },
    ];
  },
};

const isWholeOrganization = ({ kind, organizationIds, requires, unjudged }: TrustedParty, own: string): boolean =>
  kind === 'everyone' &&
  organizationIds?.includes(own) === true &&
  ![...requires.map(({ key }) => key), ...unjudged].some(namesPrincipals);

/** Conditions besides the organization, and Deny statements, that may limit access. */
const limitsOf = ({ requires, unjudged, deniedInPart }: TrustedParty): string[] => [
  ...new Set([...requires.map(({ key }) => key), ...unjudged].filter((key) => key !== 'aws:principalorgid')),
  ...(deniedInPart ? ['a Deny statement'] : []),
];
