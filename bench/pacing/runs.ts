import { freshState } from '../../core/pacing/controller/controller-state.ts';
import type { Baseline } from './baselines.ts';
import { defaultPacing, nextDayState, sendPaced, type ControllerSettings } from './paced-calls.ts';
import { sampleOf, type Sample } from './samples.ts';
import { CALLS } from './scenarios.ts';
import type { Simulation } from './simulation.ts';

/** Creates the simulation of a run. @param seed decides its network, its bystanders and its noise */
export type SimulationOf = (seed: number) => Simulation;

/** Added to the seed of the day before, so that its network and bystanders use other random numbers. */
const YESTERDAY = 500_009;

export async function baselineRun(simulation: Simulation, send: Baseline): Promise<Sample> {
  return sampleOf(simulation, CALLS, await send(simulation, CALLS));
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
  const outcome = await sendPaced(before(seed + YESTERDAY), CALLS, settings);
  const simulation = today(seed);
  const { lost } = await sendPaced(simulation, CALLS, settings, nextDayState(outcome, settings, memoryFactor));
  return sampleOf(simulation, CALLS, lost);
}
