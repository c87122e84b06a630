import { PaceUtilization } from '../../../core/pacing/pace-utilization.ts';

function useAfter(missed: readonly number[]): number {
  const use = new PaceUtilization();
  for (const calls of missed) use.sent(calls);
  return use.share;
}

const times = (count: number, missed: number): number[] => Array.from({ length: count }, () => missed);

test('who always has a call to send uses all of the pace', () => {
  expect(useAfter(times(100, 0))).toBe(1);
});

test.each([
  [0.25, 0.8],
  [1, 0.5],
  [60, 1 / 61],
])('where the pace would have let %f calls through between two, the share %f is used', (missed, share) => {
  expect(useAfter(times(500, missed))).toBeCloseTo(share, 5);
});

test('it is taken by time, not by calls: half of the time at rest is half used', () => {
  const bursts = times(200, 0).map((_, n) => (n % 4 === 0 ? 4 : 0));
  expect(useAfter(bursts)).toBeGreaterThan(0.4);
  expect(useAfter(bursts)).toBeLessThan(0.6);
});

test('after a rest the pace is at work again within a dozen calls, while by time it was hardly used', () => {
  const use = new PaceUtilization();
  use.sent(100_000);
  for (let n = 0; n < 12; n += 1) use.sent(0);
  expect(use.atWork).toBeGreaterThan(0.9);
  expect(use.share).toBeLessThan(0.6);
});

test.each([0.25, 1, 60])('who misses %f calls for each one is never at work', (missed) => {
  const use = new PaceUtilization();
  for (let n = 0; n < 50; n += 1) use.sent(missed);
  expect(use.atWork).toBeLessThan(0.9);
});
