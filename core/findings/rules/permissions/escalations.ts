import type { PrincipalRecord } from '../../../contract/evidence.ts';
import { severities, type Severity } from '../../../contract/finding.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import {
  abilityOf,
  conditionalAdministrator,
  credentialReturns,
  isAdministrator,
  permissionChanges,
} from '../../abilities/abilities.ts';
import {
  outcomesOf,
  sourceOf,
  type Able,
  type Outcome,
  type SourceContext,
} from '../../escalation/escalation-outcome.ts';
import type { EscalationPath } from '../../escalation/escalation-path.ts';
import { escalationPaths } from '../../escalation/escalation-paths.ts';
import type { RuleContext } from '../../rule.ts';
import { useOf, type Use } from '../../use/usage.ts';

/** An escalation path that a principal can use in its account. */
export interface Escalation {
  readonly path: EscalationPath;
  readonly outcome: Outcome;
  readonly actions: readonly { readonly action: string; readonly able: Able; readonly use: Use }[];
  /** Whether some of it is allowed only under conditions. */
  readonly isConditional: boolean;
  readonly conditions: readonly string[];
  /** Services that the path needs and that the principal never used, so it never used the path. */
  readonly neverUsed: readonly string[];
  /** Index into the severities, most severe first, before use is considered. May exceed their number. */
  readonly weight: number;
  readonly severity: Severity;
}

const pathActions = [...new Set(escalationPaths.flatMap(({ actions }) => actions))];

/** By path, the ids of the paths whose actions are a part of its actions. */
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
 * The paths that a principal can use. A path is left out if a part of it leads as far. An administrator needs no path;
 * for an administrator under conditions, only paths without conditions count.
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
  const sourceContext = { record, source: sourceOf(record), principals: context.principals, able };
  const found = new Map<string, Escalation>();
  for (const path of escalationPaths) {
    if (!path.actions.every((action) => able.has(action))) continue;
    const best = escalationBy(path, sourceContext, context);
    if (best !== null) found.set(path.id, best);
  }
  return [...found.values()].filter(
    ({ path, weight }) => !shorterPaths.get(path.id)?.some((id) => (found.get(id)?.weight ?? Infinity) <= weight),
  );
}

function escalationBy(path: EscalationPath, sourceContext: SourceContext, context: RuleContext): Escalation | null {
  const { record, able } = sourceContext;
  const outcomes = outcomesOf(path, sourceContext).map((outcome) => withDenials(outcome, path, able));
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

/** A denied action may stay denied whatever the values of the missing condition keys are. */
const withDenials = (outcome: Outcome, path: EscalationPath, able: SourceContext['able']): Outcome =>
  path.actions.some((action) => able.get(action)?.doubtful === true)
    ? { ...outcome, doubts: [...outcome.doubts, 'denied'] }
    : outcome;

/** Only a certain path is raised because it can be removed at once: an uncertain one stays below a certain one. */
export const isCertain = ({ outcome, isConditional }: Pick<Escalation, 'outcome' | 'isConditional'>): boolean =>
  outcome.doubts.length === 0 && !isConditional;

/** Index by what is gained: 0 administrator permissions, 1 changes of permissions, 2 credentials, 3 anything else. */
function gainWeight({ administrator, gained }: Outcome): number {
  if (administrator) return 0;
  if ((gained & permissionChanges) !== 0n) return 1;
  return (gained & credentialReturns) === 0n ? 3 : 2;
}

const severityAt = (index: number): Severity =>
  severities[Math.min(Math.max(index, 0), severities.length - 1)] ?? 'low';
