import { BucketController } from '../../core/pacing/controller/bucket-controller.ts';
import {
  freshState,
  learnedRate,
  rememberedState,
  type ControllerState,
} from '../../core/pacing/controller/controller-state.ts';
import type { RateController } from '../../core/pacing/controller/rate-controller.ts';
import {
  politePacing,
  defaultPacing,
  type ControllerSettings,
} from '../../core/pacing/controller/controller-settings.ts';
import { PacedQueue } from '../../core/pacing/paced-queue.ts';
import { Throttling, type Simulation } from './simulation.ts';

export { politePacing, defaultPacing, type ControllerSettings };

export interface Outcome {
  readonly lost: number;
  /** The controller's state at the end. */
  readonly state: ControllerState;
}

export const isThrottle = (error: unknown): boolean => error instanceof Throttling;

/** The audit's queue of one operation. It is abandoned if the run takes too long. */
export function queueOn(simulation: Simulation, controller: RateController): PacedQueue {
  const { clock, random } = simulation;
  const queue = new PacedQueue({ controller, clock, random, isThrottle });
  simulation.onStop((reason) => {
    queue.abandon(reason);
  });
  return queue;
}

/**
 * Sends calls with the pipeline's queue and controller.
 * @param batches number of batches; each starts from the state of the previous one
 * @param limited makes the controller that the queue uses
 */
export async function sendPaced(
  simulation: Simulation,
  calls: number,
  settings: ControllerSettings,
  state: ControllerState = freshState(0, settings),
  batches = 1,
  limited: (controller: BucketController) => RateController = (controller) => controller,
): Promise<Outcome> {
  let current = state;
  let lost = 0;
  for (let batch = 0; batch < batches; batch += 1) {
    const controller = new BucketController(current, settings);
    const queue = queueOn(simulation, limited(controller));
    const size = Math.floor(((batch + 1) * calls) / batches) - Math.floor((batch * calls) / batches);
    const results = await Promise.allSettled(Array.from({ length: size }, () => queue.call(simulation.newCall())));
    lost += results.filter(({ status }) => status === 'rejected').length;
    current = controller.snapshot(simulation.clock.now());
  }
  return { lost, state: current };
}

/** The state that the next day starts from. @param factor the remembered rate, divided by the right one */
export function nextDayState({ state }: Outcome, settings: ControllerSettings, factor = 1): ControllerState {
  const learned = learnedRate(state);
  return learned === null
    ? freshState(0, settings)
    : rememberedState(learned * factor, 0, settings, new BucketController(state, settings).noise);
}
