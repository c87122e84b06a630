import { objects } from '../core/contract/objects.ts';
import type { TableName } from '../core/contract/tables/tables.ts';
import type { TableFile } from '../core/tables/table-files.ts';
import type { Unreadable } from './query-files.ts';

/** A row of the table `runs`: the other tables have the rows of this account on this day. */
export interface WrittenTables {
  readonly date: string;
  readonly accountId: string;
  readonly runId: string;
  readonly principals: number;
  /** Rows of the table `principals` of this run; null if it was not counted, or if another run wrote some of the rows. */
  readonly found: number | null;
}

/** The last run of each day that wrote the tables of an account. `runs` is the only table that it reads. */
const WRITTEN = `
SELECT "date", account_id, max_by(run_id, run_started_at) AS run_id, max_by(principals, run_started_at) AS principals
FROM runs
WHERE tables_written
GROUP BY "date", account_id`;

const FOUND = `
SELECT "date", account_id, count(*) AS found, count(DISTINCT run_id) AS run_count, max(run_id) AS found_run
FROM principals
GROUP BY "date", account_id`;

/** Answers with the columns of `WrittenTables`, in their order. */
export const writtenTables = (countsPrincipals: boolean): string => `
WITH written AS (${WRITTEN})${countsPrincipals ? `, rows_found AS (${FOUND})` : ''}
SELECT written."date", written.account_id, written.run_id, written.principals, ${
  countsPrincipals
    ? `CASE WHEN rows_found."date" IS NULL THEN 0
  WHEN rows_found.run_count = 1 AND rows_found.found_run = written.run_id THEN rows_found.found END
FROM written
LEFT JOIN rows_found ON rows_found."date" = written."date" AND rows_found.account_id = written.account_id`
    : 'NULL FROM written'
}
ORDER BY written."date", written.account_id`;

const PART = /^tables\/(\w+)\/date=([\d-]+)\/account=(\d{12})\/(?:part-(\d+)\.parquet)?/;

/** The files that the runs wrote and that are missing, and those that have fewer rows than the runs wrote. */
export function missingFiles(
  written: readonly WrittenTables[],
  listed: ReadonlyMap<TableName, readonly TableFile[]>,
  unreadable: readonly Unreadable[],
): Unreadable[] {
  const missing: Unreadable[] = [];
  const damaged = new Set(unreadable.map(({ key }) => folderOf(key)));
  for (const [table, files] of listed) {
    if (table === 'runs') continue;
    const parts = partsByFolder(files);
    for (const { date, accountId, runId, principals, found } of written) {
      const first = objects.tableFile(table, date, accountId, 0);
      const there = parts.get(folderOf(first)) ?? new Set<number>();
      const most = Math.max(0, ...there);
      let complete = true;
      for (let part = 0; part <= most; part += 1) {
        if (there.has(part)) continue;
        complete = false;
        missing.push({
          key: objects.tableFile(table, date, accountId, part),
          reason: `it is missing, and run ${runId} wrote it`,
        });
      }
      if (table !== 'principals' || !complete || damaged.has(folderOf(first))) continue;
      if (found !== null && found < principals) {
        missing.push({ key: first, reason: `it has ${found} of the ${principals} rows that run ${runId} wrote` });
      }
    }
  }
  return missing;
}

/** Without the table `runs`, the last day of an account is not known, and nothing tells what was written. */
export function missingRuns(listed: ReadonlyMap<TableName, readonly TableFile[]>, first: string): Unreadable[] {
  const hasDays = (files: readonly TableFile[]): boolean => files.some(({ date }) => date >= first);
  if (hasDays(listed.get('runs') ?? []) || ![...listed.values()].some(hasDays)) return [];
  const reason =
    'it has no run of these days, and other tables have rows: the first run is in progress, or files are missing';
  return [{ key: objects.tableOf('runs'), reason }];
}

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/'));

function partsByFolder(files: readonly TableFile[]): Map<string, Set<number>> {
  const parts = new Map<string, Set<number>>();
  for (const { key } of files) {
    const part = PART.exec(key)?.[4];
    if (part === undefined) continue;
    const folder = folderOf(key);
    parts.set(folder, (parts.get(folder) ?? new Set()).add(Number(part)));
  }
  return parts;
}

/** The most files that are named one by one. */
const MOST_NAMED = 20;

/** What is said about files that are damaged or missing: the table, the account and the day of each. */
export function unreadableInWords(unreadable: readonly Unreadable[]): string[] {
  if (unreadable.length === 0) return [];
  const lines = unreadable.slice(0, MOST_NAMED).map(({ key, reason }) => {
    const [, table, date, accountId] = PART.exec(key) ?? [];
    const place = table === undefined ? '' : `Table ${table}, account ${accountId}, day ${date}: `;
    return `${place}${key} can't be read: ${reason}.`;
  });
  const more = unreadable.length - lines.length;
  if (more > 0) lines.push(`${more} more files can't be read. The answer in JSON names them in "unreadable".`);
  return [...lines, 'Their rows are missing, so the answer may have wrong rows.'];
}
