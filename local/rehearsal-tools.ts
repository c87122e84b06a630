import type { EstimateTools } from '../core/estimate/rehearse-run.ts';
import { seededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';
import { inVirtualTime } from './virtual-store.ts';

/** Nothing of a rehearsal leaves this process, so one quiet turn of the event loop is enough. */
const QUIET_TURNS = 1;

/** What an estimate needs to do a run in virtual time. The same inventory always gives the same estimate. */
export const rehearsalTools: EstimateTools = {
  startVirtualTime: (now) => {
    const clock = new VirtualClock(now, QUIET_TURNS);
    return { clock, inVirtualTime: (store) => inVirtualTime(store, clock) };
  },
  random: () => seededRandom(1),
};
