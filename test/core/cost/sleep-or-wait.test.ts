import { breakEvenMs } from '../../../core/cost/sleep-or-wait.ts';

test.each([
  [256, 22.5],
  [512, 11.25],
  [1_024, 5.625],
])('with %i MB a gap is slept for up to %f seconds, and waited out beyond', (memoryMegabytes, seconds) => {
  expect(breakEvenMs(memoryMegabytes) / 1000).toBeCloseTo(seconds, 2);
});
