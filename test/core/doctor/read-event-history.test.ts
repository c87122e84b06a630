import { readEventHistory } from '../../../core/doctor/lookup/read-event-history.ts';
import { AwsFault } from '../../../core/ports/aws-fault.ts';
import type { EventLookup } from '../../../core/ports/event-lookup.ts';

const START = Date.parse('2026-11-26T22:00:00Z');
const END = START + 3_600_000;

/** Time passes only while somebody sleeps. */
const testClock = () => {
  const clock = {
    at: END,
    now: () => clock.at,
    sleep: (ms: number) => {
      clock.at += Math.max(0, ms);
      return Promise.resolve();
    },
  };
  return clock;
};

const record = (service: string, n: number) =>
  JSON.stringify({
    eventTime: new Date(END - 1_000 * n).toISOString(),
    eventSource: service,
    eventID: `${service}-${n}`,
  });

/** A Region with `count` events of each service, one a second, newest first. */
const region = (
  name: string,
  count: number,
  onPage: (eventSource: string, page: number) => void = () => undefined,
): EventLookup => ({
  region: name,
  page: async ({ eventSource, next }) => {
    const page = next === null ? 0 : Number(next);
    onPage(eventSource, page);
    const first = 50 * page;
    const last = Math.min(count, first + 50);
    return {
      records: Array.from({ length: last - first }, (_, n) => record(eventSource, first + n)),
      next: last < count ? String(page + 1) : null,
    };
  },
});

const read = async (lookups: EventLookup[], more: { maxEvents?: number; from?: number } = {}) => {
  const clock = testClock();
  const records: string[] = [];
  const progress: [number, number | null][] = [];
  const result = await readEventHistory({
    lookups,
    from: more.from ?? START,
    to: END,
    maxEvents: more.maxEvents ?? 10_000,
    clock,
    random: () => 0.5,
    onRecord: (json) => records.push(json),
    onProgress: (events, reached) => progress.push([events, reached]),
  });
  return { ...result, records, progress, tookMs: clock.at - END };
};

test('reads IAM only in us-east-1, and STS in each Region', async () => {
  const asked: string[] = [];
  const { events, records, leftOut } = await read([
    region('us-east-1', 120, (source) => asked.push(`us-east-1 ${source}`)),
    region('eu-west-1', 30, (source) => asked.push(`eu-west-1 ${source}`)),
  ]);
  expect([...new Set(asked)].sort()).toEqual([
    'eu-west-1 sts.amazonaws.com',
    'us-east-1 iam.amazonaws.com',
    'us-east-1 sts.amazonaws.com',
  ]);
  expect(events).toBe(120 + 120 + 30);
  expect(records).toHaveLength(events);
  expect(leftOut).toEqual([]);
});

test('stays below 2 requests a second in a Region', async () => {
  const { tookMs } = await read([region('us-east-1', 1_000)]);
  // 20 pages for each of the two services.
  expect(40 / (tookMs / 1_000)).toBeLessThan(2);
});

test('the limit of events leaves out the oldest time of each service, and says how much', async () => {
  const { events, leftOut } = await read([region('us-east-1', 1_000)], { maxEvents: 200 });
  expect(events).toBe(200);
  expect(leftOut).toEqual([
    expect.objectContaining({
      what: `seconds of IAM calls in us-east-1 before ${new Date(END - 99_000).toISOString()}`,
      reason: expect.stringContaining('--max-events') as unknown,
      count: 3_600 - 99,
    }),
    expect.objectContaining({ what: expect.stringContaining('STS calls in us-east-1') as unknown, count: 3_600 - 99 }),
  ]);
});

test('a throttled request is repeated after a growing wait, and nothing is lost', async () => {
  let throttles = 0;
  const { events, tookMs, leftOut } = await read([
    region('us-east-1', 60, (_, page) => {
      if (page === 1 && throttles < 3) {
        throttles += 1;
        throw new AwsFault('throttled', 'Throttling', 'Rate exceeded');
      }
    }),
  ]);
  expect(throttles).toBe(3);
  expect(events).toBe(120);
  expect(leftOut).toEqual([]);
  expect(tookMs).toBeGreaterThan(0.5 * (1_000 + 2_000 + 4_000));
});

test('a Region that denies the call is named; the others are read', async () => {
  const { events, leftOut, faults } = await read([
    region('us-east-1', 10),
    region('ap-east-1', 10, () => {
      throw new AwsFault('denied', 'AccessDenied', 'not authorized to perform: cloudtrail:LookupEvents');
    }),
  ]);
  expect(events).toBe(20);
  expect(faults.map(({ region: name }) => name)).toEqual(['ap-east-1']);
  expect(leftOut).toEqual([
    {
      what: `seconds of STS calls in ap-east-1 before ${new Date(END).toISOString()}`,
      reason: 'AccessDenied: not authorized to perform: cloudtrail:LookupEvents',
      count: 3_600,
    },
  ]);
});

test('progress tells the oldest time that every stream has reached', async () => {
  const { progress } = await read([region('us-east-1', 100)]);
  expect(progress.at(-1)).toEqual([200, START]);
});

test('a period that starts before the history says what is missing', async () => {
  const day = 86_400_000;
  const { leftOut, tookMs } = await read([region('us-east-1', 10)], { from: END - 100 * day });
  expect(leftOut).toEqual([
    {
      what: `seconds before ${new Date(END + tookMs - 90 * day).toISOString()}`,
      reason: "CloudTrail's event history has only the last 90 days.",
      count: 10 * 86_400 + Math.ceil(tookMs / 1_000),
    },
  ]);
});
