import {
  contentFromRamp,
  measure,
  type MeasuredInterval,
} from '../../../../core/pacing/controller/bucket-measurement.ts';
import { defaultPacing } from '../../../../core/pacing/controller/controller-settings.ts';

const { measurement: settings, plateau } = defaultPacing;
const PRIOR = { perSecond: 10, doubt: 0.05 };

/** An interval of 30 s at a rate just above the estimate. */
const interval = (changes: Partial<MeasuredInterval> = {}): MeasuredInterval => ({
  seconds: 30,
  accepted: 300,
  idled: false,
  rate: 10.3,
  isBelow: false,
  bucketContent: 50,
  share: plateau.share,
  pauseTokens: plateau.pauseTokens,
  last: null,
  ...changes,
});

test('accepted calls over the time between two empty moments are the rate of the bucket', () => {
  const result = measure(interval({ accepted: 285 }), PRIOR, settings);
  expect(result).toMatchObject({ kind: 'measured', measured: 9.5 });
  expect(result.kind === 'measured' && result.estimate.perSecond).toBeLessThan(10);
  expect(result.kind === 'measured' && result.estimate.perSecond).toBeGreaterThan(9.5);
});

test.each([
  ['without an accepted call', { accepted: 0, seconds: 2 }],
  ['without any time', { accepted: 1, seconds: 0 }],
  ['with next to no accepted calls', { accepted: 2, seconds: 2 }],
  ['with a surprising fall over few calls', { accepted: 7, seconds: 10 }],
])('an interval %s is no measurement', (_name, changes) => {
  expect(measure(interval(changes), PRIOR, settings)).toEqual({ kind: 'nothing' });
});

test('one interval lowers the estimate no further than to a limit, and the calls slow down to what it gave', () => {
  const result = measure(interval({ accepted: 30 }), PRIOR, settings);
  const lowest = 10 / settings.mostFall;
  expect(result).toMatchObject({ kind: 'measured', estimate: { perSecond: lowest }, changed: true });
  expect(result.kind === 'measured' && result.remaining).toBeCloseTo(1 / lowest);
  expect(result.kind === 'measured' && result.estimate.doubt).toBeGreaterThanOrEqual(0.3);
});

test('an unexpected throttle after many calls is no measurement, but the second one in a row with the same rate is', () => {
  const early = { accepted: 270, isBelow: true, rate: 9.9 };
  expect(measure(interval(early), PRIOR, settings)).toEqual({ kind: 'unchanged', measured: 9 });
  expect(measure(interval({ ...early, last: 9.1 }), PRIOR, settings)).toMatchObject({ kind: 'measured' });
  expect(measure(interval({ ...early, last: 7 }), PRIOR, settings)).toMatchObject({ kind: 'unchanged' });
});

test('an idle queue gives a lower bound, which does not lower a reliable estimate', () => {
  expect(measure(interval({ accepted: 150, idled: true }), PRIOR, settings)).toMatchObject({ kind: 'unchanged' });
});

test('the content of the bucket is what was sent above its rate during the ramp', () => {
  expect(contentFromRamp(null, 10, 7)).toBe(Number.POSITIVE_INFINITY);
  expect(contentFromRamp({ from: 6, to: 30, doubleMs: 3_200 }, null, 7)).toBe(Number.POSITIVE_INFINITY);
  expect(contentFromRamp({ from: 6, to: 30, doubleMs: 3_200 }, 40, 7)).toBe(7);
  // From 10 to 30 calls a second, doubling in 3.2 s: 92.3 calls in 5.07 s, of which the bucket refilled 50.7.
  expect(contentFromRamp({ from: 6, to: 30, doubleMs: 3_200 }, 10, 7)).toBeCloseTo(41.6, 0);
});
