import { BucketController } from '../../core/pacing/controller/bucket-controller.ts';
import { freshState } from '../../core/pacing/controller/controller-state.ts';
import type { RateController } from '../../core/pacing/controller/rate-controller.ts';
import { paceMemoryOf, startController, type PaceMemory } from '../../core/pacing/pace-memory.ts';
import { RateLimitedController } from '../../core/pacing/rate-limited-controller.ts';
import type { Baseline } from './baselines.ts';
import { defaultPacing, nextDayState, sendPaced, type ControllerSettings } from './paced-calls.ts';
import { sampleOf, type Sample } from './samples.ts';
import { CALLS } from './scenarios.ts';
import type { Simulation } from './simulation.ts';

/** Creates the simulation of a run. @param seed decides its network, its bystanders and its noise */
export type SimulationOf = (seed: number) => Simulation;

/** Added to the seed for another day, so that its network and bystanders use other random numbers. */
const OTHER_DAY = 500_009;

export async function baselineRun(simulation: Simulation, send: Baseline, calls = CALLS): Promise<Sample> {
  return sampleOf(simulation, calls, await send(simulation, calls));
}

/** A run without memory. @param batches see sendPaced */
export async function firstDayRun(
  simulation: Simulation,
  settings: ControllerSettings = defaultPacing,
  batches = 1,
): Promise<Sample> {
  const { lost } = await sendPaced(simulation, CALLS, settings, freshState(0, settings), batches);
  return sampleOf(simulation, CALLS, lost);
}

/**
 * A run with the memory of the day before.
 * @param memoryFactor the remembered rate, divided by the learned one
 */
export async function nextDayRun(
  seed: number,
  { before, today }: { readonly before: SimulationOf; readonly today: SimulationOf },
  settings: ControllerSettings = defaultPacing,
  memoryFactor = 1,
): Promise<Sample> {
  const outcome = await sendPaced(before(seed + OTHER_DAY), CALLS, settings);
  const simulation = today(seed);
  const { lost } = await sendPaced(simulation, CALLS, settings, nextDayState(outcome, settings, memoryFactor));
  return sampleOf(simulation, CALLS, lost);
}

const OPERATION = 'operation';

interface Days {
  readonly days: number;
  /** Calls of each day. */
  readonly calls: number;
  readonly settings?: ControllerSettings;
  /** Calls per second at most. Default: no maximum. */
  readonly maxRate?: number;
}

/**
 * Days in a row. Each starts with the memory that the days before it left, as the pipeline stores it.
 * @param simulationOf `day` counts from 0
 * @returns one sample for each day
 */
export async function daysInARow(
  seed: number,
  { days, calls, settings = defaultPacing, maxRate }: Days,
  simulationOf: (seed: number, day: number) => Simulation,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  let memory: PaceMemory | null = null;
  const limited = (controller: BucketController): RateController =>
    maxRate === undefined ? controller : new RateLimitedController(controller, maxRate);
  for (let day = 0; day < days; day += 1) {
    const run = `day-${day}`;
    const start = startController(memory, run, OPERATION, 0, settings).snapshot(0);
    const simulation = simulationOf(seed + day * OTHER_DAY, day);
    const { lost, state } = await sendPaced(simulation, calls, settings, start, 1, limited);
    const controllers = new Map([[OPERATION, new BucketController(state, settings)]]);
    memory = paceMemoryOf(run, controllers, memory, simulation.clock.now());
    samples.push(sampleOf(simulation, calls, lost));
  }
  return samples;
}
