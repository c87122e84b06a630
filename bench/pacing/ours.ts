import { BucketController, freshState, rememberedState, usualPace } from '../../core/pacing/controller.ts';
import type { ControllerSettings, ControllerState } from '../../core/pacing/controller.ts';
import { PacedQueue } from '../../core/pacing/paced-queue.ts';
import { Throttling, type World } from './world.ts';

export interface Outcome {
  readonly lost: number;
  /** What the controller knew in the end. */
  readonly state: ControllerState | null;
}

export const politePace: ControllerSettings = { ...usualPace, share: 0.85, growth: 1.5e-4 };

const isThrottle = (error: unknown): boolean => error instanceof Throttling;

/** Sends `calls` with the pipeline's own queue and controller. @param batches the state is carried from one to the next */
export async function paced(
  world: World,
  calls: number,
  state: ControllerState = freshState(0),
  settings: ControllerSettings = usualPace,
  batches = 1,
): Promise<Outcome> {
  let carried = state;
  let lost = 0;
  for (let batch = 0; batch < batches; batch += 1) {
    const controller = new BucketController(carried, settings);
    const queue = new PacedQueue({ controller, clock: world.clock, random: world.random, isThrottle });
    const size = Math.floor(((batch + 1) * calls) / batches) - Math.floor((batch * calls) / batches);
    const results = await Promise.allSettled(Array.from({ length: size }, () => queue.call(world.call)));
    lost += results.filter(({ status }) => status === 'rejected').length;
    carried = controller.snapshot(world.clock.now());
  }
  return { lost, state: carried };
}

/** What another day starts from: the estimate alone. @param factor how wrong it is */
export function memoryOf({ state }: Outcome, settings = usualPace, factor = 1): ControllerState {
  const est = state?.est ?? null;
  return est === null ? freshState(0) : rememberedState(est * factor, settings.share, 0);
}
