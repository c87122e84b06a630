import { isOfGlobalService } from '../inventory/simulation-context.ts';
import { AwsFault } from '../ports/aws-fault.ts';
import type { WorklistLine } from '../contract/account-objects.ts';
import type { Decision, Permissions, Problem } from '../contract/evidence.ts';
import type { SimulatedDecision } from '../ports/iam.ts';
import { learnWhetherToJoin, simulateJoined } from './joined-simulation.ts';
import type { Outcome } from './last-accessed.ts';
import {
  MAX_PAIRS,
  simulateEverywhere,
  simulateNarrow,
  type Answers,
  type NarrowRequest,
  type PermissionTools,
  type Refusal,
} from './simulation-requests.ts';

/**
 * Simulates the actions that are not ruled out on `*`. Actions that are implicitly denied there are simulated on the
 * narrower resources that an Allow names. A refused request is halved until the action that AWS refuses is found; the
 * decisions on the other actions are kept.
 */
export async function permissionsOf(line: WorklistLine, tools: PermissionTools): Promise<Outcome<Permissions>> {
  const { context } = line;
  if (context === undefined) return simulated(line, tools);
  const isGlobal = (action: string): boolean => isOfGlobalService(action);
  const [global, regional] = [linePart(line, isGlobal), linePart(line, (action) => !isGlobal(action))];
  if (context.global === null || global.actions.length === 0 || regional.actions.length === 0) {
    const entries = regional.actions.length === 0 ? (context.global ?? context.entries) : context.entries;
    return simulated(line, { ...tools, context: entries });
  }
  const first = await simulated(regional, { ...tools, context: context.entries });
  if (first.kind !== 'known') return first;
  const second = await simulated(global, { ...tools, context: context.global });
  return second.kind === 'known' ? joinedOutcome(first, second) : second;
}

/** The part of a line's work for some actions. */
function linePart(line: WorklistLine, isWanted: (action: string) => boolean): WorklistLine {
  const narrower = line.narrower.flatMap(({ actions, resources }) => {
    const wanted = actions.filter(isWanted);
    return wanted.length === 0 ? [] : [{ actions: wanted, resources }];
  });
  return { ...line, actions: line.actions.filter(isWanted), narrower };
}

type Known = Extract<Outcome<Permissions>, { kind: 'known' }>;

function joinedOutcome(first: Known, second: Known): Known {
  const statuses = [first.part.status, second.part.status];
  const decisions = [...first.part.decisions, ...second.part.decisions];
  const isComplete = statuses.every((status) => status === 'COMPLETE');
  const messages = new Map(
    [...first.problems, ...second.problems].map((problem) => [JSON.stringify(problem), problem]),
  );
  return {
    kind: 'known',
    part: {
      ...first.part,
      status: isComplete ? 'COMPLETE' : decisions.length === 0 ? 'FAILED' : 'PARTIAL',
      decisions: decisions.sort((a, b) => (a.action < b.action ? -1 : 1)),
    },
    problems: [...messages.values()],
  };
}

async function simulated(line: WorklistLine, tools: PermissionTools): Promise<Outcome<Permissions>> {
  const joined = await simulateJoined(line, tools);
  const everywhere =
    joined === null ? await simulateEverywhere(line, tools) : { decisions: joined.everywhere, refusals: [] };
  if ('principalRefused' in everywhere) {
    const { code, message } = everywhere.principalRefused;
    return {
      kind: 'known',
      part: failedPermissions(tools.clock.now(), line.ruledOut),
      problems: [{ step: 'permissions', code, message: `AWS does not simulate this principal: ${message}` }],
    };
  }
  learnWhetherToJoin(tools.limits, everywhere.decisions);
  const decisions = new Map(everywhere.decisions.map((answer) => [answer.action.toLowerCase(), toDecision(answer)]));
  const problems = everywhere.refusals.map((refusal) => refused(refusal));

  try {
    for (const request of narrowRequests(line, decisions)) {
      const narrow =
        joined === null
          ? await simulateNarrow(line.arn, request, tools)
          : { decisions: joined.narrower.filter(({ action }) => isAmong(request.actions, action)), refusals: [] };
      for (const answer of narrow.decisions) addResources(decisions, line, answer);
      problems.push(...narrow.refusals.map((refusal) => refused(refusal)));
      problems.push(...withoutDecision(line, request, narrow, decisions));
    }
    if ([...decisions.values()].some(({ decision }) => decision === 'implicitDeny')) {
      problems.push(...line.unaskable.map(notSimulated));
    }
  } catch (error: unknown) {
    // The decisions on `*` are kept if the requests on narrower resources meet a lasting fault.
    if (!(error instanceof AwsFault) || !['denied', 'missing', 'refused', 'other'].includes(error.kind)) throw error;
    problems.push({ step: 'permissions', code: error.code, message: error.message });
  }

  const missing = line.actions.filter((action) => !decisions.has(action.toLowerCase()));
  const explained = new Set(everywhere.refusals.flatMap(({ actions }) => actions));
  for (const action of missing) {
    if (!explained.has(action)) {
      problems.push({ step: 'permissions', code: 'RefusedAction', message: `AWS returned no decision for ${action}.` });
    }
  }
  const hasNoDecision = decisions.size === 0 && line.actions.length > 0;
  return {
    kind: 'known',
    part: {
      status: hasNoDecision ? 'FAILED' : problems.length > 0 ? 'PARTIAL' : 'COMPLETE',
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

/**
 * Requests for the narrower resources of actions that are implicitly denied on `*`. Calls are scarce, so resource lists
 * share a request. The simulator decides on every pair of action and resource; pairs that no Allow names are dropped.
 */
function narrowRequests({ narrower }: WorklistLine, decisions: ReadonlyMap<string, Decision>): NarrowRequest[] {
  const requests: NarrowRequest[] = [];
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

/** The narrower resources that an Allow names for the action. */
const namedResources = ({ narrower }: WorklistLine, action: string): ReadonlySet<string> =>
  new Set(narrower.find(({ actions }) => actions.some((name) => sameAction(name, action)))?.resources);

const sameAction = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const isAmong = (actions: readonly string[], action: string): boolean =>
  actions.some((name) => sameAction(name, action));

/** A context key that is missing for one resource makes the decision on the action conditional too. */
function addResources(decisions: ReadonlyMap<string, Decision>, line: WorklistLine, answer: SimulatedDecision): void {
  const decision = decisions.get(answer.action.toLowerCase());
  const named = namedResources(line, answer.action);
  for (const { arn, decision: kind, missingContext } of answer.resources) {
    if (decision === undefined || !named.has(arn)) continue;
    decision.resources.push({ arn, decision: kind });
    for (const key of missingContext) if (!decision.missingContext.includes(key)) decision.missingContext.push(key);
  }
}

/** Pairs of action and resource that AWS neither decided on nor refused. A missing decision is not a denial. */
function withoutDecision(
  line: WorklistLine,
  request: NarrowRequest,
  { refusals }: Answers,
  decisions: ReadonlyMap<string, Decision>,
): Problem[] {
  return request.actions.flatMap((action) => {
    const answered = new Set(decisions.get(action.toLowerCase())?.resources.map(({ arn }) => arn));
    const missing = [...namedResources(line, action)].filter(
      (arn) =>
        request.resources.includes(arn) &&
        !answered.has(arn) &&
        !refusals.some(({ actions, resources }) => actions.includes(action) && resources.includes(arn)),
    );
    if (missing.length === 0) return [];
    const message = `AWS returned no decision for ${action} on ${missing.join(', ')}.`;
    return [{ step: 'permissions', code: 'RefusedAction', message }];
  });
}

const notSimulated = (resource: string): Problem => ({
  step: 'permissions',
  code: 'RefusedAction',
  message: `An Allow statement names ${resource}, which can't be simulated, so it is not known what the statement grants.`,
});
