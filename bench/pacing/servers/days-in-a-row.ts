import type { Disturbances } from '../../../local/emulated-aws/disturbances/disturbances.ts';
import type { StepSchedule } from '../../../local/emulated-aws/disturbances/step-schedule.ts';
import { daysInARow } from '../runs.ts';
import type { Cell } from '../samples.ts';
import { CALLS } from '../scenarios.ts';
import { serverSimulation } from './server-runs.ts';
import { burst, noise } from './servers.ts';

export const DAYS = 8;

/** Noise, bursts of another application, or both, on each day. */
interface DaysServer {
  readonly name: string;
  readonly disturbances: (day: number) => Disturbances;
}

/** 3 R for 10 s of each minute. Each day starts at another time of the minute. */
const burstsOf = (day: number): { readonly bystanders: readonly StepSchedule[] } => ({
  bystanders: [burst(3, (20 * day) % 60, 10, 60)],
});

const servers: readonly DaysServer[] = [
  { name: 'noise 0.3 %', disturbances: () => noise(0.003) },
  { name: 'noise 1 %', disturbances: () => noise(0.01) },
  { name: '3 R for 10 s of 60 s', disturbances: burstsOf },
  { name: 'noise 0.3 % with 3 R for 10 s of 60 s', disturbances: (day) => ({ ...noise(0.003), ...burstsOf(day) }) },
  { name: 'noise 1 % with 3 R for 10 s of 60 s', disturbances: (day) => ({ ...noise(0.01), ...burstsOf(day) }) },
];

const limit = { rate: 10, size: 50 };

/** Eight days in a row on the same server. Each day starts with the memory that the days before it left. */
export const dayCells: readonly Cell[] = servers.map(({ name, disturbances }) => ({
  strategy: 'eight-days',
  place: `eight days: ${name} (R ${limit.rate} B ${limit.size})`,
  measure: (seed) =>
    daysInARow(seed, { days: DAYS, calls: CALLS }, (daySeed, day) =>
      serverSimulation({ name, limit, disturbances: disturbances(day) }, CALLS, daySeed),
    ),
}));
