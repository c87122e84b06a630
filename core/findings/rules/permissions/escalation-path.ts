import type { PrincipalRecord } from '../../../contract/evidence.ts';
import { actionsByWorth } from '../../abilities/abilities.ts';
import type { Doubt, Outcome } from '../../escalation/escalation-outcome.ts';
import type { Reach } from '../../escalation/escalation-reach.ts';
import { escalationsOf, isCertain, type Escalation } from './escalations.ts';
import type { Draft, PrincipalRule } from '../../rule.ts';
import { serviceUseOf, useEvidence } from '../../use/usage.ts';
import { counted, listed, nameOf } from '../../../wording/wording.ts';

const MOST_GAINS = 10;
const MOST_NAMES = 2;

export const escalationPath: PrincipalRule = {
  id: 'escalation-path',
  subject: 'principal',
  looksAtOthers: true,
  severity:
    'critical where it leads to an administrator’s rights; high where it leads to actions that change rights, medium where to actions that hand out credentials, low otherwise. ' +
    'One lower for each thing that is not known and would have to be so (that anything runs with such a role, and with which; what a policy is attached to; its groups; what a boundary lets through; whether a denial hangs on a condition at all), and one lower under conditions. ' +
    'One higher where all is known and under no condition, and it never used a service that the path needs, because that can be removed at once',
  meaning:
    'All actions of a known escalation path are allowed to the principal, over all its policies, within its boundary and SCPs, and the path leads somewhere in this account: to a role or user that exists and can do what the principal can’t, or to its own rights. Of paths that contain one another only the shortest that leads as far is told. An administrator needs none; one under conditions is told of those only that it can take without them.',
  why: 'Whoever gets hold of the principal gets hold of all that the path leads to. What was granted in its policies says little of what it can come to.',
  remedy:
    'Remove one action of the path, first those that were never used. Or limit iam:PassRole and sts:AssumeRole to the roles that are needed, with iam:PassedToService, and the changes of IAM by a permissions boundary.',
  find: (record, context) =>
    // Nobody can change what AWS's services may do.
    record.managedBy === 'service' ? [] : escalationsOf(record, context).map((one) => draftOf(record, one)),
};

function draftOf(record: PrincipalRecord, escalation: Escalation): Draft {
  const { path, outcome, actions, isConditional, conditions, neverUsed, severity } = escalation;
  const goal = outcome.administrator ? 'become an administrator' : 'gain permissions';
  const unused = neverUsed.length === 0 ? '' : `; never used ${listed(neverUsed)}`;
  const gained = actionsByWorth(outcome.gained);
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

/** A role that is passed is used by what it is passed to, which no report of this principal tells. */
const servicesOf = (actions: readonly string[]): string[] => [
  ...new Set(actions.flatMap((action) => (action === 'iam:PassRole' ? [] : [action.split(':')[0] ?? '']))),
];

const doubtTexts: Readonly<Record<Doubt, string>> = {
  running: 'Whether there is anything to take over is not known.',
  whichRuns: 'It may do so on some resources only; which roles those have is not known.',
  attached: 'To whom the policies are attached that it may change is not known.',
  groups: 'Which groups it is in, and what they grant, is not known.',
  boundary: 'Its permissions boundary holds whatever it gives itself.',
  targetBoundary: 'A permissions boundary holds whatever it gives them.',
  denied: 'The simulation denied some of it, and a Deny may stand whatever the conditions are.',
  identityCenter: 'Whether IAM Identity Center is administered from this account is not known.',
};

function sentences(record: PrincipalRecord, escalation: Escalation): string[] {
  const { path, outcome, isConditional, conditions, neverUsed } = escalation;
  const texts = [`It may do ${listed(path.actions)}.`, leadsTo(outcome, canOrMight(escalation))];
  for (const doubt of new Set(outcome.doubts)) texts.push(doubtTexts[doubt]);
  if (isConditional) {
    const keys = conditions.length === 0 ? '' : `: ${listed(conditions)}`;
    texts.push(`Some of it is allowed only under conditions that were not judged${keys}.`);
  }
  if (neverUsed.length > 0) {
    texts.push(
      `It never used ${listed(neverUsed)} as far back as AWS tells: these permissions are the first to remove.`,
    );
  }
  if (record.managedBy === 'identityCenter')
    texts.push('Its rights are those of its permission set in Identity Center.');
  return texts;
}

function leadsTo({ reach, anything }: Outcome, can: string): string {
  if (reach === null) {
    return anything
      ? `So it ${can} give itself rights that it does not have.`
      : `So it ${can} have what its permissions boundary withholds.`;
  }
  const whom = `So it ${can} act as ${counted(reach.count, 'principal')} (${firstOf(reach)})`;
  return anything
    ? `${whom}, with any rights that it likes.`
    : `${whom} that can do more than it can, ${counted(reach.administrators, 'administrator')} among them.`;
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
