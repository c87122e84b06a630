import type { Severity } from '../../../contract/finding.ts';
import type { TrustedParty } from '../../../contract/trust.ts';
import { oidcProvider } from '../../../trust/trusted-principal.ts';
import { describeManager } from '../../../inventory/managed-by.ts';
import { describeIdleness, idlenessOf } from '../../use/idleness.ts';
import { oidcAccess } from '../../../trust/oidc-access.ts';
import { reportedTrust, groupParties } from '../../../trust/external-access.ts';
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

export const oidcWithoutSubject: PrincipalRule = {
  id: 'oidc-without-subject',
  subject: 'principal',
  severity:
    'for a provider that many customers share: critical if the role is an administrator, or can change permissions or obtain credentials; otherwise high. Two levels lower for any other provider. One level lower if another condition or a Deny may limit access',
  meaning:
    'The role’s trust policy accepts tokens of an OIDC provider with any subject, or with subjects of any owner, such as `repo:*` for GitHub. For Cognito, Google, Facebook and Amazon, the rule checks the application or identity pool instead of the subject.',
  why: 'Anyone can get a token from a provider such as GitHub, so anyone can act as the role. With a provider of your own, every program that uses it can act as the role.',
  remedy:
    'Add a condition on the subject, such as `token.actions.githubusercontent.com:sub` with the value `repo:OWNER/REPOSITORY:ref:refs/heads/main`. Put no wildcard before the end of the owner’s name. For a Cognito identity pool, require the pool’s ID as the audience.',
  find: (record, context) => {
    const parties = reportedTrust(record).filter((party) => isOpen(party));
    return [...groupParties(parties, ({ principal }) => principal)].map(([key, those]) => {
      const provider = oidcProvider(key) ?? key;
      const isShared = those.some((party) => oidcAccess(party) === 'anyTenant');
      const subjects = subjectsOf(those);
      const limits = those.every((party) => otherLimits(party, provider).length > 0)
        ? [...new Set(those.flatMap((party) => otherLimits(party, provider)))]
        : [];
      const level = privilegeLevelOf(record);
      return {
        key,
        severity: severityOf(level, isShared, limits.length > 0),
        title: `Role ${record.name} accepts tokens of ${isShared ? 'any user' : 'any subject'} of ${provider}`,
        detail: [
          subjects.length === 0
            ? 'Its trust policy does not limit the subject or owner of the tokens.'
            : `Its trust policy accepts subjects that do not identify the owner: ${listedBriefly(subjects, 3)}.`,
          isShared
            ? 'Many customers share this provider, so anyone can get a token.'
            : 'This is assumed to be your own provider: every program that gets a token from it can assume the role.',
          ...(limits.length > 0 ? [`Access may be limited by ${listedBriefly(limits, 5)}.`] : []),
          describePrivilegeLevel(level),
          describeIdleness(idlenessOf(record, context), context.now),
          ...describeManager(record),
        ].join(' '),
        evidence: { provider, subjects, audiences: audiencesOf(those), limits, ...privilegeLevelEvidence(level) },
      };
    });
  },
};

const isOpen = (party: TrustedParty): boolean => party.kind === 'oidcProvider' && oidcAccess(party) !== 'limited';

const subjectsOf = (parties: readonly TrustedParty[]): string[] => [
  ...new Set(parties.flatMap(({ oidcSubjects }) => oidcSubjects ?? [])),
];

const audiencesOf = (parties: readonly TrustedParty[]): string[] => [
  ...new Set(parties.flatMap(({ oidcAudiences }) => oidcAudiences ?? [])),
];

/**
 * Excludes the provider's own keys, which are known not to limit access, and session names, which the caller chooses.
 */
const otherLimits = ({ requires, unjudged, deniedInPart }: TrustedParty, provider: string): string[] => [
  ...[...requires.map(({ key }) => key), ...unjudged].filter(
    (key) => !key.startsWith(`${provider}:`) && !key.startsWith('sts:'),
  ),
  ...(deniedInPart ? ['a Deny statement'] : []),
];

function severityOf(level: PrivilegeLevel, isShared: boolean, isLimited: boolean): Severity {
  const severity = isPrivileged(level) ? 'critical' : 'high';
  const byProvider = isShared ? severity : lowered(lowered(severity));
  return isLimited ? lowered(byProvider) : byProvider;
}
