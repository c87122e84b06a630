import type { Severity } from '../../../contract/finding.ts';
import type { TrustedParty } from '../../../contract/trust.ts';
import { describeIdleness, idlenessOf } from '../../use/idleness.ts';
import { changeableTrust, mayBeAnyone, groupParties } from '../../../trust/external-access.ts';
import {
  describeReach,
  isSensitive,
  listed,
  lowered,
  reachEvidence,
  reachOf,
  type Reach,
} from '../../abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';

/** Whoever owns an AWS account can meet these as they please: names, tags, how they signed in, what they send along. */
const CALLERS_CHOICE =
  /^(?:aws:(?:principalarn|principaltype|principaltag\/.*|requesttag\/.*|tagkeys|username|useragent|referer|securetransport|requestedregion|multifactorauthpresent)|sts:(?:rolesessionname|sourceidentity|transitivetagkeys|durationseconds))$/;

export const assumableByAnyone: PrincipalRule = {
  id: 'assumable-by-anyone',
  subject: 'principal',
  severity:
    'critical where the role is an administrator or can extend its rights or get at credentials; otherwise high; one lower where a condition may limit who, or the policy’s form can’t be read',
  meaning:
    'The role’s trust policy lets in any AWS principal of any account: it names everyone, and neither an organization nor accounts.',
  why: 'Anybody with an AWS account who learns or guesses the role’s name can act as it. Names are found in code, in logs and by trying.',
  remedy:
    'Name the accounts or roles that need it as its principals, or require your organization by aws:PrincipalOrgID.',
  find: (record, context) => {
    const parties = changeableTrust(record).filter(mayBeAnyone);
    return [...groupParties(parties, ({ principal }) => principal)].map(([key, those]) => {
      const reach = reachOf(record);
      const idleness = idlenessOf(record, context);
      // Statements add up: the least limited one counts.
      const open = those.find((party) => !isLimited(party));
      const limits = open === undefined ? limitsOf(those) : [];
      const isReadable = those.some(({ kind }) => kind === 'everyone');
      return {
        key,
        severity: severityOf(reach, open !== undefined),
        title: title(record.name, open !== undefined, isReadable),
        detail: [
          isReadable
            ? 'Its trust policy names everyone, of any account.'
            : `Its trust policy names ${key}, which nobody here can read: it may be anybody.`,
          ...(limits.length > 0 ? [`What may limit it: ${listed(limits, 5)}.`] : []),
          describeReach(reach),
          describeIdleness(idleness, context.now),
        ].join(' '),
        evidence: { principal: key, except: exceptOf(those), limits, ...reachEvidence(reach) },
      };
    });
  },
};

function title(name: string, isOpen: boolean, isReadable: boolean): string {
  if (isOpen) return `Anybody may assume role ${name}`;
  return isReadable
    ? `Anybody who meets a condition may assume role ${name}`
    : `Role ${name} trusts a principal that can’t be read`;
}

const isLimited = (party: TrustedParty): boolean => party.kind === 'unknown' || limitsOf([party]).length > 0;

/** Conditions that may keep strangers out, and Deny statements. */
const limitsOf = (parties: readonly TrustedParty[]): string[] => [
  ...new Set(
    parties.flatMap(({ requires, unjudged, deniedInPart }) => [
      ...[...requires.map(({ key }) => key), ...unjudged].filter((key) => !CALLERS_CHOICE.test(key)),
      ...(deniedInPart ? ['a Deny statement'] : []),
    ]),
  ),
];

const exceptOf = (parties: readonly TrustedParty[]): string[] => [...new Set(parties.flatMap(({ except }) => except))];

function severityOf(reach: Reach, isOpen: boolean): Severity {
  const severity = isSensitive(reach) ? 'critical' : 'high';
  return isOpen ? severity : lowered(severity);
}
