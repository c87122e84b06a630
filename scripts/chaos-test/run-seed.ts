import type { ExecutionInput } from '../../core/contract/execution-input.ts';
import { DAY_MS } from '../../core/ports/clock.ts';
import type { SeedResult } from './seed-result.ts';
import { checkWorld } from './checks/check-world.ts';
import { definitionFor, Executions, type Break, type ObservedExecution } from './world/executions.ts';
import type { PlantedBug } from './world/invocations.ts';
import { chaosPlan, pick, type ChaosPlan } from './world/plan.ts';
import { inTheSameOrder } from './world/same-order.ts';
import { ChaosWorld } from './world/world.ts';

const noBug: PlantedBug = {};
const LATEST_REDRIVE_MS = 20 * 60_000;

export const runSeed = (seed: number): Promise<SeedResult> => runPlan(chaosPlan(seed));

/** Audits the accounts of a plan with its faults, and once more without faults, and checks everything that is left. */
export async function runPlan(plan: ChaosPlan, bug: PlantedBug = noBug): Promise<SeedResult> {
  const { seed } = plan;
  const synthesised = await definitionFor(plan.ofOrganization);
  const world = new ChaosWorld(plan, bug);
  const restore = inTheSameOrder(seed, world.clock);
  try {
    const executions = new Executions(world, synthesised);
    const failure = await scenario(world, executions).catch(
      (error: unknown) =>
        `The harness or the interpreter failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    const checked = failure === null ? await checkWorld(world, executions) : { statuses: [], violations: [failure] };
    const longest = Math.max(0, ...executions.observed.map(({ startedAt, endedAt }) => endedAt - startedAt));
    return {
      seed,
      faults: countsOf(world.log.happened.map(({ kind }) => kind)),
      executions: executions.observed.length,
      invocations: executions.invocations.observed.length,
      calls: [...world.wire.sent.values()].reduce((sum, count) => sum + count, 0),
      longestMinutes: Math.round(longest / 60_000),
      ...checked,
    };
  } finally {
    restore();
  }
}

const countsOf = (kinds: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** @returns null */
export async function scenario(world: ChaosWorld, executions: Executions): Promise<null> {
  const { clock, plan, fates } = world;
  world.startChaos();
  const schedule = fates() < 0.5 ? { scheduledTime: new Date(clock.now()).toISOString() } : {};
  const broken = breakOf(world);
  const withRedrive = async (): Promise<ObservedExecution> => {
    const execution = await executions.start('day-1', { ...scope(plan), ...schedule }, broken);
    await clock.sleep(fates() ** 3 * LATEST_REDRIVE_MS);
    const mayRedrive = broken !== null || plan.kinds.has('redrive');
    if (mayRedrive && execution.result?.status !== 'SUCCEEDED') await executions.redrive(execution);
    return execution;
  };
  const [first] = await Promise.all([
    withRedrive(),
    plan.kinds.has('twoRuns') ? another(world, executions, broken) : null,
  ]);
  if (fates() < 0.2 && first.decision === 'AUDIT') await executions.start('resumed', { resume: first.runId });
  await executions.invocations.settle();
  world.endChaos();
  // The faults are over: the next day must be COMPLETE.
  await clock.sleep(DAY_MS);
  await executions.start('day-2', {
    ...scope(plan),
    scheduledTime: new Date(clock.now()).toISOString(),
    ...fullOf(fates()),
  });
  await executions.invocations.settle();
  return null;
}

/** Half of the second days carry evidence of the first day. */
const fullOf = (drawn: number): { full?: true } => (drawn < 0.5 ? { full: true } : {});

const scope = (plan: ChaosPlan): ExecutionInput =>
  plan.ofOrganization ? {} : { accountIds: [...plan.accounts.keys()] };

function breakOf({ plan, fates }: ChaosWorld): Break | null {
  const stop = (): Break => ({ stopAfterMs: fates() ** 2 * 180_000, failing: null });
  if (!plan.kinds.has('redrive')) return plan.kinds.has('twoRuns') && fates() < 0.5 ? stop() : null;
  if (fates() < 0.6) return stop();
  const failing = pick(fates, ['plan-run', 'summarise-run', 'summarise-account', 'inventory-account'] as const);
  return { stopAfterMs: null, failing };
}

/** Another execution, started by hand or by the schedule, while the first one runs or soon after it was stopped. */
async function another(
  { clock, plan, fates }: ChaosWorld,
  executions: Executions,
  broken: Break | null,
): Promise<ObservedExecution> {
  const isScheduled = fates() < 0.4;
  const stoppedMs = broken?.stopAfterMs ?? null;
  await clock.sleep(stoppedMs === null ? fates() ** 2 * 300_000 : stoppedMs + fates() ** 3 * 60_000);
  const schedule = isScheduled ? { scheduledTime: new Date(clock.now()).toISOString() } : {};
  return executions.start('another', { ...scope(plan), ...schedule });
}
