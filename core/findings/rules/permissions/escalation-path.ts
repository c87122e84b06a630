import type { PrincipalRecord } from '../../../contract/evidence.ts';
import { actionsBySensitivity } from '../../abilities/abilities.ts';
import type { Doubt, Outcome } from '../../escalation/escalation-outcome.ts';
import type { Reach } from '../../escalation/escalation-reach.ts';
import { escalationsOf, isCertain, type Escalation } from './escalations.ts';
import type { Draft, PrincipalRule } from '../../rule.ts';
import { serviceUseOf, useEvidence } from '../../use/usage.ts';
import { countedInWords, listed, nameOf } from '../../../wording/wording.ts';

const MOST_GAINS = 10;
const MOST_NAMES = 2;

export const escalationPath: PrincipalRule = {
  id: 'escalation-path',
  subject: 'principal',
  usesOtherPrincipals: true,
  severity:
    'critical if the path leads to administrator permissions; high if it leads to actions that change permissions; medium if it leads to actions that return credentials; otherwise low. ' +
    'One level lower for each unknown fact that the path depends on (whether anything runs with such a role, and with which one; what a policy is attached to; the groups of a user; what a permissions boundary allows; whether a denial depends on a condition), and one level lower under conditions. ' +
    'One level higher if no fact is unknown, there are no conditions, and the principal never used a service that the path needs: those permissions can be removed at once',
  meaning:
    'The principal is allowed every action of a known privilege escalation path, after its permissions boundary and service control policies (SCPs) are applied. The path also has a target in this account: an existing role or user with permissions that the principal lacks, or the principal’s own permissions. If one path contains another with the same result, only the shorter one is reported. Administrators are not reported. For an administrator under conditions, only paths without conditions are reported.',
  why: 'An attacker who gets the principal’s credentials also gets the permissions at the end of the path. The principal’s own policies do not show them.',
  remedy:
    'Remove one action of the path; start with actions that were never used. Or limit iam:PassRole and sts:AssumeRole to the roles that are needed, add the condition key iam:PassedToService to iam:PassRole, and restrict IAM changes with a permissions boundary.',
  find: (record, context) =>
    // The permissions of a service-linked role cannot be changed.
    record.managedBy === 'service' ? [] : escalationsOf(record, context).map((one) => draftOf(record, one)),
};

function draftOf(record: PrincipalRecord, escalation: Escalation): Draft {
  const { path, outcome, actions, isConditional, conditions, neverUsed, severity } = escalation;
  const goal = outcome.administrator ? 'become an administrator' : 'gain permissions';
  const unused = neverUsed.length === 0 ? '' : ` (never used ${listed(neverUsed)})`;
  const gained = actionsBySensitivity(outcome.gained);
  return {
    key: path.id,
    severity,
    title: `${nameOf(record)} ${canOrMight(escalation)} ${goal} by ${path.by}${unused}`,
    detail: sentences(record, escalation).join(' '),
    evidence: {
      path: path.id,
      kind: path.kind,
      reference: path.reference,
      actions: actions.map(({ action, able, use }) => ({
        action,
        resources: able.resources ?? ['*'],
        conditions: able.conditions,
        doubtful: able.doubtful,
        ...useEvidence(use),
      })),
      conditional: isConditional,
      conditions,
      neverUsedServices: neverUsed,
      services: servicesOf(path.actions).map((namespace) => ({
        namespace,
        ...useEvidence(serviceUseOf(record, namespace)),
      })),
      notKnown: [...new Set(outcome.doubts)],
      targets: outcome.reach?.arns ?? [],
      targetCount: outcome.reach?.count ?? 0,
      administrators: outcome.reach?.administrators ?? 0,
      gains: outcome.anything ? ['*'] : gained.slice(0, MOST_GAINS),
      gainCount: gained.length,
      permissionsAsOf: record.permissions.asOf,
    },
  };
}

const canOrMight = (escalation: Escalation): 'can' | 'might' => (isCertain(escalation) ? 'can' : 'might');

/**
 * Without IAM for iam:PassRole: the service that receives a role uses it, so this principal's report does not show it.
 */
const servicesOf = (actions: readonly string[]): string[] => [
  ...new Set(actions.flatMap((action) => (action === 'iam:PassRole' ? [] : [action.split(':')[0] ?? '']))),
];

const doubtTexts: Readonly<Record<Doubt, string>> = {
  running: 'It is not known whether a resource that the path needs exists.',
  whichRuns: 'The actions are allowed on some resources only, and it is not known which roles those resources have.',
  attached: 'It is not known which principals the changeable policies are attached to.',
  groups: 'It is not known which groups it belongs to and what they grant.',
  boundary: 'Its permissions boundary also limits the permissions that it gives itself.',
  targetBoundary: 'A permissions boundary also limits the permissions that it gives to the target.',
  denied: 'The simulation denied some of the actions. They may be denied whatever values the condition keys have.',
  identityCenter: 'It is not known whether IAM Identity Center is administered from this account.',
};

function sentences(record: PrincipalRecord, escalation: Escalation): string[] {
  const { path, outcome, isConditional, conditions, neverUsed } = escalation;
  const texts = [`Allowed actions: ${listed(path.actions)}.`, leadsTo(outcome, canOrMight(escalation))];
  for (const doubt of new Set(outcome.doubts)) texts.push(doubtTexts[doubt]);
  if (isConditional) {
    const keys = conditions.length === 0 ? '' : `: ${listed(conditions)}`;
    texts.push(`Some of this is allowed only under conditions that could not be evaluated${keys}.`);
  }
  if (neverUsed.length > 0) {
    texts.push(`It never used ${listed(neverUsed)} in AWS’s tracking period: remove these permissions first.`);
  }
  if (record.managedBy === 'identityCenter')
    texts.push('Its permissions come from its permission set in IAM Identity Center: change them there.');
  return texts;
}

function leadsTo({ reach, anything }: Outcome, can: string): string {
  if (reach === null) {
    return anything
      ? `With them it ${can} give itself any permission.`
      : `With them it ${can} gain the permissions that its permissions boundary withholds.`;
  }
  const targets = countedInWords(reach.count, 'principal');
  return anything
    ? `With them it ${can} give any permission to ${targets} (${firstOf(reach)}) and act as ${reach.count === 1 ? 'that principal' : 'any of them'}.`
    : `With them it ${can} act as ${targets} with permissions that it lacks (${firstOf(reach)}). Administrators among them: ${reach.administrators}.`;
}

function firstOf({ arns, count }: Reach): string {
  const names = listed(arns.slice(0, MOST_NAMES).map(nameIn));
  return count > MOST_NAMES ? `such as ${names}` : names;
}

/** `role deploy` of `arn:aws:iam::111122223333:role/team/deploy`. */
function nameIn(arn: string): string {
  const [type = '', ...path] = (arn.split(':')[5] ?? '').split('/');
  return `${type} ${path.at(-1) ?? ''}`;
}
