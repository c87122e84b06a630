import { burstyCells, burstyRows, burstyTables } from '../../bench/pacing/bursty-bystanders.ts';
import type { Sample } from '../../bench/pacing/samples.ts';

const sample = (ratio: number, bystanders: number): Sample => ({
  ratio,
  throttled: 0,
  lost: 0,
  bystanders,
  bystandersAlone: 0.1,
  attempts: 1,
});

test('a row has what the bystander loses because of the audit, and there is a table for each size of the bucket', () => {
  const samples = [sample(1, 0.1), sample(1.1, 0.2), sample(1.5, 0.4)];
  const rows = burstyRows(burstyCells.map((cell) => ({ cell, samples })));
  const lines = burstyTables(rows).split('\n');
  const cells = '10.0 | 13.3 | 30.0 | 1.10 | 1.20';
  expect(lines.filter((line) => line.endsWith(`| ${cells} |`))).toHaveLength(3 * 24);
  expect(lines.filter((line) => line === `| 20 %: 2 R for 3 s of 30 s | rate share 0.9 | ${cells} |`)).toHaveLength(3);
});

test('a maximum rate of half the rate leaves the bystander more tokens', async () => {
  const lossWith = async (setting: string): Promise<number> => {
    const cell = burstyCells.find(
      ({ strategy, place }) => strategy === setting && place === '20 %: 5 R for 2 s of 50 s, buckets of 20 s',
    );
    const losses = (await cell!.measure(1)).map(({ bystanders, bystandersAlone }) => bystanders - bystandersAlone);
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  };
  expect(await lossWith('max rate 0.5 R')).toBeLessThan(0.5 * (await lossWith('rate share 0.99')));
});
