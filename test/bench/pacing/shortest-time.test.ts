import { availableRates, shortestMs } from '../../../bench/pacing/shortest-time.ts';
import type { Disturbances } from '../../../local/emulated-aws/disturbances/disturbances.ts';
import { always } from '../../../local/emulated-aws/disturbances/step-schedule.ts';

const limit = { rate: 10, size: 50 };
const burst = {
  initial: 0,
  steps: [
    { atMs: 0, factor: 3 },
    { atMs: 10_000, factor: 0 },
  ],
};

test.each<[string, Disturbances, number, number]>([
  ['the content first, then the rate', {}, 2_050, 200_000],
  ['a bystander leaves the rest', { bystanders: [always(0.6)] }, 2_050, 500_000],
  ['nothing is left during a burst', { bystanders: [burst] }, 150, 20_000],
  ['nothing is left during each burst', { bystanders: [{ ...burst, repeatMs: 60_000 }] }, 650, 80_000],
  ['the rate changes', { rate: { initial: 1, steps: [{ atMs: 10_000, factor: 0.5 }] } }, 200, 20_000],
  ['the bucket starts empty', { startsEmpty: true }, 2_000, 200_000],
  ['each of 100 hosts holds a token', { hosts: 100 }, 2_100, 200_000],
  ['a window gives its calls at its start', { window: { calls: 100, ms: 10_000, sliding: false } }, 2_000, 190_000],
  ['nothing is ever left', { bystanders: [always(1)] }, 51, Number.POSITIVE_INFINITY],
])('%s', (_, disturbances, calls, expected) => {
  expect(shortestMs(limit, disturbances, calls)).toBeCloseTo(expected, 3);
});

test('the rates that are left over time', () => {
  expect(availableRates(limit, { bystanders: [burst, always(0.2)] }, 30_000)).toEqual([
    { fromMs: 0, toMs: 10_000, perSecond: 0 },
    { fromMs: 10_000, toMs: 30_000, perSecond: 8 },
  ]);
});
