import {
  always,
  factorAt,
  highestFactor,
  nextStepAt,
  type StepSchedule,
} from '../../../../local/emulated-aws/disturbances/step-schedule.ts';

const burst = {
  initial: 0,
  steps: [
    { atMs: 20_000, factor: 3 },
    { atMs: 30_000, factor: 0 },
  ],
} as const;
const bursts: StepSchedule = { ...burst, repeatMs: 60_000 };

test.each<[string, StepSchedule, number, number]>([
  ['a constant factor', always(0.2), 1e9, 0.2],
  ['before the first step', burst, 19_999, 0],
  ['at a step', burst, 20_000, 3],
  ['after the last step', burst, 90_000, 0],
  ['before the first step of the second period', bursts, 79_999, 0],
  ['in the second period', bursts, 80_000, 3],
])('%s', (_, schedule, ms, expected) => {
  expect(factorAt(schedule, ms)).toBe(expected);
});

test.each<[string, StepSchedule, number, number]>([
  ['a constant factor has no step', always(1), 0, Number.POSITIVE_INFINITY],
  ['the first step', burst, 0, 20_000],
  ['a step is not its own next step', burst, 20_000, 30_000],
  ['no change follows the last step', burst, 30_000, Number.POSITIVE_INFINITY],
  ['the start of the next period counts', bursts, 30_000, 60_000],
  ['the first step of the next period', bursts, 60_000, 80_000],
])('next step: %s', (_, schedule, ms, expected) => {
  expect(nextStepAt(schedule, ms)).toBe(expected);
});

test('the highest factor of a schedule', () => {
  expect(highestFactor(bursts)).toBe(3);
  expect(highestFactor({ initial: 1, steps: [{ atMs: 5, factor: 0.1 }] })).toBe(1);
});
