import type { Severity } from '../../../contract/finding.ts';
import type { TrustedParty } from '../../../contract/trust.ts';
import { oidcProvider } from '../../../trust/trusted-principal.ts';
import { describeIdleness, idlenessOf } from '../../use/idleness.ts';
import { oidcAccess } from '../../../trust/oidc-access.ts';
import { changeableTrust, groupParties } from '../../../trust/external-access.ts';
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

export const oidcWithoutSubject: PrincipalRule = {
  id: 'oidc-without-subject',
  subject: 'principal',
  severity:
    'of a provider that many customers share: critical where the role is an administrator or can extend its rights or get at credentials, otherwise high; of any other provider two lower; one lower where another condition may limit it',
  meaning:
    'The role’s trust policy lets in tokens of an OIDC provider whatever their subject; or whoever their owner is, as `repo:*` of GitHub does. For Cognito, Google, Facebook and Amazon the application or identity pool is looked at instead.',
  why: 'Of a provider like GitHub everybody can get a token, so that everybody can act as the role. Of a provider of your own, every program on it can.',
  remedy:
    'Require the subject, such as "repo:OWNER/REPOSITORY:ref:refs/heads/main" in `token.actions.githubusercontent.com:sub`; no wildcard before the owner’s name has ended. For a Cognito identity pool, require its id as audience.',
  find: (record, context) => {
    const parties = changeableTrust(record).filter((party) => isOpen(party));
    return [...groupParties(parties, ({ principal }) => principal)].map(([key, those]) => {
      const provider = oidcProvider(key) ?? key;
      const isShared = those.some((party) => oidcAccess(party) === 'anyTenant');
      const subjects = subjectsOf(those);
      const limits = those.every((party) => otherLimits(party, provider).length > 0)
        ? [...new Set(those.flatMap((party) => otherLimits(party, provider)))]
        : [];
      const reach = reachOf(record);
      return {
        key,
        severity: severityOf(reach, isShared, limits.length > 0),
        title: `Role ${record.name} trusts ${isShared ? 'anybody with' : 'every subject of'} ${provider}`,
        detail: [
          subjects.length === 0
            ? 'Its trust policy limits neither subject nor owner of the tokens.'
            : `Its trust policy takes subjects that don’t tell whose they are: ${listed(subjects, 3)}.`,
          isShared
            ? 'Many customers share this provider.'
            : 'It is taken to be a provider of your own: whoever gets a token of it is let in.',
          ...(limits.length > 0 ? [`What may limit it: ${listed(limits, 5)}.`] : []),
          describeReach(reach),
          describeIdleness(idlenessOf(record, context), context.now),
        ].join(' '),
        evidence: { provider, subjects, audiences: audiencesOf(those), limits, ...reachEvidence(reach) },
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

/** Of the provider’s own keys is known that they don’t limit; a session’s name is the caller’s choice. */
const otherLimits = ({ requires, unjudged, deniedInPart }: TrustedParty, provider: string): string[] => [
  ...[...requires.map(({ key }) => key), ...unjudged].filter(
    (key) => !key.startsWith(`${provider}:`) && !key.startsWith('sts:'),
  ),
  ...(deniedInPart ? ['a Deny statement'] : []),
];

function severityOf(reach: Reach, isShared: boolean, isLimited: boolean): Severity {
  const severity = isSensitive(reach) ? 'critical' : 'high';
  const ofProvider = isShared ? severity : lowered(lowered(severity));
  return isLimited ? lowered(ofProvider) : ofProvider;
}
