import type { ServerRow } from './server-rows.ts';

interface ServerBounds {
  /** The median of makespan/T* may be this, or this multiple of the better baseline's if that is more. */
  readonly median: number;
  readonly relative: number | null;
  /** Of all seeds. The bound of the median applies if that is more. */
  readonly worst: number;
}

const MOST_ATTEMPTS = 10;
const usual: ServerBounds = { median: 1.25, relative: 1.15, worst: 2.5 };

/** Bounds of servers that differ from the usual ones, by the start of the server's name. */
const exceptions: readonly { readonly servers: RegExp; readonly bounds: Partial<ServerBounds> }[] = [
  { servers: /^noise [35] %/, bounds: { worst: 4 } },
  { servers: /^10 hosts/, bounds: { worst: 4 } },
  { servers: /^one token \(/, bounds: { median: 2 } },
  { servers: /^one token with bystander 20 %/, bounds: { median: 3 } },
  { servers: /^(two audits|three operations)/, bounds: { median: 1.4, relative: null } },
];
/** The slower one of two audits on one limit gets at least this share of the accepted calls. */
const SMALLER_SHARE = 0.3;

/** @param baselines medians of makespan/T* of the baselines on the same server */
export function boundsOf(server: string, baselines: readonly number[]): Pick<ServerBounds, 'median' | 'worst'> {
  const { bounds } = exceptions.find(({ servers }) => servers.test(server)) ?? { bounds: {} };
  const { median: least, relative, worst } = { ...usual, ...bounds };
  const median = relative === null ? least : Math.max(least, relative * Math.min(...baselines));
  return { median, worst: Math.max(worst, median) };
}

/** One sentence for each figure of a server that exceeds its bound. */
export function exceededOn(row: Omit<ServerRow, 'met'>): string[] {
  const days = [
    { day: 'first-day', figures: row.firstDay },
    ...(row.withMemory === null ? [] : [{ day: 'with-memory', figures: row.withMemory }]),
  ];
  const sentence = (day: string, figure: string, value: number, bound: number): string =>
    `${day}, ${row.server}: ${figure} is ${value.toFixed(4)}. The bound is ${bound.toFixed(4)}.`;
  const atMost = (day: string, figure: string, value: number, bound: number): string[] =>
    value <= bound ? [] : [sentence(day, figure, value, bound)];
  return [
    ...days.flatMap(({ day, figures }) => [
      ...atMost(day, 'makespan/T*', figures.ratioMedian, row.bound),
      ...atMost(day, 'the worst makespan/T*', figures.ratioWorst, row.worstBound),
      ...atMost(day, 'the share of lost calls', figures.lost, 0),
      ...atMost(day, 'the highest number of attempts', figures.attempts, MOST_ATTEMPTS),
    ]),
    ...(row.smallerShare === null || row.smallerShare >= SMALLER_SHARE
      ? []
      : [sentence('first-day', 'the share of the slower audit', row.smallerShare, SMALLER_SHARE)]),
  ];
}
