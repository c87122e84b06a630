import * as v from 'valibot';
import { DAY_SECONDS } from '../../ports/clock.ts';
import type { LogRow } from '../../ports/log-queries.ts';
import { groupedBy } from '../../streams/grouped-by.ts';
import { Num, parseRows, Text } from '../rows.ts';

/** Until the end of the year 9999: a later minute is no time that can be shown. */
const Minute = v.pipe(Num, v.minValue(0), v.maxValue(253_402_300_740));
const Row = v.object({ pool: Text, minute: Minute, caller: Text, served: Num, refused: Num });
export type TimelineRow = v.InferOutput<typeof Row>;

/** The name that the query `timeline` gives to the sum of all callers beyond the first eight. */
const OTHERS = 'others';
/** More series than this can't be told apart in one chart. */
const MOST_SERIES = 6;
const MINUTE = 60;

/** The calls that share one limit, by minute and caller. */
export interface PoolTimeline {
  readonly pool: string;
  readonly rows: readonly TimelineRow[];
  readonly served: number;
  readonly refused: number;
}

/** The pools with throttled calls, most of them first; then the others, the busiest first. @throws LogQueryError */
export function poolsOf(timeline: readonly LogRow[]): PoolTimeline[] {
  return groupedBy(parseRows('timeline', Row, timeline), ({ pool }) => pool)
    .map((rows) => ({
      pool: rows[0]?.pool ?? '',
      rows,
      served: sumOf(rows, ({ served }) => served),
      refused: sumOf(rows, ({ refused }) => refused),
    }))
    .sort((a, b) => b.refused - a.refused || b.served - a.served);
}

/** Equal parts of a period. All times are epoch seconds; `from` is a multiple of `seconds`. */
export interface Bins {
  readonly from: number;
  readonly seconds: number;
  readonly count: number;
}

const MOST_BINS = 240;
const FEWEST_MINUTES = 5;
const lengths = [1, 2, 3, 5, 6, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1_440].map((minutes) => minutes * MINUTE);
const DAY = 1_440 * MINUTE;

/** Parts of whole minutes, or of whole days for long periods: at most 240, and one more where the period starts within a part. */
export function binsOf(from: number, to: number): Bins {
  const period = Math.max(to - from, FEWEST_MINUTES * MINUTE);
  const seconds = lengths.find((length) => period / length <= MOST_BINS) ?? DAY * Math.ceil(period / DAY / MOST_BINS);
  const start = Math.floor(from / seconds) * seconds;
  return { from: start, seconds, count: Math.ceil((from + period - start) / seconds) };
}

export const endOf = ({ from, seconds, count }: Bins): number => from + seconds * count;

/** A call is a stray if its time is more than a day from the times of all but one in a thousand calls, as in totals.sql. */
const STRAY_PART = 1_000;
const STRAY_SECONDS = DAY_SECONDS;

/** The time from the first to the last minute of the rows without stray calls, and their number; null without rows. */
export function rangeOf(pools: readonly PoolTimeline[]): { from: number; to: number; strays: number } | null {
  const byMinute = new Map<number, number>();
  for (const { rows } of pools) {
    for (const { minute, served, refused } of rows)
      byMinute.set(minute, (byMinute.get(minute) ?? 0) + served + refused);
  }
  const minutes = [...byMinute].map(([minute, calls]) => ({ minute, calls })).sort((a, b) => a.minute - b.minute);
  const [first, last] = [afterPart(minutes), afterPart([...minutes].reverse())];
  if (first === null || last === null) return null;
  const near = minutes.filter(({ minute }) => minute >= first - STRAY_SECONDS && minute <= last + STRAY_SECONDS);
  return {
    from: near[0]?.minute ?? first,
    to: (near.at(-1)?.minute ?? last) + MINUTE,
    strays: sumOf(minutes, ({ calls }) => calls) - sumOf(near, ({ calls }) => calls),
  };
}

/** The first minute that more than one in a thousand calls have reached; null without minutes. */
function afterPart(minutes: readonly { readonly minute: number; readonly calls: number }[]): number | null {
  const all = sumOf(minutes, ({ calls }) => calls);
  let reached = 0;
  for (const { minute, calls } of minutes) {
    reached += calls;
    if (STRAY_PART * reached > all) return minute;
  }
  return minutes[0]?.minute ?? null;
}

/** One caller's calls in each bin. `caller` is null for the sum of all others. */
export interface Series {
  readonly caller: string | null;
  readonly served: readonly number[];
  readonly refused: readonly number[];
}

/**
 * The calls of a pool in bins: the callers in `first`, then those with the most served calls, then the others.
 * Rows outside the bins are left out.
 */
export function seriesOf({ rows }: PoolTimeline, bins: Bins, first: ReadonlySet<string>): Series[] {
  const byCaller = groupedBy(rows, ({ caller }) => caller)
    .map((own) => ({ caller: own[0]?.caller ?? OTHERS, own, served: sumOf(own, ({ served }) => served) }))
    .filter(({ caller }) => caller !== OTHERS)
    .sort((a, b) => Number(first.has(b.caller)) - Number(first.has(a.caller)) || b.served - a.served);
  const named = new Map(byCaller.slice(0, MOST_SERIES).map(({ caller, own }) => [caller, own]));
  const rest = rows.filter(({ caller }) => !named.has(caller));
  return [
    ...[...named].map(([caller, own]) => ({ caller, ...binned(own, bins) })),
    ...(rest.length === 0 ? [] : [{ caller: null, ...binned(rest, bins) }]),
  ];
}

function binned(rows: readonly TimelineRow[], { from, seconds, count }: Bins): Pick<Series, 'served' | 'refused'> {
  const served = new Array<number>(count).fill(0);
  const refused = new Array<number>(count).fill(0);
  for (const row of rows) {
    const bin = Math.floor((row.minute - from) / seconds);
    if (bin < 0 || bin >= count) continue;
    served[bin] = (served[bin] ?? 0) + row.served;
    refused[bin] = (refused[bin] ?? 0) + row.refused;
  }
  return { served, refused };
}

/** The sum of all series in each bin. */
export const totalsOf = (series: readonly Series[], kind: 'served' | 'refused', { count }: Bins): number[] =>
  Array.from({ length: count }, (_, bin) => sumOf(series, (one) => one[kind][bin] ?? 0));

export const sumOf = <T>(items: readonly T[], valueOf: (item: T) => number): number =>
  items.reduce((sum, item) => sum + valueOf(item), 0);
