import { AwsFault } from '../ports/aws-fault.ts';
import type { WorklistLine } from '../contract/account-objects.ts';
import type { SimulatedDecision } from '../ports/iam.ts';
import { allPages, MAX_PAIRS, type PermissionTools, type SimulationLimits } from './simulation-requests.ts';

/**
 * After this many refusals, AWS is assumed to refuse joined requests, and not only the resources of some principals.
 */
const REFUSED_JOINS = 3;

export interface JoinedAnswers {
  /** The decisions that a request on `*` alone would return. */
  readonly everywhere: SimulatedDecision[];
  /** The decisions that a request on the narrower resources would return. */
  readonly narrower: SimulatedDecision[];
}

/**
 * Simulates `*` and the narrower resources in one request, so that one call is enough instead of two. Not possible if
 * service control policies apply: AWS returns their effect for each action and not for each resource, so it would not be
 * known for `*`.
 * @returns null if two requests are needed
 */
export async function simulateJoined(line: WorklistLine, tools: PermissionTools): Promise<JoinedAnswers | null> {
  const { limits } = tools;
  const resources = [...new Set(line.narrower.flatMap((named) => named.resources))];
  const pairs = line.actions.length * (1 + resources.length);
  if (limits.joins !== true || resources.length === 0 || pairs > MAX_PAIRS) return null;
  if (
    line.actions.length > limits.maxActions ||
    line.actions.some((action) => limits.refusedActions.mayBeRefused(action))
  )
    return null;
  if (resources.some((resource) => limits.refusedResources.mayBeRefused(resource))) return null;
  let decisions: SimulatedDecision[];
  try {
    decisions = await allPages(line.arn, line.actions, ['*', ...resources], tools);
  } catch (error: unknown) {
    if (!(error instanceof AwsFault) || error.kind !== 'refused') throw error;
    limits.refusedJoins += 1;
    if (limits.refusedJoins >= REFUSED_JOINS) limits.joins = false;
    return null;
  }
  const everywhere = decisions.flatMap((decision) => onEverything(decision) ?? []);
  if (everywhere.length < decisions.length || decisions.length < line.actions.length) {
    limits.joins = false;
    return null;
  }
  return { everywhere, narrower: decisions };
}

/** What the answer says about `*`; null if it says nothing. */
function onEverything(answer: SimulatedDecision): SimulatedDecision | null {
  const own = answer.resources.find(({ arn }) => arn === '*');
  if (own === undefined || answer.allowedByOrganizations !== null) return null;
  if (answer.allowedByBoundary !== null && own.allowedByBoundary === null) return null;
  const { decision, allowedByBoundary } = own;
  const namedKeys = new Set(answer.resources.flatMap((resource) => resource.missingContext));
  // A missing key that AWS names for no resource may be missing for each of them.
  const missingContext = [...own.missingContext, ...answer.missingContext.filter((key) => !namedKeys.has(key))];
  return { ...answer, decision, allowedByBoundary, missingContext, resources: [] };
}

/** Decides from the first answers on `*` whether requests can be joined in this account. */
export function learnWhetherToJoin(limits: SimulationLimits, decisions: readonly SimulatedDecision[]): void {
  if (limits.joins !== null || decisions.length === 0) return;
  limits.joins = decisions.every(({ allowedByOrganizations }) => allowedByOrganizations === null);
}
