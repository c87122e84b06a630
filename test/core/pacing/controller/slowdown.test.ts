import { defaultPacing } from '../../../../core/pacing/controller/controller-settings.ts';
import { noSlowdown, Slowdown } from '../../../../core/pacing/controller/slowdown.ts';

const { slowdown: settings } = defaultPacing;

/** A slowdown after so many throttles without an accepted call. @param perSecond the estimated rate */
function after(throttles: number, perSecond = 1_000): Slowdown {
  const slowdown = new Slowdown(noSlowdown, settings);
  for (let n = 0; n < throttles; n += 1) slowdown.halve(perSecond);
  return slowdown;
}

test('the factor halves with each throttle, down to a rate that still shows when tokens are back', () => {
  expect(after(1).factor).toBe(0.5);
  expect(after(2).factor).toBe(0.25);
  expect(after(20).factor).toBe(settings.leastFactor);
  expect(10 * after(20, 10).factor).toBeCloseTo(settings.leastRate);
  // At a very low rate, a quarter of it is still sent.
  expect(after(20, 0.5).factor).toBe(0.25);
});

test('accepted calls let it grow with time, and doubles it at most in the given time', () => {
  const slowdown = after(2);
  slowdown.accepted(settings.doubleSeconds);
  expect(slowdown.factor).toBeCloseTo(0.5);
  const later = after(4);
  later.accepted(1_000);
  expect(later.factor).toBeCloseTo(0.125);
});

test('some accepted calls in a row end it at once, and a throttle interrupts them', () => {
  const slowdown = after(3);
  for (let n = 1; n < settings.inRow; n += 1) slowdown.accepted(0.01);
  expect(slowdown.factor).toBeLessThan(0.13);
  slowdown.interrupt();
  slowdown.accepted(0.01);
  expect(slowdown.factor).toBeLessThan(0.14);
  for (let n = 0; n < settings.inRow + 3; n += 1) slowdown.accepted(0.01);
  expect(slowdown.isOver).toBe(true);
});

test('it goes on after a snapshot', () => {
  const slowdown = after(2);
  slowdown.accepted(1);
  expect(new Slowdown(slowdown.snapshot(), settings).snapshot()).toEqual(slowdown.snapshot());
});
