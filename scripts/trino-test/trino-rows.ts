import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Row } from './compare.ts';

const Types = v.record(v.string(), v.string());
const Rows = v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()])));

/** The rows that `RunQueries.java` wrote for a statement, in their order. @throws Error if a type is not one that DuckDB has alike */
export async function trinoRows(folder: string, name: string): Promise<Row[]> {
  const [types = '', ...lines] = (await readFile(join(folder, `${name}.rows.ndjson`), 'utf8')).split('\n');
  for (const [column, type] of Object.entries(v.parse(Types, JSON.parse(types)))) {
    // A decimal would be rounded otherwise than in DuckDB.
    if (!/^(bigint|integer|double|boolean|varchar(\(\d+\))?)$/.test(type))
      throw new Error(`${name}.${column} is ${type} in Trino.`);
  }
  return lines.filter((line) => line !== '').map((line) => v.parse(Rows, JSON.parse(line)));
}
