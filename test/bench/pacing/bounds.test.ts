import { exceededBounds } from '../../../bench/pacing/bounds.ts';
import { rowOf, table, type Row } from '../../../bench/pacing/rows.ts';

const good: Row = {
  strategy: 'with-memory',
  scenario: 'bystander20',
  ratioMedian: 1.03,
  ratioP90: 1.2,
  throttled: 0.003,
  lost: 0,
  bystanders: 0.006,
  bystandersAlone: 0.001,
};

test('a row within its bounds gives no sentence, and each exceeded bound gives one', () => {
  expect(exceededBounds([good])).toEqual([]);
  expect(exceededBounds([{ ...good, ratioMedian: 1.09 }])).toEqual([
    'with-memory, bystander20: makespan/T* is 1.0900. The bound is 1.08.',
  ]);
  expect(exceededBounds([{ ...good, ratioP90: 1.31, throttled: 0.006, bystanders: 0.02, lost: 0.0005 }])).toHaveLength(
    4,
  );
});

test('one lost call on one of many buckets is visible, because the figure is a mean', () => {
  const sample = { ratio: 1, throttled: 0, lost: 0, bystanders: 0, bystandersAlone: 0, attempts: 1 };
  const samples = [...Array.from({ length: 51 }, () => sample), { ...sample, ratio: 9, lost: 0.0005 }];
  const row = rowOf('first-day', 'alone', samples);
  expect(row.ratioMedian).toBe(1);
  expect(row.lost).toBeGreaterThan(0);
  expect(exceededBounds([row])).toHaveLength(1);
});

test('the table has one line per strategy, and no makespan for a strategy that loses calls', () => {
  const lines = table([good, { ...good, strategy: 'all-at-once', lost: 0.5 }]).split('\n');
  expect(lines.find((line) => line.startsWith('| with-memory'))).toContain('1.03 (1.20) · 0.3 · 0.0 · 0.6/0.1');
  expect(lines.find((line) => line.startsWith('| all-at-once'))).toContain('– · 0.3 · 50.0');
});
