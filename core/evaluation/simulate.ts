import type { Decision, DecisionKind } from '../contract/evidence.ts';
import { isPartlyKnown, type ConditionContext } from './condition-context.ts';
import type { PrincipalPolicies } from './permissions.ts';
import type { PolicyAnswer, PolicyEvaluator } from './policy-set.ts';

/** What SimulatePrincipalPolicy would decide on one action and resource. */
export interface LocalDecision {
  readonly decision: DecisionKind;
  /** Null: no SCP is known. */
  readonly allowedByOrganizations: boolean | null;
  /** Null: the principal has no permissions boundary. */
  readonly allowedByBoundary: boolean | null;
  readonly missingContext: readonly string[];
}

/**
 * Decides as SimulatePrincipalPolicy does: a condition key without a value counts as absent, and is reported as missing.
 * An explicit deny of any policy wins.
 * @param context keys that the simulator fills in; the others are unknown
 */
export function simulateRequest(
  evaluator: PolicyEvaluator,
  { identity, boundary, serviceControl }: PrincipalPolicies,
  action: string,
  resource: string,
  context: ConditionContext,
): LocalDecision {
  const missing = new Set<string>();
  const simulated: ConditionContext = (key) => {
    const value = context(key);
    if (value !== 'unknown' && !isPartlyKnown(value)) return value;
    missing.add(key);
    return 'absent';
  };
  const request = { action: action.toLowerCase(), resource, context: simulated };
  const own = kindOf(evaluator.evaluate(identity, request));
  const within = boundary === null ? null : kindOf(evaluator.evaluate([boundary], request));
  const levels = serviceControl?.map((level) => kindOf(evaluator.evaluate(level, request))) ?? null;
  return {
    decision: combined([own, ...(within === null ? [] : [within]), ...(levels ?? [])]),
    allowedByOrganizations: levels === null ? null : combined(levels) === 'allowed',
    allowedByBoundary: within === null ? null : within === 'allowed',
    missingContext: [...missing].sort(),
  };
}

/** A policy whose content is not known decides nothing. */
function kindOf({ allowed, denied }: PolicyAnswer): DecisionKind {
  if (denied === true) return 'explicitDeny';
  return allowed === true ? 'allowed' : 'implicitDeny';
}

function combined(kinds: readonly DecisionKind[]): DecisionKind {
  if (kinds.includes('explicitDeny')) return 'explicitDeny';
  return kinds.includes('implicitDeny') ? 'implicitDeny' : 'allowed';
}

/** The decision on `*`, and on each narrower resource if `*` is implicitly denied. */
export function simulateAction(
  decide: (resource: string) => LocalDecision,
  action: string,
  narrower: readonly string[],
): Decision {
  const everywhere = decide('*');
  const resources = everywhere.decision === 'implicitDeny' ? narrower.map((arn) => ({ arn, ...decide(arn) })) : [];
  const missing = new Set([everywhere, ...resources].flatMap(({ missingContext }) => missingContext));
  return {
    action,
    decision: everywhere.decision,
    allowedByOrganizations: everywhere.allowedByOrganizations,
    allowedByBoundary: everywhere.allowedByBoundary,
    missingContext: [...missing].sort(),
    resources: resources.map(({ arn, decision }) => ({ arn, decision })),
  };
}
