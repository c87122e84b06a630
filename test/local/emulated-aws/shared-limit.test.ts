import type { Disturbances } from '../../../local/emulated-aws/disturbances/disturbances.ts';
import { always } from '../../../local/emulated-aws/disturbances/step-schedule.ts';
import { SharedLimit } from '../../../local/emulated-aws/shared-limit.ts';
import { seededRandom } from '../../../local/seeded-random.ts';

const limitWith = (disturbances: Disturbances, rate = 10, size = 50, startedAt = 0): SharedLimit =>
  new SharedLimit({ rate, size }, disturbances, { bystanders: seededRandom(1), calls: seededRandom(2) }, startedAt);

/** Number of accepted calls, sent every 10 ms. */
function accepted(limit: SharedLimit, fromMs: number, toMs: number): number {
  let count = 0;
  for (let now = fromMs; now < toMs; now += 10) if (limit.take(now)) count += 1;
  return count;
}

const bursts = {
  initial: 0,
  steps: [
    { atMs: 0, factor: 3 },
    { atMs: 10_000, factor: 0 },
  ],
  repeatMs: 60_000,
};

test('a bystander calls only during its bursts, and is not throttled without the audit while the bucket has tokens', () => {
  const limit = limitWith({ bystanders: [bursts] }, 10, 500);
  const inBurst = limit.bystanders(10_000).calls;
  expect(inBurst).toBeGreaterThan(240);
  expect(inBurst).toBeLessThan(360);
  expect(limit.bystanders(59_999).calls).toBe(inBurst);
  const after = limit.bystanders(70_000);
  expect(after.calls).toBeGreaterThan(inBurst + 240);
  expect(after).toMatchObject({ throttled: 0, throttledAlone: 0 });
});

test('the audit throttles bystanders that would not be throttled without it', () => {
  const limit = limitWith({ bystanders: [always(0.5)] });
  accepted(limit, 0, 60_000);
  const { calls, throttled, throttledAlone } = limit.bystanders(60_000);
  expect(throttledAlone).toBeLessThan(5);
  expect(throttled).toBeGreaterThan(0.5 * calls);
});

test('bystanders add up', () => {
  const limit = limitWith({ bystanders: [always(0.5), bursts] });
  const inBurst = limit.bystanders(10_000).calls;
  expect(inBurst).toBeGreaterThan(290);
  const calm = limit.bystanders(60_000).calls - inBurst;
  expect(calm).toBeGreaterThan(200);
  expect(calm).toBeLessThan(300);
});

test("the audit's calls do not change when bystanders call", () => {
  const quiet = limitWith({ bystanders: [bursts], noise: 0.3, hosts: 3 });
  const busy = limitWith({ bystanders: [bursts], noise: 0.3, hosts: 3 });
  accepted(busy, 0, 100_000);
  expect(busy.bystanders(100_000).calls).toBe(quiet.bystanders(100_000).calls);
});

test('noise throttles its share of calls at any rate, and takes no token', () => {
  const calls = 20_000;
  const limit = limitWith({ noise: 0.03 }, 1_000, 1_000);
  const throttled = calls - Array.from({ length: calls }, (_, n) => limit.take(n * 10)).filter(Boolean).length;
  expect(throttled / calls).toBeGreaterThan(0.025);
  expect(throttled / calls).toBeLessThan(0.035);
  const all = limitWith({ noise: 0.5 }, 0.001, 50);
  // Half of 10,000 calls are noise; the others still find all 50 tokens.
  expect(Array.from({ length: 10_000 }, () => all.take(0)).filter(Boolean)).toHaveLength(50);
});

test.each([0, 1_795_000_000_000.123])('the rate follows its schedule from a start at %d', (startedAt) => {
  const rate = {
    initial: 1,
    steps: [
      { atMs: 30_000, factor: 0.1 },
      { atMs: 90_000, factor: 1 },
    ],
  };
  const limit = limitWith({ rate }, 20, 20, startedAt);
  const between = (from: number, to: number) => accepted(limit, startedAt + from, startedAt + to);
  expect(between(0, 30_000)).toBeCloseTo(620, -1);
  expect(between(30_000, 90_000)).toBeCloseTo(120, -1);
  expect(between(90_000, 100_000)).toBeCloseTo(200, -1);
});

test('a periodic schedule starts again with its first factor', () => {
  const rate = { initial: 1, steps: [{ atMs: 10_000, factor: 0.1 }], repeatMs: 20_000 };
  expect(accepted(limitWith({ rate }, 20, 20), 0, 60_000)).toBeCloseTo(20 + 3 * 220, -1);
});

test('a changed rate is multiplied by the factor of the schedule', () => {
  const limit = limitWith({ rate: { initial: 0.5, steps: [] } }, 20, 20);
  expect(accepted(limit, 0, 10_000)).toBeCloseTo(120, -1);
  limit.setRate(40, 10_000);
  expect(accepted(limit, 10_000, 20_000)).toBeCloseTo(200, -1);
});

test('a window replaces the bucket, and bystanders use a share of its average rate', () => {
  const window = { calls: 100, ms: 10_000, sliding: false };
  expect(accepted(limitWith({ window }, 1, 1), 0, 30_000)).toBe(300);
  const { calls } = limitWith({ window, bystanders: [always(0.5)] }, 1, 1).bystanders(60_000);
  expect(calls).toBeGreaterThan(250);
  expect(calls).toBeLessThan(350);
});
