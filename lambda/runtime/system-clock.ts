import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../core/ports/clock.ts';

/** Real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms) => {
    if (ms > 0) await setTimeout(ms);
  },
};
