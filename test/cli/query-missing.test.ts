import { missingFiles, missingRuns, unreadableInWords, type WrittenTables } from '../../cli/query-missing.ts';
import { objects } from '../../core/contract/objects.ts';
import type { TableName } from '../../core/contract/tables/tables.ts';
import type { TableFile } from '../../core/tables/table-files.ts';

const ACCOUNT = '210987654321';
const DATE = '2026-11-27';
const written: WrittenTables = { date: DATE, accountId: ACCOUNT, runId: 'run', principals: 65, found: 65 };
const keyOf = (part: number): string => objects.tableFile('principals', DATE, ACCOUNT, part);
const parts = (...numbers: number[]) =>
  new Map([['principals' as const, numbers.map((part) => ({ key: keyOf(part), date: DATE }))]]);

test('nothing is missing', () => {
  expect(missingFiles([written], parts(0, 1), [])).toEqual([]);
});

test('a part between others is missing', () => {
  expect(missingFiles([{ ...written, found: 40 }], parts(0, 2), [])).toEqual([
    { key: keyOf(1), reason: 'it is missing, and run run wrote it' },
  ]);
});

test('rows are missing at the end', () => {
  expect(missingFiles([{ ...written, found: 40 }], parts(0), [])).toEqual([
    { key: keyOf(0), reason: 'it has 40 of the 65 rows that run run wrote' },
  ]);
});

test('a damaged file is not named twice', () => {
  expect(missingFiles([{ ...written, found: 0 }], parts(0), [{ key: keyOf(0), reason: 'it is empty' }])).toEqual([]);
});

test('many files are counted', () => {
  const many = Array.from({ length: 25 }, (_, part) => ({ key: keyOf(part), reason: 'it is empty' }));
  const lines = unreadableInWords(many);
  expect(lines).toHaveLength(22);
  expect(lines[0]).toBe(`Table principals, account ${ACCOUNT}, day ${DATE}: ${keyOf(0)} can't be read: it is empty.`);
  expect(lines[20]).toMatch(/^5 more files/);
  expect(unreadableInWords([])).toEqual([]);
});

test('the table of the runs is missing', () => {
  const listed = new Map<TableName, readonly TableFile[]>(parts(0));
  listed.set('runs', [{ key: objects.runsFile(DATE, ACCOUNT, 'run'), date: DATE }]);
  expect(missingRuns(parts(0), DATE)).toEqual([{ key: 'tables/runs/', reason: expect.any(String) as string }]);
  expect(missingRuns(parts(0), '2026-11-28')).toEqual([]);
  expect(missingRuns(listed, DATE)).toEqual([]);
});
