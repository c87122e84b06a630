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
/** Bystanders throttled more than without us, as a share. */
const harm = bounds(0.01, 0.01, 0.01, 0.015, 0.015);

interface Must {
  readonly strategy: string;
  readonly ratioMedian?: Bounds;
  readonly ratioP90?: Bounds;
  readonly throttled?: Bounds;
  readonly harm?: Bounds;
}

/** What the pace must reach, whatever is changed in it. Nothing is ever lost. */
const musts: readonly Must[] = [
  { strategy: 'first-day', ratioMedian, ratioP90, throttled: everywhere(0.008), harm },
  { strategy: 'with-memory', ratioMedian, ratioP90, throttled: bounds(0.005, 0.005, NONE, NONE, NONE), harm },
  { strategy: 'rate-doubled', ratioMedian: bounds(1.15, 1.15, 1.25, 1.25, 1.25) },
  { strategy: 'memory-doubled', harm: everywhere(0.02) },
  { strategy: 'hub-4', ratioMedian: everywhere(1.25) },
  { strategy: 'bucket-1' },
];

/** Where the rows miss what they must reach, each in a sentence; none where all is well. */
export function missed(rows: readonly Row[]): string[] {
  return rows.flatMap((row) => {
    const must = musts.find(({ strategy }) => strategy === row.strategy);
    if (must === undefined) return [];
    const check = (what: string, value: number, bound: number | undefined): string[] =>
      bound === undefined || value <= bound
        ? []
        : [`${row.strategy}, ${row.scenario}: ${what} is ${value.toFixed(4)} and must be at most ${bound}.`];
    return [
      ...check('makespan/T*', row.ratioMedian, must.ratioMedian?.[row.scenario]),
      ...check('the 90th percentile of makespan/T*', row.ratioP90, must.ratioP90?.[row.scenario]),
      ...check('the share of throttled calls', row.throttled, must.throttled?.[row.scenario]),
      ...check('what bystanders lose', row.bystanders - row.bystandersAlone, must.harm?.[row.scenario]),
      ...check('the share of lost calls', row.lost, 0),
    ];
  });
}

/** Strategies that `missed` has bounds for. */
export const boundedStrategies: readonly string[] = musts.map(({ strategy }) => strategy);
