import { exceededBounds } from '../../../bench/pacing/bounds.ts';
import { rowOf, tables, type Row } from '../../../bench/pacing/rows.ts';

const good: Row = {
  strategy: 'with-memory',
  scenario: 'bystander20',
  ratioMedian: 1.03,
  ratioP90: 1.2,
  ratioMean: 1.05,
  ratioWorst: 1.4,
  throttledMean: 0.004,
  bystandersMean: 0.006,
  bystandersWorst: 0.04,
  attempts: 4,
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

test.each([
  [{ throttledMean: 0.017 }, 'the mean share of throttled calls is 0.0170. The bound is 0.016.'],
  [
    { bystandersMean: 0.023 },
    'the mean share of bystander calls throttled because of the audit is 0.0230. The bound is 0.022.',
  ],
  [
    { bystandersWorst: 0.21 },
    'in the worst run, the share of bystander calls throttled because of the audit is 0.2100. The bound is 0.2.',
  ],
  [{ attempts: 11 }, 'the highest number of attempts is 11.0000. The bound is 10.'],
])('means and worst runs of a first day are bounded: %j', (figures, sentence) => {
  const row: Row = { ...good, strategy: 'first-day', scenario: 'bystander60' };
  expect(exceededBounds([row])).toEqual([]);
  expect(exceededBounds([{ ...row, ...figures }])).toEqual([`first-day, bystander60: ${sentence}`]);
});

test('a row has means and the worst run beside medians', () => {
  const sample = { ratio: 1, throttled: 0, lost: 0, bystanders: 0.1, bystandersAlone: 0.1, attempts: 1 };
  const samples = [sample, sample, sample, { ...sample, ratio: 3, throttled: 0.4, bystanders: 0.5, attempts: 7 }];
  expect(rowOf('first-day', 'alone', samples)).toMatchObject({
    ratioMedian: 1,
    ratioMean: 1.5,
    ratioWorst: 3,
    throttled: 0,
    throttledMean: 0.1,
    bystanders: 0.1,
    bystandersMean: 0.1,
    bystandersWorst: 0.4,
    attempts: 7,
  });
});

test('one lost call on one of many buckets is visible, because the figure is a mean', () => {
  const sample = { ratio: 1, throttled: 0, lost: 0, bystanders: 0, bystandersAlone: 0, attempts: 1 };
  const samples = [...Array.from({ length: 51 }, () => sample), { ...sample, ratio: 9, lost: 0.0005 }];
  const row = rowOf('first-day', 'alone', samples);
  expect(row.ratioMedian).toBe(1);
  expect(row.lost).toBeGreaterThan(0);
  expect(exceededBounds([row])).toHaveLength(1);
});

test('each figure has a table with a line for each strategy, and a strategy that loses calls has no makespan', () => {
  const lines = tables([good, { ...good, strategy: 'all-at-once', lost: 0.5 }]).split('\n');
  const cellsOf = (strategy: string): string[] =>
    lines.filter((line) => line.startsWith(`| ${strategy} |`)).map((line) => line.replaceAll(/[| ]+/g, ' ').trim());
  expect(cellsOf('with-memory')).toEqual([
    'with-memory 1.03 (1.20)',
    'with-memory 0.3',
    'with-memory 0.0',
    'with-memory 0.6 (0.1)',
  ]);
  expect(cellsOf('all-at-once')).toEqual([
    'all-at-once –',
    'all-at-once 0.3',
    'all-at-once 50.0',
    'all-at-once 0.6 (0.1)',
  ]);
});
