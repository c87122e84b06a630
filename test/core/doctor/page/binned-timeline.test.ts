import * as fc from 'fast-check';
import {
  binsOf,
  endOf,
  poolsOf,
  rangeOf,
  seriesOf,
  sumOf,
  totalsOf,
} from '../../../../core/doctor/page/binned-timeline.ts';
import { LogQueryError } from '../../../../core/ports/log-queries.ts';
import { audit, pool, row, two, web } from './diagnoses.ts';

const rows = fc.array(
  fc.record({
    pool: fc.constantFrom(pool, 'sts:111122223333:global'),
    minute: fc.integer({ min: 0, max: 60 * 24 * 90 }).map((minute) => two + 60 * minute),
    caller: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'others'),
    served: fc.nat(1_000),
    refused: fc.nat(50),
  }),
  { minLength: 1, maxLength: 60 },
);

test('the bins of a pool hold all its calls, for any period', () => {
  fc.assert(
    fc.property(rows, (timeline) => {
      const pools = poolsOf(timeline);
      const range = rangeOf(pools)!;
      const bins = binsOf(range.from, range.to);
      expect(bins.count).toBeLessThanOrEqual(241);
      expect(bins.from).toBeLessThanOrEqual(range.from);
      expect(endOf(bins)).toBeGreaterThanOrEqual(range.to);
      for (const one of pools) {
        const series = seriesOf(one, bins, new Set());
        const near = timeline.filter(({ minute }) => minute >= bins.from && minute < endOf(bins));
        const own = near.filter((line) => line.pool === one.pool);
        for (const kind of ['served', 'refused'] as const) {
          const total = sumOf(totalsOf(series, kind, bins), (value) => value);
          expect(total).toBe(sumOf(own, (line) => line[kind]));
          expect(one[kind]).toBe(
            sumOf(
              timeline.filter((line) => line.pool === one.pool),
              (line) => line[kind],
            ),
          );
        }
        expect(series.length).toBeLessThanOrEqual(7);
      }
    }),
  );
});

test.each([
  [1, 60, 5],
  [60, 60, 60],
  [240, 60, 240],
  [241, 120, 121],
  [1_440, 360, 240],
  [60 * 24 * 90, 43_200, 180],
  [60 * 24 * 400, 172_800, 200],
])('%i minutes are shown in bars of %i seconds', (minutes, seconds, most) => {
  const bins = binsOf(two, two + 60 * minutes);
  expect(bins.seconds).toBe(seconds);
  expect(bins.count).toBeLessThanOrEqual(Math.min(most + 1, 241));
});

test('bars of many minutes start at round times', () => {
  expect(binsOf(two + 60, two + 86_400).from % 360).toBe(0);
});

test('pools with throttled calls come first, then the busiest', () => {
  const timeline = [row(0, 'a', 5, 0, 'quiet'), row(0, 'a', 50, 0, 'busy'), row(0, 'a', 1, 1, 'throttled')];
  expect(poolsOf(timeline).map((one) => one.pool)).toEqual(['throttled', 'busy', 'quiet']);
});

test('callers that used the rate up come first; the callers beyond six are one series', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const timeline = [...names.map((name, place) => row(0, name, 10 - place)), row(0, 'others', 99)];
  const [one] = poolsOf(timeline);
  const series = seriesOf(one!, binsOf(two, two + 60), new Set(['g']));
  expect(series.map(({ caller }) => caller)).toEqual(['g', 'a', 'b', 'c', 'd', 'e', null]);
  expect(series.at(-1)?.served[0]).toBe(99 + 5);
});

test('rows outside the bins are left out', () => {
  const [one] = poolsOf([row(0, audit, 5), row(500, web, 7)]);
  const bins = binsOf(two, two + 600);
  expect(totalsOf(seriesOf(one!, bins, new Set()), 'served', bins)).toEqual([5, ...new Array<number>(9).fill(0)]);
});

test.each([[{ pool: 1 }], [{ minute: 1e15 }], [{ minute: -60 }], [{ served: null }]])(
  'a row that is not as expected is an error: %j',
  (wrong) => {
    expect(() => poolsOf([{ ...row(0, audit, 1), ...wrong }])).toThrow(LogQueryError);
  },
);
