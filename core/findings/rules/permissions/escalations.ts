import type { PrincipalRecord } from '../../../contract/evidence.ts';
import { severities, type Severity } from '../../../contract/finding.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import {
  abilityOf,
  conditionalAdministrator,
  exposing,
  isAdministrator,
  privileged,
} from '../../abilities/abilities.ts';
import { outcomesOf, seekerOf, type Able, type Outcome, type Walker } from '../../escalation/escalation-outcome.ts';
import type { EscalationPath } from '../../escalation/escalation-path.ts';
import { escalationPaths } from '../../escalation/escalation-paths.ts';
import type { RuleContext } from '../../rule.ts';
import { useOf, type Use } from '../../use/usage.ts';

/** A path that a principal can take in its account. */
export interface Escalation {
  readonly path: EscalationPath;
  readonly outcome: Outcome;
  readonly actions: readonly { readonly action: string; readonly able: Able; readonly use: Use }[];
  /** Some of it is allowed under conditions only. */
  readonly isConditional: boolean;
  readonly conditions: readonly string[];
  /** Services that it needs and that the principal never used: the path was never taken. */
  readonly neverUsed: readonly string[];
  /** How far down the severities it stands before its use is looked at. */
  readonly weight: number;
  readonly severity: Severity;
}

const pathActions = [...new Set(escalationPaths.flatMap(({ actions }) => actions))];

/** Paths of which each is a part of another: who can take the shorter gains nothing by the longer. */
const shorterPaths = new Map(
  escalationPaths.map((long) => {
    const actions = new Set(long.actions);
    const shorter = escalationPaths.filter(
      (short) => short.actions.length < long.actions.length && short.actions.every((action) => actions.has(action)),
    );
    return [long.id, shorter.map(({ id }) => id)] as const;
  }),
);

/**
 * The paths that a principal can take, of those that contain one another the shortest that leads as far. An
 * administrator needs none, and one under conditions only those that it can take without them.
 */
export function escalationsOf(record: PrincipalRecord, context: RuleContext): Escalation[] {
  if (record.permissions.decisions.length === 0 || isAdministrator(record)) return [];
  const isConditionalAdministrator = conditionalAdministrator(record) !== null;
  const able = new Map<string, Able>();
  for (const action of pathActions) {
    const ability = abilityOf(record, action);
    if (ability.kind !== 'able' || (isConditionalAdministrator && ability.conditions.length > 0)) continue;
    able.set(action, ability);
  }
  const walker = { record, seeker: seekerOf(record), principals: context.principals, able };
  const found = new Map<string, Escalation>();
  for (const path of escalationPaths) {
    if (!path.actions.every((action) => able.has(action))) continue;
    const best = escalationBy(path, walker, context);
    if (best !== null) found.set(path.id, best);
  }
  return [...found.values()].filter(
    ({ path, weight }) => !shorterPaths.get(path.id)?.some((id) => (found.get(id)?.weight ?? Infinity) <= weight),
  );
}

function escalationBy(path: EscalationPath, walker: Walker, context: RuleContext): Escalation | null {
  const { record, able } = walker;
  const outcomes = outcomesOf(path, walker).map((outcome) => withDenials(outcome, path, able));
  if (outcomes.length === 0) return null;
  const actions = path.actions.flatMap((action) => {
    const ability = able.get(action);
    return ability === undefined ? [] : [{ action, able: ability, use: useOf(record, action) }];
  });
  const keys = new Set(actions.flatMap((one) => one.able.conditions));
  const weighed = outcomes.map((outcome) => {
    const isConditional = keys.size > 0 || outcome.conditions !== null;
    return { outcome, isConditional, weight: gainWeight(outcome) + outcome.doubts.length + (isConditional ? 1 : 0) };
  });
  const best = weighed.reduce((least, one) => (one.weight < least.weight ? one : least));
  const neverUsed = new Set(
    actions.flatMap(({ action, use }) =>
      use.kind === 'never' && use.level === 'service' ? [action.split(':')[0] ?? ''] : [],
    ),
  );
  const isFirstToRemove = neverUsed.size > 0 && canBeRemoved(record, context.graceDays, context.now);
  return {
    path,
    ...best,
    actions,
    conditions: [...new Set([...keys, ...(best.outcome.conditions ?? [])])].sort(),
    neverUsed: isFirstToRemove ? [...neverUsed].sort() : [],
    severity: severityAt(best.weight - (isFirstToRemove && isCertain(best) ? 1 : 0)),
  };
}

/** A Deny may stand whatever the condition keys are that the simulation lacked. */
const withDenials = (outcome: Outcome, path: EscalationPath, able: Walker['able']): Outcome =>
  path.actions.some((action) => able.get(action)?.doubtful === true)
    ? { ...outcome, doubts: [...outcome.doubts, 'denied'] }
    : outcome;

/** Only then does it weigh that a path can be removed at once: one that may be none stays below one that is. */
export const isCertain = ({ outcome, isConditional }: Pick<Escalation, 'outcome' | 'isConditional'>): boolean =>
  outcome.doubts.length === 0 && !isConditional;

/** By what is gained: 0 an administrator's rights, 1 changes of rights, 2 credentials, 3 something else. */
function gainWeight({ administrator, gained }: Outcome): number {
  if (administrator) return 0;
  if ((gained & privileged) !== 0n) return 1;
  return (gained & exposing) === 0n ? 3 : 2;
}

const severityAt = (place: number): Severity =>
  severities[Math.min(Math.max(place, 0), severities.length - 1)] ?? 'low';
