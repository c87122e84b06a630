import * as v from 'valibot';
import { Claim } from '../../../core/contract/account-objects.ts';
import { objects } from '../../../core/contract/objects.ts';
import type { RunSummary } from '../../../core/contract/run.ts';
import { readRun } from '../../../core/objects/stored-runs.ts';
import { readValue } from '../../../core/ports/stored-objects.ts';
import type { Executions } from '../world/executions.ts';
import type { ChaosWorld } from '../world/world.ts';
import { checkCalls } from './check-calls.ts';
import { checkObjects } from './check-objects.ts';
import { checkRun, endedRun } from './check-run.ts';
import { checkBatches, checkClaims, checkPace } from './check-state.ts';

/** Bounds of one execution. Most of the time is that of storms, of slow reports and of waiting for another run. */
const MOST_MINUTES = 24 * 60;
const MOST_CALLS_PER_PRINCIPAL = 150;
const FURTHER_CALLS = 1_500;

/** Checks everything that the executions of a seed have left. */
export async function checkWorld(
  world: ChaosWorld,
  executions: Executions,
): Promise<{ readonly statuses: string[]; readonly violations: string[] }> {
  const statuses: string[] = [];
  const violations = [
    ...(await checkObjects(world.store)),
    ...checkClaims(world, executions),
    ...(await checkBatches(world, executions)),
    ...(await checkPace(world, executions)),
    ...checkBounds(world, executions),
    ...(await checkLatest(world, executions)),
  ];
  const runs: RunSummary[] = [];
  for (const execution of executions.observed) {
    const run = await endedRun(world, execution);
    if (run !== null) runs.push(run);
    statuses.push(run?.status ?? execution.result?.status ?? 'none');
    if (run === null) {
      if (execution.result?.status === 'SUCCEEDED' && execution.decision === 'AUDIT')
        violations.push(`${execution.name} succeeded, but its run has not ended`);
      continue;
    }
    violations.push(...(await checkRun(world, execution, run)));
  }
  return { statuses, violations: [...violations, ...checkCalls(world, runs)] };
}

function checkBounds(world: ChaosWorld, executions: Executions): string[] {
  const principals = [...world.plan.accounts.values()].reduce((sum, count) => sum + count, 0);
  const calls = [...world.wire.sent.values()].reduce((sum, count) => sum + count, 0);
  const most = MOST_CALLS_PER_PRINCIPAL * principals + FURTHER_CALLS;
  return [
    ...(calls > most ? [`${calls} calls for ${principals} principals: more than ${most}`] : []),
    ...executions.observed.flatMap(({ name, startedAt, endedAt }) =>
      endedAt - startedAt > MOST_MINUTES * 60_000
        ? [`${name} took ${Math.round((endedAt - startedAt) / 60_000)} minutes`]
        : [],
    ),
  ];
}

const Latest = v.object({ runId: v.string() });

/** After the day without faults, its run is the last one, and nobody has the claim. */
async function checkLatest(world: ChaosWorld, executions: Executions): Promise<string[]> {
  const { store } = world;
  const calm = executions.observed.at(-1);
  const latest = await readValue(store, objects.latest, Latest);
  const claim = await readValue(store, objects.claim, Claim);
  const run = latest === null ? null : await readRun(store, latest.runId);
  return [
    ...(calm?.decision === 'AUDIT' ? [] : [`the day without faults was not audited: ${JSON.stringify(calm?.result)}`]),
    ...(latest?.runId === calm?.runId ? [] : [`latest.json names ${latest?.runId ?? 'no run'}, not the last one`]),
    ...(run !== null && run.status !== 'RUNNING' ? [] : ['the run that latest.json names has not ended']),
    ...(claim?.released === true ? [] : [`run ${claim?.runId ?? ''} still has the claim`]),
  ];
}
