import type { Severity } from '../../../contract/finding.ts';
import type { TrustedParty } from '../../../contract/trust.ts';
import { describeManager } from '../../../inventory/managed-by.ts';
import { describeIdleness, idlenessOf } from '../../use/idleness.ts';
import { reportedTrust, mayBeAnyone, groupParties } from '../../../trust/external-access.ts';
import {
  describePrivilegeLevel,
  isPrivileged,
  lowered,
  privilegeLevelEvidence,
  privilegeLevelOf,
  type PrivilegeLevel,
} from '../../../access/abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';
import { listedBriefly } from '../../../wording/wording.ts';

/** Condition keys that anyone with an AWS account can satisfy: names, tags, how they signed in, request parameters. */
const CALLERS_CHOICE =
  /^(?:aws:(?:principalarn|principaltype|principaltag\/.*|requesttag\/.*|tagkeys|username|sourceidentity|useragent|referer|securetransport|requestedregion|multifactorauthpresent)|sts:(?:rolesessionname|sourceidentity|transitivetagkeys|durationseconds))$/;

export const assumableByAnyone: PrincipalRule = {
  id: 'assumable-by-anyone',
  subject: 'principal',
  controls: [],
  severity:
    'critical if the role is an administrator, or can change permissions or obtain credentials; otherwise high. One level lower if a condition or Deny may limit access and is not one that every stranger meets, or the trusted principal has an unknown format',
  meaning:
    'The role’s trust policy trusts every AWS principal of every account. It is not limited to an organization, to accounts, to principals by their unique IDs, to requests of AWS services or to a time that is past.',
  why: 'Anyone with an AWS account who knows or guesses the role’s ARN can act as the role. ARNs appear in code and logs, and names can be guessed.',
  remedy:
    'Trust only the accounts or roles that need the role, or require your organization with the condition key aws:PrincipalOrgID.',
  find: (record, context) => {
    const parties = reportedTrust(record).filter(mayBeAnyone);
    return [...groupParties(parties, ({ principal }) => principal)].map(([key, those]) => {
      const level = privilegeLevelOf(record);
      const idleness = idlenessOf(record, context);
      // The statements of a policy add up, so the least limited one counts.
      const open = those.find((party) => !isLimited(party));
      const limits = open === undefined ? limitsOf(those) : [];
      const isReadable = those.some(({ kind }) => kind === 'everyone');
      return {
        key,
        severity: severityOf(level, open !== undefined),
        title: title(record.name, open !== undefined, isReadable),
        detail: [
          isReadable
            ? 'Its trust policy trusts every principal of every account.'
            : `Its trust policy trusts ${key}, an unknown format: it may mean any principal.`,
          ...(limits.length > 0 ? [`Access may be limited by ${listedBriefly(limits, 5)}.`] : []),
          describePrivilegeLevel(level),
          describeIdleness(idleness, context.now),
          ...describeManager(record),
        ].join(' '),
        evidence: { principal: key, except: exceptOf(those), limits, ...privilegeLevelEvidence(level) },
      };
    });
  },
};

function title(name: string, isOpen: boolean, isReadable: boolean): string {
  if (isOpen) return `Role ${name} can be assumed by anyone with an AWS account`;
  return isReadable
    ? `Role ${name} can be assumed from any AWS account under conditions`
    : `Role ${name} trusts a principal in an unknown format`;
}

const isLimited = (party: TrustedParty): boolean =>
  party.kind === 'unknown' || (!party.openToStrangers && limitsOf([party]).length > 0);

/** Conditions and Deny statements that may limit access. */
const limitsOf = (parties: readonly TrustedParty[]): string[] => [
  ...new Set(
    parties.flatMap(({ requires, unjudged, deniedInPart }) => [
      ...[...requires.map(({ key }) => key), ...unjudged].filter((key) => !CALLERS_CHOICE.test(key)),
      ...(deniedInPart ? ['a Deny statement'] : []),
    ]),
  ),
];

const exceptOf = (parties: readonly TrustedParty[]): string[] => [...new Set(parties.flatMap(({ except }) => except))];

function severityOf(level: PrivilegeLevel, isOpen: boolean): Severity {
  const severity = isPrivileged(level) ? 'critical' : 'high';
  return isOpen ? severity : lowered(severity);
}
