import { weigh } from '../../../../core/pacing/controller/rate-estimate.ts';

test('a measurement as certain as the estimate moves it about half way and lowers its doubt', () => {
  const { estimate, changed } = weigh({ perSecond: 10, doubt: 0.1 }, { perSecond: 11, sd: 1 }, 3);
  expect(changed).toBe(false);
  expect(estimate.perSecond).toBeCloseTo(10.52, 1);
  expect(estimate.doubt).toBeLessThan(0.1);
});

test('an uncertain measurement hardly moves a certain estimate', () => {
  const { estimate } = weigh({ perSecond: 10, doubt: 0.01 }, { perSecond: 14, sd: 4 }, 3);
  expect(estimate.perSecond).toBeLessThan(10.1);
});

test('a measurement that differs a lot replaces the estimate and reports that the rate has changed', () => {
  const { estimate, changed } = weigh({ perSecond: 20, doubt: 0.02 }, { perSecond: 10, sd: 0.5 }, 3);
  expect(changed).toBe(true);
  expect(estimate.perSecond).toBeCloseTo(10, 1);
});
