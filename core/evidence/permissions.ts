import { AwsFault } from '../aws-fault.ts';
import type { Clock } from '../clock.ts';
import type { WorklistLine } from '../contract/account-objects.ts';
import type { Decision, Permissions, Problem } from '../contract/evidence.ts';
import type { IamReader, SimulatedDecision, SimulationPage } from '../iam.ts';
import type { Gate, Outcome } from './last-accessed.ts';

/**
 * What a batch learns of the requests that AWS takes, so that no refusal is met twice: actions that it refuses alone,
 * and how many at once are too many. Neither is documented.
 */
export class SimulationLimits {
  /** Actions refused alone on `*`, with AWS's message. */
  readonly refused = new Map<string, string>();
  /** The catalogue fits one request, and AWS states no maximum. */
  maxActions = 500;
}

interface PermissionTools {
  readonly iam: IamReader;
  readonly clock: Clock;
  readonly simulate: Gate;
  readonly limits: SimulationLimits;
}

interface Refusal {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly message: string;
}

interface Answers {
  readonly decisions: SimulatedDecision[];
  readonly refusals: Refusal[];
}

/**
 * Simulates what no policy rules out: on `*`, and where that is implicitly denied on the narrower resources that an
 * Allow names. A refused request is halved, down to the one action that AWS does not take; the others are kept.
 */
export async function permissionsOf(line: WorklistLine, tools: PermissionTools): Promise<Outcome<Permissions>> {
  const everywhere = await simulateAll(line.arn, line.actions, [], tools);
  const decisions = new Map(everywhere.decisions.map((answer) => [answer.action.toLowerCase(), toDecision(answer)]));
  const problems = everywhere.refusals.map((refusal) => refused(refusal));

  try {
    for (const request of narrowRequests(line, decisions)) {
      const narrow = await simulateAll(line.arn, request.actions, request.resources, tools);
      for (const answer of narrow.decisions) addResources(decisions, line, answer);
      problems.push(...narrow.refusals.map((refusal) => refused(refusal)));
    }
  } catch (error: unknown) {
    // What was decided on `*` is worth keeping when the principal's narrower resources meet a lasting fault.
    if (!(error instanceof AwsFault) || !['denied', 'missing', 'refused', 'other'].includes(error.kind)) throw error;
    problems.push({ step: 'permissions', code: error.code, message: error.message });
  }

  const missing = line.actions.filter((action) => !decisions.has(action.toLowerCase()));
  const explained = new Set(everywhere.refusals.flatMap(({ actions }) => actions));
  for (const action of missing) {
    if (!explained.has(action)) {
      problems.push({ step: 'permissions', code: 'RefusedAction', message: `AWS gave no decision on ${action}.` });
    }
  }
  const nothingKnown = decisions.size === 0 && line.actions.length > 0;
  return {
    kind: 'known',
    part: {
      status: nothingKnown ? 'FAILED' : problems.length > 0 ? 'PARTIAL' : 'COMPLETE',
      asOf: new Date(tools.clock.now()).toISOString(),
      carriedFrom: null,
      ruledOut: line.ruledOut,
      decisions: [...decisions.values()],
    },
    problems,
  };
}

export const failedPermissions = (now: number, ruledOut: number): Permissions => ({
  status: 'FAILED',
  asOf: new Date(now).toISOString(),
  carriedFrom: null,
  ruledOut,
  decisions: [],
});

const refused = ({ actions, resources, message }: Refusal): Problem => ({
  step: 'permissions',
  code: 'RefusedAction',
  message: `AWS refused to simulate ${actions.join(', ')}${resources.length === 0 ? '' : ` on ${resources.join(', ')}`}: ${message}`,
});

const toDecision = (answer: SimulatedDecision): Decision => ({
  action: answer.action,
  decision: answer.decision,
  allowedByOrganizations: answer.allowedByOrganizations,
  allowedByBoundary: answer.allowedByBoundary,
  missingContext: [...answer.missingContext],
  resources: [],
});

/** Pairs of action and resource that one request may ask about: its answer must fit a page of 1,000. */
const MAX_PAIRS = 1_000;

/**
 * Requests for the narrower resources of actions that are implicitly denied on `*`. A call is what is scarce, so
 * resource lists are asked together; the simulator decides on every pair, and pairs that no Allow names are dropped.
 */
function narrowRequests(
  { narrower }: WorklistLine,
  decisions: ReadonlyMap<string, Decision>,
): { actions: string[]; resources: string[] }[] {
  const requests: { actions: string[]; resources: string[] }[] = [];
  for (const { actions, resources } of narrower) {
    const denied = actions.filter((action) => decisions.get(action.toLowerCase())?.decision === 'implicitDeny');
    if (denied.length === 0) continue;
    const last = requests.at(-1);
    const joined = {
      actions: [...new Set([...(last?.actions ?? []), ...denied])],
      resources: [...new Set([...(last?.resources ?? []), ...resources])],
    };
    if (last !== undefined && joined.actions.length * joined.resources.length <= MAX_PAIRS) {
      requests[requests.length - 1] = joined;
    } else {
      requests.push({ actions: denied, resources: [...resources] });
    }
  }
  return requests;
}

/** A key that one resource's decision misses makes the action conditional too. */
function addResources(
  decisions: ReadonlyMap<string, Decision>,
  { narrower }: WorklistLine,
  answer: SimulatedDecision,
): void {
  const decision = decisions.get(answer.action.toLowerCase());
  const named = new Set(narrower.find(({ actions }) => actions.includes(decision?.action ?? ''))?.resources);
  for (const { arn, decision: kind, missingContext } of answer.resources) {
    if (decision === undefined || !named.has(arn)) continue;
    decision.resources.push({ arn, decision: kind });
    for (const key of missingContext) if (!decision.missingContext.includes(key)) decision.missingContext.push(key);
  }
}

async function simulateAll(
  arn: string,
  actions: readonly string[],
  resources: readonly string[],
  tools: PermissionTools,
): Promise<Answers> {
  const { limits } = tools;
  const everywhere = resources.length === 0;
  const known: Refusal[] = everywhere
    ? actions.flatMap((action) => {
        const message = limits.refused.get(action);
        return message === undefined ? [] : [{ actions: [action], resources, message }];
      })
    : [];
  const remaining = actions.filter((action) => !limits.refused.has(action));
  const answers: Answers = { decisions: [], refusals: known };
  for (let from = 0; from < remaining.length;) {
    const size = limits.maxActions;
    join(answers, await simulateHalving(arn, remaining.slice(from, from + size), resources, tools));
    from += size;
  }
  return answers;
}

async function simulateHalving(
  arn: string,
  actions: readonly string[],
  resources: readonly string[],
  tools: PermissionTools,
): Promise<Answers> {
  try {
    return { decisions: await allPages(arn, actions, resources, tools), refusals: [] };
  } catch (error: unknown) {
    if (!(error instanceof AwsFault) || error.kind !== 'refused') throw error;
    if (actions.length === 1 && resources.length <= 1) {
      const [action] = actions;
      if (action !== undefined && resources.length === 0) tools.limits.refused.set(action, error.message);
      return { decisions: [], refusals: [{ actions, resources, message: error.message }] };
    }
    const parts =
      actions.length > 1
        ? halves(actions).map((half) => ({ actions: half, resources }))
        : halves(resources).map((half) => ({ actions, resources: half }));
    const answers: Answers = { decisions: [], refusals: [] };
    for (const part of parts) join(answers, await simulateHalving(arn, part.actions, part.resources, tools));
    // Both halves were taken whole: the request was too large, nothing in it was wrong.
    if (actions.length > 1 && answers.refusals.length === 0) {
      tools.limits.maxActions = Math.min(tools.limits.maxActions, Math.ceil(actions.length / 2));
    }
    return answers;
  }
}

function join(answers: Answers, more: Answers): void {
  answers.decisions.push(...more.decisions);
  answers.refusals.push(...more.refusals);
}

function halves<T>(items: readonly T[]): [readonly T[], readonly T[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

async function allPages(
  arn: string,
  actions: readonly string[],
  resources: readonly string[],
  { iam, simulate }: PermissionTools,
): Promise<SimulatedDecision[]> {
  const decisions: SimulatedDecision[] = [];
  let marker: string | null = null;
  do {
    const from: string | null = marker;
    const page: SimulationPage = await simulate(() => iam.simulationPage(arn, actions, resources, from));
    decisions.push(...page.decisions);
    marker = page.marker;
  } while (marker !== null);
  return decisions;
}
