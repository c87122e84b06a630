import Papa from 'papaparse';
import type { Finding } from '../../../core/contract/finding.ts';
import { findingsTable } from '../../../core/findings/findings-table.ts';

const finding = (title: string): Finding => ({
  id: 'a1',
  rule: 'administrator',
  severity: 'medium',
  accountId: '111122223333',
  principalArn: 'arn:aws:iam::111122223333:role/r',
  title,
  detail: 'd',
  evidence: { names: [title] },
  firstSeen: '2026-11-25T04:00:00.000Z',
  state: 'open',
  exception: null,
});

async function table(...findings: Finding[]): Promise<Record<string, string>[]> {
  const lines: string[] = [];
  const all = async function* () {
    yield* findings;
  };
  for await (const line of findingsTable(all())) lines.push(line);
  return Papa.parse<Record<string, string>>(lines.join('\n'), { header: true }).data;
}

test.each(['plain', 'a, "b"', 'two\nlines', 'ü €'])('%j comes back from the table as it was', async (title) => {
  expect((await table(finding(title), finding('next'))).map((row) => row['title'])).toEqual([title, 'next']);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('%j is no formula in a spreadsheet', async (title) => {
  const [row] = await table(finding(title));
  expect(row?.['title']).toBe(`'${title}`);
});

test('nothing found is a table of a head', async () => {
  expect(await table()).toEqual([]);
});
