import { AdditivePace } from '../../../../core/pacing/controller/additive-pace.ts';
import { defaultPacing } from '../../../../core/pacing/controller/controller-settings.ts';

const settings = defaultPacing.additive;

/** Accepts `count` calls, one each `ms` milliseconds, and returns the last result and the time. */
function accept(pace: AdditivePace, count: number, ms: number, from: number, isRateLimiting = true) {
  let now = from;
  let left: number | null = null;
  for (let i = 0; i < count && left === null; i += 1) {
    now += ms;
    left = pace.accepted(now, isRateLimiting);
  }
  return { now, left };
}

test('decides nothing before it starts', () => {
  const pace = new AdditivePace(null, settings);
  expect([pace.rate, pace.accepted(1, true), pace.throttled(2), pace.snapshot()]).toEqual([null, null, null, null]);
});

test('the rate grows evenly, and a throttle halves it', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(2, 10, 1_000, 0);
  const { now } = accept(pace, 10, 100, 0);
  expect(pace.rate).toBeCloseTo(2 + 10 / settings.growSeconds);
  const { rate } = pace;
  pace.throttled(now);
  expect(pace.rate).toBe(rate! * settings.cut);
});

test('the best rate follows the rates at which calls are throttled', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(2, 10, 1_000, 0);
  accept(pace, 300, 100, 0);
  expect(pace.snapshot()?.best).toBe(pace.rate! / settings.most);
  expect(pace.snapshot()?.best).toBeGreaterThan(20);
  let now = 30_000;
  const rates: number[] = [];
  for (let i = 0; i < 10; i += 1) {
    now = accept(pace, 20, i % 2 === 0 ? 50 : 200, now).now;
    rates.push(pace.rate!);
    pace.throttled(now);
  }
  expect(pace.snapshot()?.best).toBeCloseTo(settings.peakShare * Math.max(...rates.slice(-settings.peaks)));
});

test('a higher rate raises the best rate at once, a lower one only after several throttles', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(2, 10, 1_000, 0);
  let { now } = accept(pace, 57, 100, 0);
  const peak = pace.rate!;
  expect(settings.peakShare * peak).toBeGreaterThan(10);
  pace.throttled(now);
  expect(pace.snapshot()?.best).toBeCloseTo(settings.peakShare * peak);
  for (let n = 2; n < settings.peaks; n += 1) {
    now = accept(pace, 10, 10 * n, now).now;
    pace.throttled(now);
    expect(pace.snapshot()?.best).toBeCloseTo(settings.peakShare * peak);
  }
});

test('the rate stays within its bounds', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(2, 10, 1_000, 0);
  accept(pace, 2_000, 100, 0);
  expect(pace.rate).toBe(640);
  for (let i = 1; i <= 2_000; i += 1) pace.throttled(200_000 + 100 * i);
  expect(pace.rate).toBe(0.1);
});

test('while there is little work, the rate returns to the best rate and does not grow beyond it', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(2, 10, 1_000, 0);
  accept(pace, 200, 100, 0, false);
  expect(pace.rate).toBe(10);
});

test('goes on while bursts of another application throttle calls at low rates', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(5, 10, 10_000, 0);
  let now = 0;
  for (let i = 0; i < 2 * settings.agreeing; i += 1) {
    now = accept(pace, 20, 250, now).now;
    for (let n = 0; n < 3; n += 1) expect(pace.throttled(now + n)).toBeNull();
  }
});

test('throttles in a row never stop the calls: the rate has a minimum, which falls slowly', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(80, 100, 1_000, 0);
  for (let i = 1; i <= 5; i += 1) pace.throttled(100 * i);
  expect(pace.rate).toBeGreaterThan(0.8 * settings.least * 100);
  for (let i = 6; i <= 100; i += 1) pace.throttled(100 * i);
  expect(pace.rate).toBeLessThan(0.1 * settings.least * 100);
});

test('ends with the average rate when its time is over', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(5, 10, 60, 0);
  expect(accept(pace, 1_000, 200, 0)).toEqual({ now: 60_000, left: 5 });
  expect(pace.rate).toBeNull();
});

test('ends when intervals between throttles agree: the limit is a steady bucket', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(5, 10, 1_000, 0);
  let now = 0;
  let left: number | null = null;
  for (let i = 0; i < settings.agreeing; i += 1) {
    now = accept(pace, 20, 250, now).now;
    left = pace.throttled(now);
  }
  expect(left).toBeCloseTo(4);
});

test('goes on while intervals differ, as with bursts of another application', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(5, 10, 10_000, 0);
  let now = 0;
  for (const ms of [100, 400, 100, 400, 100, 400]) {
    now = accept(pace, 20, ms, now).now;
    expect(pace.throttled(now)).toBeNull();
  }
});

test('the next batch continues from the stored state', () => {
  const pace = new AdditivePace(null, settings);
  pace.start(5, 10, 1_000, 0);
  accept(pace, 7, 250, 0);
  const next = new AdditivePace(pace.snapshot(), settings);
  expect(next.snapshot()).toEqual(pace.snapshot());
  expect(next.accepted(2_000, true)).toBe(pace.accepted(2_000, true));
  expect(next.rate).toBe(pace.rate);
});
