import type { Severity } from '../../../contract/finding.ts';
import type { TrustedParty } from '../../../contract/trust.ts';
import { oidcProvider } from '../../../trust/trusted-principal.ts';
import { describeManager } from '../../../inventory/managed-by.ts';
import { describeIdleness, idlenessOf } from '../../use/idleness.ts';
import { oidcAccess, unknownClaims } from '../../../trust/oidc-access.ts';
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
  controls: [],
  severity:
    'for a provider that many customers share: critical if the role is an administrator, or can change permissions or obtain credentials; otherwise high. Two levels lower for any other provider, and for GitHub workflows that a named user must have started. One level lower if another condition or a Deny may limit access',
  meaning:
    'The role’s trust policy accepts tokens of an OIDC provider with any subject, or with subjects of any owner, such as `repo:*` for GitHub. GitHub’s claims `repository`, `repository_id` and `enterprise_id` identify an owner; `environment`, `ref` and `workflow` do not, because every owner chooses them. `actor` identifies a user, but no repository. For Cognito, Google, Facebook and Amazon, the rule checks the application or identity pool instead of the subject. Guests of a Cognito identity pool, and every repository that may call a GitHub workflow, count as anyone.',
  why: 'Anyone can get a token from a provider such as GitHub, so anyone can act as the role. With a provider of your own, every program that uses it can act as the role.',
  remedy:
    'Add a condition on the subject, such as `token.actions.githubusercontent.com:sub` with the value `repo:OWNER/REPOSITORY:ref:refs/heads/main`. Put no wildcard before the end of the owner’s name. For a Cognito identity pool, require the pool’s ID as the audience, and `authenticated` as `cognito-identity.amazonaws.com:amr`. Besides a GitHub workflow, require the repositories that may call it.',
  find: (record, context) => {
    const parties = reportedTrust(record).filter((party) => isOpen(party));
    return [...groupParties(parties, ({ principal }) => principal)].map(([key, those]) => {
      const provider = oidcProvider(key) ?? key;
      const guestsOnly = those.every((party) => oidcAccess(party) === 'limited');
      const isShared = guestsOnly || those.some((party) => oidcAccess(party) === 'anyTenant');
      const isNamedUser = !isShared && those.some((party) => oidcAccess(party) === 'namedUser');
      const workflows = workflowsOf(those, provider);
      const subjects = subjectsOf(those);
      const limitsOf = (party: TrustedParty): string[] => [
        ...unknownClaims(party),
        ...(party.openToStrangers ? [] : otherLimits(party, provider)),
      ];
      const limits = those.every((party) => limitsOf(party).length > 0) ? [...new Set(those.flatMap(limitsOf))] : [];
      const level = privilegeLevelOf(record);
      return {
        key,
        severity: severityOf(level, isShared, limits.length > 0),
        title: guestsOnly
          ? `Role ${record.name} can be assumed by guests of a Cognito identity pool, without signing in`
          : `Role ${record.name} accepts tokens of ${describeAccepted(isShared, isNamedUser, provider)}`,
        detail: [
          ...(guestsOnly ? describeGuests(those) : describeSubjects(subjects, workflows)),
          isNamedUser ? describeUsers(those, provider) : describeTokens(guestsOnly, isShared),
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

function describeAccepted(isShared: boolean, isNamedUser: boolean, provider: string): string {
  if (isNamedUser) return `a named user of ${provider}, from any repository`;
  return `${isShared ? 'any user' : 'any subject'} of ${provider}`;
}

function describeTokens(guestsOnly: boolean, isShared: boolean): string {
  if (!isShared) {
    return 'This is assumed to be your own provider: every program that gets a token from it can assume the role.';
  }
  return guestsOnly
    ? 'Anyone on the internet who knows the pool’s ID, which every application of the pool shows, gets a token.'
    : 'Many customers share this provider, so anyone can get a token.';
}

/** A stranger can make the user start a workflow: some start when a user comments on an issue or stars a repository. */
function describeUsers(parties: readonly TrustedParty[], provider: string): string {
  const keys = [`${provider}:actor`, `${provider}:actor_id`];
  const users = parties.flatMap(({ requires }) =>
    requires.flatMap(({ key, values }) => (keys.includes(key) ? values : [])),
  );
  return `It requires that ${listedBriefly([...new Set(users)], 3)} started the workflow, but names no repository. A workflow of a stranger counts too, for example one that starts when the user comments on an issue there.`;
}

const isOpen = (party: TrustedParty): boolean =>
  party.kind === 'oidcProvider' && (oidcAccess(party) !== 'limited' || party.guests);

const describeGuests = (parties: readonly TrustedParty[]): string[] => [
  parties.some(({ requires }) => requires.some(({ key }) => key.endsWith(':amr')))
    ? 'Its trust policy accepts unauthenticated identities (cognito-identity.amazonaws.com:amr).'
    : 'Its trust policy does not require authenticated identities (cognito-identity.amazonaws.com:amr), so it accepts guests if the pool has guests.',
];

function describeSubjects(subjects: readonly string[], workflows: readonly string[]): string[] {
  if (workflows.length > 0) {
    return [
      `Its trust policy requires the workflow ${listedBriefly(workflows, 3)}, but not a repository: every repository that calls the workflow can assume the role.`,
    ];
  }
  return [
    subjects.length === 0
      ? 'Its trust policy does not limit the subject or owner of the tokens.'
      : `Its trust policy accepts subjects that do not identify the owner: ${listedBriefly(subjects, 3)}.`,
  ];
}

/** The reusable workflows that all statements require. */
const workflowsOf = (parties: readonly TrustedParty[], provider: string): string[] => {
  const required = parties.map(({ requires }) =>
    requires.flatMap(({ key, values }) => (key === `${provider}:job_workflow_ref` ? values : [])),
  );
  return required.every((values) => values.length > 0) ? [...new Set(required.flat())] : [];
};

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
