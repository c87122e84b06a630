import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { costPage } from '../../scripts/cost-page.ts';

jest.setTimeout(120_000);

test('docs/cost.md is up to date (npm run docs): the estimates of all sizes, and the arithmetic', async () => {
  const page = await costPage();
  expect(readFileSync(join(__dirname, '../../docs/cost.md'), 'utf8')).toBe(page);
  const rows = [...page.matchAll(/^\| ([\d,]+) \| ([\d,]+) \|.*\| ([\d,.]+) \| `npx/gm)];
  const numbers = rows.map(([, , principals = '', unusedAccess = '']) =>
    [principals, unusedAccess].map((text) => Number(text.replaceAll(',', ''))),
  );
  expect(numbers.map(([principals]) => principals)).toEqual([100, 1_000, 10_000, 100_000, 100_000]);
  for (const [principals = 0, unusedAccess] of numbers) expect(unusedAccess).toBeCloseTo(principals * 0.2, 6);
});
