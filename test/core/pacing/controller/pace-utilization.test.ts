import { PaceUtilization } from '../../../../core/pacing/controller/pace-utilization.ts';

function shareAfter(missed: readonly number[]): number {
  const utilization = new PaceUtilization();
  for (const calls of missed) utilization.sent(calls);
  return utilization.share;
}

const times = (count: number, missed: number): number[] => Array.from({ length: count }, () => missed);

test('a queue that always has a call to send uses all of its rate', () => {
  expect(shareAfter(times(100, 0))).toBe(1);
});

test.each([
  [0.25, 0.8],
  [1, 0.5],
  [60, 1 / 61],
])('if the rate allows %f more calls between each two, the share used is %f', (missed, share) => {
  expect(shareAfter(times(500, missed))).toBeCloseTo(share, 5);
});

test('the share is weighted by time, not by calls: half of the time idle is a share of about 0.5', () => {
  const bursts = times(200, 0).map((_, n) => (n % 4 === 0 ? 4 : 0));
  expect(shareAfter(bursts)).toBeGreaterThan(0.4);
  expect(shareAfter(bursts)).toBeLessThan(0.6);
});

test('after idle time the share while busy is high again within a dozen calls, and the share by time is not', () => {
  const utilization = new PaceUtilization();
  utilization.sent(100_000);
  for (let n = 0; n < 12; n += 1) utilization.sent(0);
  expect(utilization.shareWhileBusy).toBeGreaterThan(0.9);
  expect(utilization.share).toBeLessThan(0.6);
});

test.each([0.25, 1, 60])(
  'a queue that misses %f calls for each one sent never has a high share while busy',
  (missed) => {
    const utilization = new PaceUtilization();
    for (let n = 0; n < 50; n += 1) utilization.sent(missed);
    expect(utilization.shareWhileBusy).toBeLessThan(0.9);
  },
);
