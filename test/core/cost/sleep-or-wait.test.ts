import { breakEvenMs } from '../../../core/cost/sleep-or-wait.ts';

test.each([
  [256, 22.5],
  [512, 11.25],
  [1_024, 5.625],
])('with %i MB, sleeping costs less than a Wait state for gaps of up to %f seconds', (memoryMegabytes, seconds) => {
  expect(breakEvenMs(memoryMegabytes) / 1000).toBeCloseTo(seconds, 2);
});
