import type { Sample } from '../../bench/pacing/samples.ts';
import { dayRows, dayTable, exceededOnDays } from '../../bench/pacing/servers/day-rows.ts';
import { dayCells, DAYS } from '../../bench/pacing/servers/days-in-a-row.ts';

const sample = (ratio: number): Sample => ({
  ratio,
  throttled: 0,
  lost: 0,
  bystanders: 0,
  bystandersAlone: 0,
  attempts: 1,
});
/** Eight days with each of three seeds. @param slow makespan/T* of the third day with each seed */
const rowsWith = (...slow: number[]) => {
  const samples = slow.flatMap((ratio) => Array.from({ length: DAYS }, (_, day) => sample(day === 2 ? ratio : 1)));
  return dayRows([{ cell: { strategy: 'eight-days', place: 'noise', measure: () => Promise.resolve([]) }, samples }]);
};

test('the median of each day over the seeds, and the worst run, have bounds', () => {
  expect(rowsWith(1, 1.3, 2.5).flatMap(exceededOnDays)).toEqual([]);
  expect(rowsWith(1, 1.4, 2.6).flatMap(exceededOnDays)).toEqual([
    'noise: makespan/T* of the slowest day is 1.4000. The bound is 1.3000.',
    'noise: the worst makespan/T* is 2.6000. The bound is 2.5000.',
  ]);
});

test('the table has a column for each day', () => {
  expect(
    dayTable(rowsWith(1, 1.2, 1.4))
      .split('\n')
      .at(-1),
  ).toBe('| noise | 1.00 | 1.00 | 1.20 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 | 1.40 | yes |');
});

test('a day with noise starts near the limit, because the day before has left its memory', async () => {
  const samples = await dayCells.find(({ place }) => place === 'eight days: noise 1 % (R 10 B 50)')!.measure(1);
  expect(samples).toHaveLength(DAYS);
  expect(samples[1]!.ratio).toBeLessThan(samples[0]!.ratio);
});
