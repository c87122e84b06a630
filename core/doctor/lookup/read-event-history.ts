import type { LeftOut } from '../../contract/doctor/diagnosis.ts';
import { retryThrottled, type Backoff } from '../../pacing/retry-throttled.ts';
import { AwsFault } from '../../ports/aws-fault.ts';
import { PageMarkers } from '../../ports/pages.ts';
import { DAY_MS, type Clock, type Random } from '../../ports/clock.ts';
import type { EventLookup } from '../../ports/event-lookup.ts';

/** LookupEvents allows 2 requests a second; a little less leaves room for others. */
const REQUEST_INTERVAL_MS = 550;
/** A request is given up after about two minutes of waits. */
const BACKOFF: Backoff = { firstMs: 1_000, longestMs: 20_000, leastMs: REQUEST_INTERVAL_MS, requests: 16 };

/** CloudTrail keeps its event history for 90 days. */
export const HISTORY_MS = 90 * DAY_MS;

export interface HistoryOptions {
  /** One for each Region. The calls to IAM are only in us-east-1. */
  readonly lookups: readonly EventLookup[];
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Maximum number of events in all Regions together. */
  readonly maxEvents: number;
  readonly clock: Clock;
  readonly random: Random;
  onRecord(json: string): void;
  /** @param reached the oldest time that has been read everywhere, in milliseconds since the epoch; null: not known yet */
  onProgress?(events: number, reached: number | null): void;
}

export interface HistoryResult {
  readonly events: number;
  readonly leftOut: readonly LeftOut[];
  /** Faults of Regions that could not be read. */
  readonly faults: readonly { readonly region: string; readonly fault: AwsFault }[];
}

/** The Region that has all calls to IAM, and the calls to the global STS endpoint. */
export const IAM_REGION = 'us-east-1';

interface Stream {
  readonly lookup: EventLookup;
  readonly service: 'IAM' | 'STS';
  /** Oldest time read, in milliseconds since the epoch. */
  reached: number;
}

/**
 * Reads the calls to IAM and STS from CloudTrail's event history, newest first. Regions are read at the same time, each
 * within its own request rate. The result names the events that were not read because of the limit, a fault or the length of
 * the history.
 */
export async function readEventHistory(options: HistoryOptions): Promise<HistoryResult> {
  const { lookups, to, clock } = options;
  const tally = { events: 0 };
  const leftOut: LeftOut[] = [];
  const faults: { region: string; fault: AwsFault }[] = [];
  const regions = lookups.map((lookup): Stream[] => [
    ...(lookup.region === IAM_REGION ? [{ lookup, service: 'IAM' as const, reached: to }] : []),
    { lookup, service: 'STS', reached: to },
  ]);
  const streams = regions.flat();
  // Each stream has a share of the limit of its own, so that one busy Region does not hide the others.
  const most = Math.ceil(options.maxEvents / streams.length);
  await Promise.all(
    regions.map(async (own) => {
      for (const stream of own) {
        try {
          await readStream(stream, most, options, tally, streams);
        } catch (error: unknown) {
          if (!(error instanceof AwsFault)) throw error;
          faults.push({ region: stream.lookup.region, fault: error });
          leftOut.push(restOf(stream, options.from, `${error.code}: ${error.message}`));
          continue;
        }
        if (stream.reached > options.from) {
          leftOut.push(
            restOf(stream, options.from, `The limit of ${options.maxEvents} events was reached (--max-events)`),
          );
        }
      }
    }),
  );
  const oldest = clock.now() - HISTORY_MS;
  if (options.from < oldest) leftOut.push(olderThan(oldest, options));
  return { events: tally.events, leftOut, faults };
}

const olderThan = (oldest: number, { from, to }: HistoryOptions): LeftOut => ({
  what: `seconds before ${new Date(oldest).toISOString()}`,
  reason: "CloudTrail's event history has only the last 90 days.",
  count: Math.ceil((Math.min(oldest, to) - from) / 1_000),
});

const restOf = ({ service, lookup, reached }: Stream, from: number, reason: string): LeftOut => ({
  what: `seconds of ${service} calls in ${lookup.region} before ${new Date(reached).toISOString()}`,
  reason,
  count: Math.ceil((reached - from) / 1_000),
});

/** Sets `reached` to `from` when all pages have been read. @throws AwsFault */
async function readStream(
  stream: Stream,
  most: number,
  options: HistoryOptions,
  tally: { events: number },
  streams: readonly Stream[],
): Promise<void> {
  const { from, to, clock, random } = options;
  const eventSource = stream.service === 'IAM' ? 'iam.amazonaws.com' : 'sts.amazonaws.com';
  const markers = new PageMarkers<string | null>('LookupEvents');
  let next: string | null = null;
  let events = 0;
  do {
    const startedAt = clock.now();
    const page = await retryThrottled(() => stream.lookup.page({ eventSource, from, to, next }), {
      name: 'cloudtrail:LookupEvents',
      backoff: BACKOFF,
      clock,
      random,
    });
    for (const record of page.records) options.onRecord(record);
    events += page.records.length;
    tally.events += page.records.length;
    stream.reached = Math.min(stream.reached, oldestOf(page.records) ?? stream.reached);
    next = markers.next(page.next);
    if (next === null) stream.reached = from;
    options.onProgress?.(tally.events, Math.max(...streams.map(({ reached }) => reached)));
    if (next !== null && events >= most) return;
    await clock.sleep(startedAt + REQUEST_INTERVAL_MS - clock.now());
  } while (next !== null);
}

/** The time of the last, oldest record of a page. */
function oldestOf(records: readonly string[]): number | null {
  const time = /"eventTime"\s*:\s*"([^"]+)"/.exec(records.at(-1) ?? '')?.[1];
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isFinite(ms) ? ms : null;
}
