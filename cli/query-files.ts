import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import { tableNames, type TableName } from '../core/contract/tables/tables.ts';
import { DAY_MS } from '../core/ports/clock.ts';
import { READS_AT_ONCE, type ObjectStore } from '../core/ports/store.ts';
import { tableFiles, type TableFile } from '../core/tables/table-files.ts';
import { fileDamage } from '../local/tables/file-damage.ts';

export interface Unreadable {
  readonly key: string;
  readonly reason: string;
}

/**
 * The files of the tables that a statement names, and of `runs`, which tells what was written. A word in a text may be a name
 * too, which only costs time.
 */
export async function listedFiles(store: ObjectStore, sql: string): Promise<Map<TableName, TableFile[]>> {
  const listed = new Map<TableName, TableFile[]>();
  for (const name of tableNames) {
    if (new RegExp(`\\b${name}\\b`, 'i').test(sql)) listed.set(name, await tableFiles(store, name));
  }
  if (listed.size > 0 && !listed.has('runs')) listed.set('runs', await tableFiles(store, 'runs'));
  return listed;
}

/** @param day YYYY-MM-DD */
export const daysBefore = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10);

/** Copies files from a bucket to a folder, with their keys as paths. @throws StoreError */
export async function fetchFiles(store: ObjectStore, files: readonly TableFile[], root: string): Promise<void> {
  const limit = pLimit(READS_AT_ONCE);
  await Promise.all(
    files.map(({ key }) =>
      limit(async () => {
        const path = join(root, key);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(path, store.readBytes(key), { mode: 0o600 });
      }),
    ),
  );
}

/** The files that have no complete beginning and end. */
export async function damagedFiles(root: string, files: readonly TableFile[]): Promise<Unreadable[]> {
  const limit = pLimit(READS_AT_ONCE);
  const checked = await Promise.all(
    files.map(({ key }) => limit(async () => ({ key, reason: await fileDamage(join(root, key)) }))),
  );
  return checked.flatMap(({ key, reason }) => (reason === null ? [] : [{ key, reason }]));
}
