import { type StepSchedule } from '../../../local/emulated-aws/disturbances/step-schedule.ts';
import { mean, quantile, type Cell } from '../samples.ts';
import type { Measured } from '../worker-pool.ts';
import { runOn, type ServerStrategy } from './server-runs.ts';
import { boundsOf } from './server-bounds.ts';
import { server, type Server } from './servers.ts';

/** Rates of the bystander during a burst, divided by that of the limit. */
const FACTORS = [1, 1.5, 2, 3, 5];
/** Seconds of a burst, and of its period. */
const TIMES = [
  [4, 20],
  [9, 30],
  [10, 60],
  [20, 60],
  [30, 120],
  [2, 10],
] as const;
/** Rates and sizes of the buckets. */
const LIMITS = [
  [10, 10],
  [5, 5],
  [10, 50],
  [20, 20],
  [20, 400],
] as const;
const STRATEGIES = ['first-day', 'sdk-adaptive', 'aimd'] as const satisfies readonly ServerStrategy[];

/** With each seed the bursts start this many seconds earlier, so that some runs start inside a burst. */
const SECONDS_EARLIER = 7;

/** @param earlier seconds of the period that have passed at the start */
function bursts(factor: number, on: number, every: number, earlier: number): StepSchedule {
  const next = { atMs: 1000 * (every - earlier), factor };
  return earlier < on
    ? { initial: factor, steps: [{ atMs: 1000 * (on - earlier), factor: 0 }, next], repeatMs: 1000 * every }
    : { initial: 0, steps: [next, { atMs: 1000 * (every - earlier + on), factor: 0 }], repeatMs: 1000 * every };
}

/** Bystanders that send bursts: all combinations of the lists above. */
export const gridCells: readonly Cell[] = FACTORS.flatMap((factor) =>
  TIMES.flatMap(([on, every]) =>
    LIMITS.flatMap(([rate, size]) => {
      const serverAt = (seed: number): Server =>
        server(`grid: ${factor} R for ${on} s of ${every} s`, rate, size, {
          bystanders: [bursts(factor, on, every, (SECONDS_EARLIER * seed) % every)],
        });
      return STRATEGIES.map((strategy) => ({
        strategy,
        place: serverAt(1).name,
        measure: async (seed: number) => [await runOn(strategy, serverAt(seed), seed)],
      }));
    }),
  ),
);

/** The grid is measured with at most this many seeds. */
export const GRID_SEEDS = 2;

/** makespan/T* of one strategy on the whole grid. */
export interface GridRow {
  readonly strategy: string;
  /** Of all runs. */
  readonly geometricMean: number;
  readonly median: number;
  readonly worst: number;
  /** Where the worst run was. */
  readonly worstAt: string;
  /** Share of the servers on which the median of the seeds is above 1.25 and above 1.15 times the better baseline's. */
  readonly above: number;
  /** Mean share of lost calls. */
  readonly lost: number;
}

export function gridRows(measured: readonly Measured[]): GridRow[] {
  const ratiosAt = (strategy: string, place: string): number[] =>
    measured
      .filter(({ cell }) => cell.strategy === strategy && cell.place === place)
      .flatMap(({ samples }) => samples.map(({ ratio }) => ratio));
  const medianAt = (strategy: string, place: string): number => quantile(ratiosAt(strategy, place), 0.5);
  const places = [...new Set(measured.map(({ cell }) => cell.place))];
  return STRATEGIES.filter((strategy) => measured.some(({ cell }) => cell.strategy === strategy)).map((strategy) => {
    const ratios = places.flatMap((place) => ratiosAt(strategy, place));
    const worst = Math.max(...ratios);
    const isAbove = (place: string): boolean =>
      medianAt(strategy, place) > boundsOf(place, [medianAt('sdk-adaptive', place), medianAt('aimd', place)]).median;
    const samples = measured.filter(({ cell }) => cell.strategy === strategy).flatMap((one) => one.samples);
    return {
      strategy,
      geometricMean: Math.exp(mean(ratios.map(Math.log))),
      median: quantile(ratios, 0.5),
      worst,
      worstAt: places.find((place) => ratiosAt(strategy, place).includes(worst)) ?? '',
      above: places.filter(isAbove).length / places.length,
      lost: mean(samples.map(({ lost }) => lost)),
    };
  });
}

const MOST = { geometricMean: 1.3, above: 0.1, worst: 4 };

/** One sentence for each figure of the audit that exceeds its bound. */
export function exceededOnGrid({ strategy, geometricMean, above, worst, lost }: GridRow): string[] {
  if (strategy !== 'first-day') return [];
  const check = (figure: string, value: number, bound: number): string[] =>
    value <= bound
      ? []
      : [`${strategy}, bursts on a grid: ${figure} is ${value.toFixed(4)}. The bound is ${bound.toFixed(4)}.`];
  return [
    ...check('the geometric mean of makespan/T*', geometricMean, MOST.geometricMean),
    ...check('the share of servers above their bounds', above, MOST.above),
    ...check('the worst makespan/T*', worst, MOST.worst),
    ...check('the share of lost calls', lost, 0),
  ];
}

/** A table in Markdown. */
export function gridTable(rows: readonly GridRow[]): string {
  const heads = ['strategy', 'geometric mean', 'median', '% of servers above the bound', 'worst run', 'worst server'];
  const lines = rows.map(({ strategy, geometricMean, median, above, worst, worstAt }) => [
    strategy,
    geometricMean.toFixed(2),
    median.toFixed(2),
    (100 * above).toFixed(0),
    worst.toFixed(2),
    worstAt,
  ]);
  return [
    'makespan/T* on the grid of bursts',
    '',
    ...[heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
