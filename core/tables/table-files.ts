import { objects } from '../contract/objects.ts';
import type { TableName } from '../contract/tables/tables.ts';
import type { ObjectStore } from '../ports/store.ts';

export interface TableFile {
  readonly key: string;
  /** YYYY-MM-DD */
  readonly date: string;
}

const KEY = /^tables\/\w+\/date=(\d{4}-\d{2}-\d{2})\/account=\d{12}\/[^/]+\.parquet$/;

/** The files of a table, in the order of their days. @throws StoreError */
export async function tableFiles(store: ObjectStore, table: TableName): Promise<TableFile[]> {
  const files: TableFile[] = [];
  for await (const key of store.list(objects.tableOf(table))) {
    const date = KEY.exec(key)?.[1];
    if (date !== undefined) files.push({ key, date });
  }
  return files;
}
