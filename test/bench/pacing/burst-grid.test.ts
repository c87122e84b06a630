import type { Cell, Sample } from '../../../bench/pacing/samples.ts';
import { exceededOnGrid, gridCells, gridRows, gridTable } from '../../../bench/pacing/servers/burst-grid.ts';

const sample = (ratio: number): Sample => ({
  ratio,
  throttled: 0,
  lost: 0,
  bystanders: 0,
  bystandersAlone: 0,
  attempts: 1,
});
const place = 'grid: 5 R for 2 s of 10 s (R 20 B 20)';
const cellsAt = gridCells.filter((cell) => cell.place === place);

/** @param ratios the runs of the audit. The baselines take 1.2 times T* */
const measured = (ratios: readonly number[]) =>
  cellsAt.map((cell: Cell) => ({
    cell,
    samples: cell.strategy === 'first-day' ? ratios.map(sample) : [sample(1.2), sample(1.2)],
  }));

test('the grid has 150 servers, and each has the audit and two baselines', () => {
  expect(gridCells).toHaveLength(3 * 150);
  expect(new Set(gridCells.map((cell) => cell.place))).toHaveProperty('size', 150);
  expect(cellsAt.map(({ strategy }) => strategy)).toEqual(['first-day', 'sdk-adaptive', 'aimd']);
});

test('a row has the geometric mean, the share of servers above the bound, and the worst run', () => {
  const [row] = gridRows(measured([1, 4]));
  expect(row).toMatchObject({ strategy: 'first-day', worst: 4, worstAt: place, above: 1 });
  expect(row!.geometricMean).toBeCloseTo(2);
  expect(gridTable([row!])).toContain(`| first-day | 2.00 | 4.00 | 100 | 4.00 | ${place} |`);
  expect(gridRows(measured([1.37, 1.37]))[0]).toHaveProperty('above', 0);
});

test('only figures of the audit that exceed their bounds are reported', () => {
  const [ours, adaptive] = gridRows(measured([5, 5]));
  expect(exceededOnGrid(ours!)).toEqual([
    'first-day, bursts on a grid: the geometric mean of makespan/T* is 5.0000. The bound is 1.3000.',
    'first-day, bursts on a grid: the share of servers above their bounds is 1.0000. The bound is 0.1000.',
    'first-day, bursts on a grid: the worst makespan/T* is 5.0000. The bound is 4.0000.',
  ]);
  expect(exceededOnGrid({ ...adaptive!, worst: 20 })).toEqual([]);
});

test('a run that starts inside a burst ends, and loses no call', async () => {
  const inBurst = gridCells.find((cell) => cell.place === 'grid: 5 R for 9 s of 30 s (R 10 B 10)');
  const [first] = await inBurst!.measure(1);
  expect(first!.ratio).toBeGreaterThan(0.9);
  expect(first!.lost).toBe(0);
}, 60_000);
