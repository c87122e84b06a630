import { BucketController } from '../../../core/pacing/controller/bucket-controller.ts';
import { freshState } from '../../../core/pacing/controller/controller-state.ts';
import type { RateController } from '../../../core/pacing/controller/rate-controller.ts';
import type { Limit } from '../../../local/emulated-aws/token-bucket.ts';
import { queueOn } from '../paced-calls.ts';
import type { Simulation } from '../simulation.ts';

/** Sends the attempts of one call. */
export type Sender = (call: () => Promise<void>) => Promise<void>;

/** The controller of a first day. */
export const ours = (): RateController => new BucketController(freshState(0));
export const paced = (simulation: Simulation, controller: RateController): Sender => {
  const queue = queueOn(simulation, controller);
  return (call) => queue.call(call);
};

/** Limits that several queues share. */
export const sharedLimits: readonly Limit[] = [
  { rate: 10, size: 50 },
  { rate: 20, size: 20 },
  { rate: 5, size: 25 },
  { rate: 50, size: 100 },
];
export const bucketName = ({ rate, size }: Limit): string => `R ${rate} B ${size}`;
