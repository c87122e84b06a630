import type { Disturbances } from '../../../local/emulated-aws/disturbances/disturbances.ts';
import { always, type Step, type StepSchedule } from '../../../local/emulated-aws/disturbances/step-schedule.ts';
import type { Limit } from '../../../local/emulated-aws/token-bucket.ts';

/** A limit that is no token bucket with a constant rate and a constant bystander. */
export interface Server {
  /** Has no comma, because commas separate names in options. */
  readonly name: string;
  readonly limit: Limit;
  readonly disturbances: Disturbances;
}

export const server = (name: string, rate: number, size: number, disturbances: Disturbances = {}): Server => ({
  name: `${name} (R ${rate} B ${size})`,
  limit: { rate, size },
  disturbances,
});

/** Times are in seconds. */
const steps = (initial: number, changes: readonly (readonly [number, number])[], every?: number): StepSchedule => ({
  initial,
  steps: changes.map(([seconds, factor]): Step => ({ atMs: seconds * 1000, factor })),
  ...(every === undefined ? {} : { repeatMs: every * 1000 }),
});
const bystander = (...uses: readonly StepSchedule[]): Disturbances => ({ bystanders: uses });
/** Another application's burst. @param factor its rate, divided by that of the limit. @param every the period, if it repeats */
export const burst = (factor: number, at: number, seconds: number, every?: number): StepSchedule =>
  steps(
    0,
    [
      [at, factor],
      [at + seconds, 0],
    ],
    every,
  );
export const noise = (share: number): Disturbances => ({ noise: share });
const window = (calls: number, seconds: number, sliding = false): Disturbances => ({
  window: { calls, ms: seconds * 1000, sliding },
});
const rate = (...of: Parameters<typeof steps>): Disturbances => ({ rate: steps(...of) });

/** 40 % of the rate on average, between 0 and 80 %, in a wave of 4 minutes. */
const wave = steps(
  0.4,
  [0.4, 0.68, 0.8, 0.68, 0.4, 0.12, 0, 0.12].map((factor, n): [number, number] => [30 * n, factor]),
  240,
);

const bursts: readonly Server[] = [
  server('one burst at 5 R for 10 s', 10, 50, bystander(burst(5, 60, 10))),
  server('one burst at 5 R for 10 s', 20, 20, bystander(burst(5, 30, 10))),
  server('storm at 5 R for 30 s', 10, 50, bystander(burst(5, 0, 30))),
  server('storm at 5 R for 30 s', 10, 10, bystander(burst(5, 0, 30))),
  server('storm at 3 R for 60 s', 5, 25, bystander(burst(3, 0, 60))),
  server('3 R for 10 s of 60 s', 10, 50, bystander(burst(3, 0, 10, 60))),
  server('3 R for 10 s of 60 s from 20 s on', 10, 50, bystander(burst(3, 20, 10, 60))),
  server('3 R for 10 s of 60 s', 20, 20, bystander(burst(3, 0, 10, 60))),
  server('2 R for 4 s of 20 s', 10, 50, bystander(burst(2, 0, 4, 20))),
  server('5 R for 5 s of 30 s', 10, 50, bystander(burst(5, 18, 5, 30))),
];

const bystanders: readonly Server[] = [
  server('bystander 50 % appears', 20, 100, bystander(steps(0, [[50, 0.5]]))),
  server('bystander 70 % leaves', 20, 100, bystander(steps(0.7, [[50, 0]]))),
  server('bystander 0 to 80 % in waves', 10, 50, bystander(wave)),
  server('bystander 80 %', 20, 100, bystander(always(0.8))),
];

const noises: readonly Server[] = [
  server('noise 0.3 %', 10, 50, noise(0.003)),
  server('noise 0.3 %', 50, 50, noise(0.003)),
  server('noise 1 %', 10, 50, noise(0.01)),
  server('noise 1 %', 20, 100, noise(0.01)),
  server('noise 1 %', 5, 5, noise(0.01)),
  server('noise 1 % with bystander 20 %', 10, 50, { ...noise(0.01), ...bystander(always(0.2)) }),
  server('noise 1 % with 3 R for 10 s of 60 s', 10, 50, { ...noise(0.01), ...bystander(burst(3, 0, 10, 60)) }),
  server('noise 3 %', 10, 50, noise(0.03)),
  server('noise 5 %', 20, 100, noise(0.05)),
];

const windows: readonly Server[] = [
  server('100 calls in each 10 s', 10, 100, window(100, 10)),
  server('300 calls in each 60 s', 5, 300, window(300, 60)),
  server('10 calls in each 1 s', 10, 10, window(10, 1)),
  server('100 calls in any 10 s', 10, 100, window(100, 10, true)),
  server('300 calls in any 60 s', 5, 300, window(300, 60, true)),
];

const rates: readonly Server[] = [
  server(
    'rate 20 → 2 for 60 s → 20',
    20,
    100,
    rate(1, [
      [30, 0.1],
      [90, 1],
    ]),
  ),
  server(
    'rate 20 → 2 for 333 s → 20',
    20,
    100,
    rate(1, [
      [33, 0.1],
      [366, 1],
    ]),
  ),
  server('rate 5 → 50 after 60 s', 5, 25, rate(1, [[60, 10]])),
  server('rate 5 → 50 after 200 s', 5, 25, rate(1, [[200, 10]])),
  server('rate 50 → 5', 50, 50, rate(1, [[15, 0.1]])),
  server('rate 10 → 20', 10, 50, rate(1, [[60, 2]])),
  server(
    'rate 20 and 2 for 10 s each',
    20,
    100,
    rate(
      0.1,
      [
        [0, 1],
        [10, 0.1],
      ],
      20,
    ),
  ),
];

const buckets: readonly Server[] = [
  server('throttles 3 s late', 10, 50, { lateMs: 3_000 }),
  server('throttles 3 s late', 20, 100, { lateMs: 3_000 }),
  server('debt of 50', 10, 50, { debt: 50 }),
  server('debt of 50', 20, 20, { debt: 50 }),
  server('starts empty', 10, 50, { startsEmpty: true }),
  server('starts empty', 5, 100, { startsEmpty: true }),
  server('starts empty with bystander 60 %', 10, 50, { startsEmpty: true, ...bystander(always(0.6)) }),
  server('3 hosts', 10, 50, { hosts: 3 }),
  server('10 hosts', 20, 100, { hosts: 10 }),
];

/** The jitter of the network is enough to cause throttles. */
const oneToken: readonly Server[] = [
  server('one token', 1, 1),
  server('one token', 10, 1),
  server('one token', 50, 1),
  server('one token with bystander 20 %', 10, 1, bystander(always(0.2))),
];

export const servers: readonly Server[] = [
  ...bursts,
  ...bystanders,
  ...noises,
  ...windows,
  ...rates,
  ...buckets,
  ...oneToken,
];
