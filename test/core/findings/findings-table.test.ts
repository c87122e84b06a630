import fc from 'fast-check';
import Papa from 'papaparse';
import type { Finding } from '../../../core/contract/finding.ts';
import { findingsTable } from '../../../core/findings/findings-table.ts';
import { withoutControls } from '../../../core/wording/html.ts';

const finding = (title: string): Finding => ({
  id: 'a1',
  rule: 'administrator',
  severity: 'medium',
  controls: ['CIS 3.0 1.16', 'FSBP IAM.1'],
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

test.each(['plain', 'a, "b"', 'two\nlines', 'a\ttab', 'ü €'])(
  '%j is read back from the table unchanged',
  async (title) => {
    expect((await table(finding(title), finding('next'))).map((row) => row['title'])).toEqual([title, 'next']);
  },
);

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '=1+1\n'])('%j is not a formula in a spreadsheet', async (title) => {
  const [row] = await table(finding(title));
  expect(row?.['title']).toBe(`'${title}`);
});

test('every text is one cell, is not a formula, and loses nothing but controls', async () => {
  const unit = fc.oneof(
    fc.constantFrom(...Array.from('=+-@\t\r\n",;\'')),
    fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ unit }), async (title) => {
      const rows = await table(finding(title), finding('next'));
      expect(rows.map((row) => row['id'])).toEqual(['a1', 'a1']);
      const cell = rows[0]!['title']!;
      expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      expect([withoutControls(title), `'${withoutControls(title)}`]).toContain(cell);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['an escape', '\u001b[31mred', '\ufffd[31mred'],
  ['a carriage return', '\r=1', '\ufffd=1'],
  ['a C1 control', 'a\u009bb', 'a\ufffdb'],
  ['a change of direction', 'a\u202eb', 'a\ufffdb'],
])('%s is made visible in text from AWS and from operators', async (_name, raw, shown) => {
  const exception = { owner: raw, reason: raw, expires: '2026-12-31' };
  const [row] = await table({ ...finding(raw), exception });
  expect(row).toMatchObject({ title: shown, exceptionOwner: shown, exceptionReason: shown });
  expect(Object.values(row ?? {}).join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});

test('the controls of a finding are in one cell', async () => {
  expect((await table(finding('t')))[0]).toMatchObject({ controls: 'CIS 3.0 1.16, FSBP IAM.1' });
});

test('without findings the table has only a header', async () => {
  expect(await table()).toEqual([]);
});
