import { culpritsOf, givenRows } from '../../../../core/doctor/diagnosis/culprits.ts';
import { LogQueryError, type LogRow } from '../../../../core/ports/log-queries.ts';

const POOL = 'iam:111122223333';
const row = (name: string, place: number, share: number, more: LogRow = {}): LogRow => ({
  pool: POOL,
  place,
  caller: `arn:aws:iam::111122223333:role/${name}`,
  caller_kind: 'role',
  account: '111122223333',
  served: Math.round(300 * share),
  refused: 0,
  audit_calls: 0,
  peak_minute: 100,
  minutes: 3,
  pool_served: 300,
  pool_refused: 40,
  judged_refused: 40,
  unexplained: 0,
  bucket_share: 0.1,
  caller_share: 0,
  blame: 40 * share,
  blame_share: share,
  operation: 'iam:GetRole',
  blamed_operation: 'iam:GetRole',
  second_operation: null,
  limit_served: null,
  limit_minutes: null,
  ...more,
});
const culprits = (...rows: LogRow[]) => culpritsOf(givenRows(rows), { from: 0, to: 600 });

test('the callers with most of the blame are named, and the others are not', async () => {
  const { callers, note } = await culprits(row('scanner', 1, 0.8), row('web', 2, 0.15), row('batch', 3, 0.05));
  expect(callers.map(({ caller, accountId }) => [caller, accountId])).toEqual([
    ['arn:aws:iam::111122223333:role/scanner', '111122223333'],
  ]);
  expect(callers[0]?.diagnosis).toContain('served 240 of 300 calls (80 %)');
  expect(note).toBeNull();
});

test('a caller with the user agent of the audit is named, and the agent is no proof', async () => {
  const { callers } = await culprits(row('audit', 1, 0.9, { audit_calls: 270 }), row('web', 2, 0.1));
  expect(callers).toHaveLength(1);
  expect(callers[0]?.diagnosis).toMatch(
    /Most of its calls have the user agent of iam-audit, which any program can send\. If it is this audit, set a lower rateShare/,
  );
});

test.each<[string, LogRow[], string]>([
  ['the logs have no row', [], 'The logs contain no throttled call. An answer needs'],
  ['few calls are throttled', [row('web', 1, 1, { pool_refused: 4 })], 'AWS throttled only 4 calls of 304'],
  [
    'many callers made a small part of the calls each',
    Array.from({ length: 20 }, (_, n) => row(`r${n}`, n + 1, 0.05)),
    'No single caller used the rate up',
  ],
])('if %s, no caller is named, and the note says why', async (_, rows, note) => {
  const answer = await culprits(...rows);
  expect(answer.callers).toEqual([]);
  expect(answer.note).toContain(note);
});

test('rows of a pool count once in the totals', async () => {
  const other = { pool: 'sts:111122223333:global', pool_served: 100, pool_refused: 10 };
  const rows = [row('a', 1, 0.05), row('b', 2, 0.05), row('a', 1, 0.05, other), row('b', 2, 0.05, other)];
  expect((await culprits(...rows)).note).toContain('AWS throttled 50 calls of 450');
});

test('rows of another version are refused', async () => {
  await expect(culprits({ pool: POOL })).rejects.toThrow(LogQueryError);
});
