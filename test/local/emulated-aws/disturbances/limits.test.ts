import { FixedWindow, SlidingWindow } from '../../../../local/emulated-aws/disturbances/call-windows.ts';
import { HostBuckets } from '../../../../local/emulated-aws/disturbances/host-buckets.ts';
import { TokenBucket } from '../../../../local/emulated-aws/token-bucket.ts';
import { seededRandom } from '../../../../local/seeded-random.ts';

const accepted = (times: readonly number[], take: (now: number) => boolean): number[] => times.filter(take);
const every = (ms: number, from: number, to: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / ms) }, (_, n) => from + n * ms);

test('a fixed window accepts its calls again from each multiple of its length on', () => {
  const window = new FixedWindow({ calls: 3, ms: 10_000, sliding: false });
  expect(accepted(every(1_000, 8_000, 22_000), (now) => window.take(now))).toEqual([
    8_000, 9_000, 10_000, 11_000, 12_000, 20_000, 21_000,
  ]);
});

test('a sliding window accepts a call only if fewer calls were accepted in the time before it', () => {
  const window = new SlidingWindow({ calls: 3, ms: 10_000, sliding: true });
  expect(accepted(every(1_000, 8_000, 22_000), (now) => window.take(now))).toEqual([
    8_000, 9_000, 10_000, 18_000, 19_000, 20_000,
  ]);
});

test.each([
  ['fixed', new FixedWindow({ calls: 10, ms: 1_000, sliding: false })],
  ['sliding', new SlidingWindow({ calls: 10, ms: 1_000, sliding: true })],
])('a %s window follows a changed rate', (_, window) => {
  window.setRate(2);
  expect(accepted(every(10, 0, 1_000), (now) => window.take(now))).toHaveLength(2);
});

test('a rejected call costs a token until the debt is reached', () => {
  const bucket = new TokenBucket({ rate: 1, size: 1 }, 0, { debt: 3 });
  expect(accepted([0, 0, 0, 0, 0, 0, 0], () => bucket.take(0))).toHaveLength(1);
  // 3 tokens are owed. Each rejected call delays the next token.
  expect([3_990, 4_500, 5_400, 7_000].map((now) => bucket.take(now))).toEqual([false, false, false, true]);
});

test('a bucket that starts empty accepts its first call after the time of one token', () => {
  const bucket = new TokenBucket({ rate: 2, size: 50 }, 0, { startsEmpty: true });
  expect([0, 499, 500, 501].map((now) => bucket.take(now))).toEqual([false, false, true, false]);
});

test('hosts share the rate and the size, and a call may meet an empty host while others have tokens', () => {
  const hosts = new HostBuckets({ rate: 10, size: 20 }, 4, 0);
  expect(accepted([0, 0, 0, 0, 0, 0], () => hosts.take(0, 0.1))).toHaveLength(5);
  expect(hosts.take(0, 0.9)).toBe(true);
  const random = seededRandom(1);
  const taken = accepted(every(10, 100_000, 200_000), (now) => hosts.take(now, random())).length;
  expect(taken).toBeGreaterThan(0.95 * 1_000);
  expect(taken).toBeLessThanOrEqual(1_020);
});

test('each host holds at least one token', () => {
  const hosts = new HostBuckets({ rate: 10, size: 5 }, 10, 0);
  expect([0.05, 0.15, 0.95].map((position) => hosts.take(0, position))).toEqual([true, true, true]);
});
