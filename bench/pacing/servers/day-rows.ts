import { quantile, type Sample } from '../samples.ts';
import type { Measured } from '../worker-pool.ts';
import { DAYS } from './days-in-a-row.ts';

/** Days in a row on one server: makespan/T*. */
export interface DayRow {
  readonly server: string;
  /** Of each day in order, over the seeds. */
  readonly medians: readonly number[];
  /** Of any day and seed. */
  readonly worst: number;
  /** Mean share of lost calls. */
  readonly lost: number;
}

/** No day's median may be above this. */
const MEDIAN = 1.3;
/** No day with any seed may be above this. */
const WORST = 2.5;

/** The samples of a cell are those of all days with the first seed, then with the next one. */
export const dayRows = (measured: readonly Measured[]): DayRow[] =>
  measured.map(({ cell, samples }) => ({
    server: cell.place,
    medians: Array.from({ length: DAYS }, (_, day) =>
      quantile(ratiosOf(samples.filter((_s, n) => n % DAYS === day)), 0.5),
    ),
    worst: Math.max(...ratiosOf(samples)),
    lost: samples.reduce((sum, { lost }) => sum + lost, 0) / samples.length,
  }));

const ratiosOf = (samples: readonly Sample[]): number[] => samples.map(({ ratio }) => ratio);

/** One sentence for each figure that exceeds its bound. */
export function exceededOnDays({ server, medians, worst, lost }: DayRow): string[] {
  const check = (figure: string, value: number, bound: number): string[] =>
    value <= bound ? [] : [`${server}: ${figure} is ${value.toFixed(4)}. The bound is ${bound.toFixed(4)}.`];
  return [
    ...check('makespan/T* of the slowest day', Math.max(...medians), MEDIAN),
    ...check('the worst makespan/T*', worst, WORST),
    ...check('the share of lost calls', lost, 0),
  ];
}

/** A table in Markdown. */
export function dayTable(rows: readonly DayRow[]): string {
  const heads = ['server', ...Array.from({ length: DAYS }, (_, day) => `day ${day + 1}`), 'worst run', 'met'];
  const lines = rows.map((row) => [
    row.server,
    ...row.medians.map((ratio) => ratio.toFixed(2)),
    row.worst.toFixed(2),
    exceededOnDays(row).length === 0 ? 'yes' : 'no',
  ]);
  return [
    'makespan/T* of each day (median) · the worst run of any day',
    '',
    ...[heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}
