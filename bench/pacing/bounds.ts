import type { Row } from './rows.ts';
import type { Scenario } from './scenarios.ts';

type Bounds = Readonly<Record<Scenario, number>>;

const bounds = (
  alone: number,
  bystander20: number,
  bystander60: number,
  halved: number,
  halvedBystander: number,
): Bounds => ({ alone, bystander20, bystander60, halved, 'halved-bystander20': halvedBystander });
const everywhere = (bound: number): Bounds => bounds(bound, bound, bound, bound, bound);
const NONE = Number.POSITIVE_INFINITY;

const ratioMedian = bounds(1.05, 1.08, 1.12, 1.05, 1.12);
const ratioP90 = bounds(1.3, 1.3, 2, 1.3, 1.3);
/** Share of the bystander's calls that is throttled because of the audit. */
const harm = bounds(0.01, 0.01, 0.01, 0.015, 0.015);
/** Means, and the worst run: medians hide the smallest buckets, which have most of the throttles. */
const throttledMean = bounds(0.006, 0.008, 0.016, 0.014, 0.024);
const harmMean = bounds(NONE, 0.01, 0.022, NONE, 0.034);
const WORST_HARM = 0.2;
const MOST_ATTEMPTS = 10;

interface StrategyBounds {
  readonly strategy: string;
  readonly ratioMedian?: Bounds;
  readonly ratioP90?: Bounds;
  readonly throttled?: Bounds;
  readonly harm?: Bounds;
  readonly throttledMean?: Bounds;
  readonly harmMean?: Bounds;
  readonly harmWorst?: Bounds;
  readonly attempts?: Bounds;
}

/** Bounds that every version of the pacing must meet. No call may ever be lost. */
const strategyBounds: readonly StrategyBounds[] = [
  {
    strategy: 'first-day',
    ratioMedian,
    ratioP90,
    throttled: everywhere(0.008),
    harm,
    throttledMean,
    harmMean,
    harmWorst: everywhere(WORST_HARM),
    attempts: everywhere(MOST_ATTEMPTS),
  },
  {
    strategy: 'with-memory',
    ratioMedian,
    ratioP90,
    throttled: bounds(0.005, 0.005, NONE, NONE, NONE),
    harm,
    attempts: everywhere(MOST_ATTEMPTS),
  },
  { strategy: 'rate-doubled', ratioMedian: bounds(1.15, 1.15, 1.25, 1.25, 1.25) },
  { strategy: 'memory-doubled', harm: everywhere(0.02) },
  { strategy: 'hub-4', ratioMedian: everywhere(1.25) },
  { strategy: 'bucket-1' },
];

/** One sentence for each figure that exceeds its bound. */
export function exceededBounds(rows: readonly Row[]): string[] {
  return rows.flatMap((row) => {
    const boundsOfStrategy = strategyBounds.find(({ strategy }) => strategy === row.strategy);
    if (boundsOfStrategy === undefined) return [];
    const check = (figure: string, value: number, bound: number | undefined): string[] =>
      bound === undefined || value <= bound
        ? []
        : [`${row.strategy}, ${row.scenario}: ${figure} is ${value.toFixed(4)}. The bound is ${bound}.`];
    return [
      ...check('makespan/T*', row.ratioMedian, boundsOfStrategy.ratioMedian?.[row.scenario]),
      ...check('the 90th percentile of makespan/T*', row.ratioP90, boundsOfStrategy.ratioP90?.[row.scenario]),
      ...check('the share of throttled calls', row.throttled, boundsOfStrategy.throttled?.[row.scenario]),
      ...check(
        'the share of bystander calls throttled because of the audit',
        row.bystanders - row.bystandersAlone,
        boundsOfStrategy.harm?.[row.scenario],
      ),
      ...check('the mean share of throttled calls', row.throttledMean, boundsOfStrategy.throttledMean?.[row.scenario]),
      ...check(
        'the mean share of bystander calls throttled because of the audit',
        row.bystandersMean,
        boundsOfStrategy.harmMean?.[row.scenario],
      ),
      ...check(
        'in the worst run, the share of bystander calls throttled because of the audit',
        row.bystandersWorst,
        boundsOfStrategy.harmWorst?.[row.scenario],
      ),
      ...check('the highest number of attempts', row.attempts, boundsOfStrategy.attempts?.[row.scenario]),
      ...check('the share of lost calls', row.lost, 0),
    ];
  });
}

/** Strategies that have bounds. */
export const boundedStrategies: readonly string[] = strategyBounds.map(({ strategy }) => strategy);
