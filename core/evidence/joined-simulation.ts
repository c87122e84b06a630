import { AwsFault } from '../ports/aws-fault.ts';
import type { WorklistLine } from '../contract/account-objects.ts';
import type { SimulatedDecision } from '../ports/iam.ts';
import { allPages, MAX_PAIRS, type PermissionTools, type SimulationLimits } from './simulation-requests.ts';

/** Refusals after which it is the request's form that AWS does not take, and not one principal's resources. */
const REFUSED_JOINS = 3;

export interface JoinedAnswers {
  /** As a request on `*` alone would have been answered. */
  readonly everywhere: SimulatedDecision[];
  /** As a request on the narrower resources would have been. */
  readonly narrower: SimulatedDecision[];
}

/**
 * Asks about `*` and the narrower resources in one request where both are needed, which saves every second call. Only
 * where no organization has a say: AWS tells of SCPs by action and not by resource, so that a joined answer would not
 * say what holds for `*`. Null: this is asked in two requests, as ever.
 */
export async function simulateJoined(line: WorklistLine, tools: PermissionTools): Promise<JoinedAnswers | null> {
  const { limits } = tools;
  const resources = [...new Set(line.narrower.flatMap((named) => named.resources))];
  const pairs = line.actions.length * (1 + resources.length);
  if (limits.joins !== true || resources.length === 0 || pairs > MAX_PAIRS) return null;
  if (line.actions.length > limits.maxActions || line.actions.some((action) => limits.refused.mayBe(action)))
    return null;
  if (resources.some((resource) => limits.refusedResources.mayBe(resource))) return null;
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

/** What the answer says of `*`; null where it does not. */
function onEverything(answer: SimulatedDecision): SimulatedDecision | null {
  const own = answer.resources.find(({ arn }) => arn === '*');
  if (own === undefined || answer.allowedByOrganizations !== null) return null;
  if (answer.allowedByBoundary !== null && own.allowedByBoundary === null) return null;
  const { decision, allowedByBoundary } = own;
  const told = new Set(answer.resources.flatMap((resource) => resource.missingContext));
  // Keys that no resource is said to miss may be missed by each of them.
  const missingContext = [...own.missingContext, ...answer.missingContext.filter((key) => !told.has(key))];
  return { ...answer, decision, allowedByBoundary, missingContext, resources: [] };
}

/** Whether requests may be joined in this account, from the first answers on `*`. */
export function learnWhetherToJoin(limits: SimulationLimits, decisions: readonly SimulatedDecision[]): void {
  if (limits.joins !== null || decisions.length === 0) return;
  limits.joins = decisions.every(({ allowedByOrganizations }) => allowedByOrganizations === null);
}
