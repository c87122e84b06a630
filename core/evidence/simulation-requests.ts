import { AwsFault } from '../ports/aws-fault.ts';
import { PageMarkers } from '../ports/pages.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContextEntry, WorklistLine } from '../contract/account-objects.ts';
import type { IamReader, SimulatedDecision, SimulationPage } from '../ports/iam.ts';
import type { Gate } from './last-accessed.ts';
import { Refused } from './refused.ts';

/**
 * What a batch learns about the requests that AWS accepts, so that it does not repeat refused requests: refused actions
 * and resources, and how many actions are too many. AWS documents neither.
 */
export class SimulationLimits {
  /** Actions that AWS refused on `*` in a separate request. */
  readonly refusedActions = new Refused();
  /** Resources that AWS refused with one action in a separate request. */
  readonly refusedResources = new Refused();
  /** The catalogue fits in one request, and AWS states no maximum. */
  maxActions = 500;
  /** Whether `*` and narrower resources can share a request; null: not known yet. */
  joins: boolean | null = null;
  refusedJoins = 0;
}

/** Maximum pairs of action and resource in one request: the response must fit in a page of 1,000. */
export const MAX_PAIRS = 1_000;

export interface PermissionTools {
  readonly iam: IamReader;
  readonly clock: Clock;
  readonly simulate: Gate;
  readonly limits: SimulationLimits;
  /** Values of condition keys that the simulator does not know. */
  readonly context?: readonly ContextEntry[];
}

export interface Refusal {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly message: string;
}

export interface NarrowRequest {
  readonly actions: string[];
  readonly resources: string[];
}

export interface Answers {
  readonly decisions: SimulatedDecision[];
  readonly refusals: Refusal[];
}

/** AWS accepts this action for every principal. If AWS refuses it too, AWS refuses the principal and not an action. */
const PROBE = 'sts:GetCallerIdentity';

/** Simulates on `*`. A refused request is halved until the action that AWS refuses is found. */
export async function simulateEverywhere(
  line: WorklistLine,
  tools: PermissionTools,
): Promise<Answers | { principalRefused: AwsFault }> {
  const { limits } = tools;
  const answers: Answers = {
    decisions: [],
    refusals: line.actions.flatMap((action) => {
      const message = limits.refusedActions.message(action, line.arn);
      return message === undefined ? [] : [{ actions: [action], resources: [], message }];
    }),
  };
  const remaining = line.actions.filter((action) => limits.refusedActions.message(action, line.arn) === undefined);
  const suspected = remaining.filter((action) => limits.refusedActions.mayBeRefused(action));
  const others = remaining.filter((action) => !suspected.includes(action));
  for (let from = 0; from < remaining.length;) {
    const rest = others.slice(from, from + limits.maxActions);
    const part = rest.length > 0 ? rest : suspected.slice(from - others.length, from - others.length + 1);
    from += part.length;
    try {
      answers.decisions.push(...(await allPages(line.arn, part, [], tools)));
      limits.refusedActions.clear(part);
    } catch (error: unknown) {
      if (!isRefusal(error)) throw error;
      const refusal = await refusalOfPrincipal(line.arn, tools);
      if (refusal !== null) return { principalRefused: refusal };
      join(answers, await halved(line.arn, part, error.message, tools));
    }
  }
  return answers;
}

/** AWS's reason for refusing to simulate a principal; null if AWS simulates it. */
async function refusalOfPrincipal(arn: string, tools: PermissionTools): Promise<AwsFault | null> {
  try {
    await allPages(arn, [PROBE], [], tools);
    return null;
  } catch (error: unknown) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

const isRefusal = (error: unknown): error is AwsFault => error instanceof AwsFault && error.kind === 'refused';

/** Halves a refused request on `*`, and keeps what it learns for later principals. */
async function halved(
  arn: string,
  actions: readonly string[],
  message: string,
  tools: PermissionTools,
): Promise<Answers> {
  const [action] = actions;
  if (actions.length <= 1 || action === undefined) {
    if (action !== undefined) tools.limits.refusedActions.add(action, arn, message);
    return { decisions: [], refusals: [{ actions, resources: [], message }] };
  }
  const answers: Answers = { decisions: [], refusals: [] };
  for (const half of halves(actions)) {
    try {
      answers.decisions.push(...(await allPages(arn, half, [], tools)));
    } catch (error: unknown) {
      if (!isRefusal(error)) throw error;
      join(answers, await halved(arn, half, error.message, tools));
    }
  }
  // AWS accepted both halves: the request was too large, and no action was wrong.
  if (answers.refusals.length === 0) {
    tools.limits.maxActions = Math.min(tools.limits.maxActions, Math.ceil(actions.length / 2));
  }
  return answers;
}

/**
 * Simulates on narrower resources. AWS accepted the actions on `*`, so a refusal is more likely caused by a resource:
 * the resources are halved first. A resource that was refused for two principals is not requested again in this batch.
 */
export async function simulateNarrow(arn: string, request: NarrowRequest, tools: PermissionTools): Promise<Answers> {
  const { refusedResources } = tools.limits;
  const answers: Answers = { decisions: [], refusals: [] };
  for (const resource of request.resources) {
    const message = refusedResources.message(resource, arn);
    if (message !== undefined) answers.refusals.push({ actions: request.actions, resources: [resource], message });
  }
  const open = request.resources.filter((resource) => refusedResources.message(resource, arn) === undefined);
  const suspected = open.length > 1 ? open.filter((resource) => refusedResources.mayBeRefused(resource)) : [];
  for (const resource of suspected) {
    join(answers, await simulateNarrow(arn, { ...request, resources: [resource] }, tools));
  }
  const resources = open.filter((resource) => !suspected.includes(resource));
  if (resources.length === 0) return answers;
  try {
    answers.decisions.push(...(await allPages(arn, request.actions, resources, tools)));
    refusedResources.clear(resources);
  } catch (error: unknown) {
    if (!isRefusal(error)) throw error;
    const [resource] = resources;
    if (resources.length > 1) {
      for (const half of halves(resources)) {
        join(answers, await simulateNarrow(arn, { ...request, resources: [...half] }, tools));
      }
    } else if (request.actions.length > 1) {
      for (const half of halves(request.actions)) {
        join(answers, await simulateNarrow(arn, { actions: [...half], resources: [...resources] }, tools));
      }
    } else {
      if (resource !== undefined) refusedResources.add(resource, arn, error.message);
      answers.refusals.push({ actions: request.actions, resources, message: error.message });
    }
  }
  return answers;
}

function join(answers: Answers, more: Answers): void {
  answers.decisions.push(...more.decisions);
  answers.refusals.push(...more.refusals);
}

function halves<T>(items: readonly T[]): [readonly T[], readonly T[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

export async function allPages(
  arn: string,
  actions: readonly string[],
  resources: readonly string[],
  { iam, simulate, context }: PermissionTools,
): Promise<SimulatedDecision[]> {
  const decisions: SimulatedDecision[] = [];
  const markers = new PageMarkers<string | null>('SimulatePrincipalPolicy');
  let marker: string | null = null;
  do {
    const from: string | null = marker;
    const page: SimulationPage = await simulate(() => iam.simulationPage(arn, actions, resources, from, context));
    decisions.push(...page.decisions);
    marker = markers.next(page.marker);
  } while (marker !== null);
  return decisions;
}
