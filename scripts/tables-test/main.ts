/**
 * `npm run test:tables`: writes the tables of 400 daily runs, and reads every value of every file with two independent
 * readers: pyarrow, and DuckDB. Columns, types, rows, and the sum over each column must be equal. Without Python, it says
 * that it was left out. Exits with 1 if a value differs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { tableNames, tables, type TableName } from '../../core/contract/tables/tables.ts';
import type { ColumnType } from '../../core/contract/tables/columns.ts';
import { answerOf } from '../company-tables.ts';
import { pythonEnvironment, PythonUnavailable } from '../python-environment.ts';
import { ACCOUNTS, DAYS, writeHistory } from './history.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const Read = v.record(
  v.string(),
  v.object({
    files: v.number(),
    rows: v.number(),
    columns: v.array(v.tuple([v.string(), v.string()])),
    digests: v.record(v.string(), v.object({ values: v.number(), sum: v.number() })),
  }),
);
type ReadTable = v.InferOutput<typeof Read>[string];

/** A number that depends on each value of a column. Texts count with their bytes. */
const sums: Readonly<Record<ColumnType, (column: string) => string>> = {
  text: (column) => `sum(octet_length(encode(${column})))`,
  count: (column) => `sum(${column})`,
  number: (column) => `sum(${column})`,
  flag: (column) => `sum(CAST(${column} AS INTEGER))`,
  time: (column) => `sum(epoch_ms(${column}))`,
};

async function differences(folder: string, name: TableName, read: ReadTable): Promise<string[]> {
  const columns = Object.entries(tables[name].columns);
  const found: string[] = [];
  const expected = columns.map(([column, { type }]) => [column, type]);
  if (JSON.stringify(read.columns) !== JSON.stringify(expected)) found.push(`columns: ${JSON.stringify(read.columns)}`);
  if (read.files !== DAYS * ACCOUNTS.length) found.push(`${read.files} files`);
  const selected = columns.flatMap(([column, { type }], n) => [
    `count(${column}) AS values_${n}`,
    `CAST(coalesce(${sums[type](column)}, 0) AS DOUBLE) AS sum_${n}`,
  ]);
  const { rows } = await answerOf(folder, `SELECT count(*) AS n, ${selected.join(', ')} FROM ${name}`);
  const [count, ...values] = rows[0] ?? [];
  if (count !== read.rows || read.rows === 0) found.push(`rows: DuckDB ${String(count)}, pyarrow ${read.rows}`);
  for (const [n, [column]] of columns.entries()) {
    const duck = values.slice(2 * n, 2 * n + 2).map(Number);
    const arrow = [read.digests[column]?.values ?? -1, read.digests[column]?.sum ?? -1];
    // Fractions are added in another order.
    if (duck.some((value, place) => Math.abs(value - (arrow[place] ?? 0)) > Math.abs(value) * 1e-9)) {
      found.push(`${column}: DuckDB ${duck.join(' and ')}, pyarrow ${arrow.join(' and ')}`);
    }
  }
  return found;
}

const folder = mkdtempSync(join(tmpdir(), 'iam-audit-tables-'));
try {
  const { bin } = await pythonEnvironment({
    name: 'tables-test',
    requirements: here('requirements.txt'),
    minorVersions: [13, 12, 11],
  });
  await writeHistory(folder);
  const { status, stdout, stderr } = spawnSync(join(bin, 'python'), [here('read_tables.py'), join(folder, 'tables')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`pyarrow could not read the tables: ${stderr}${stdout}`);
  const read = v.parse(Read, JSON.parse(stdout));
  for (const name of tableNames) {
    const table = read[name];
    const found = table === undefined ? ['no files'] : await differences(folder, name, table);
    process.stdout.write(
      `${found.length === 0 ? 'equal ' : 'DIFFER'} ${name}: ${table?.files ?? 0} files, ${table?.rows ?? 0} rows\n`,
    );
    for (const difference of found) process.stdout.write(`  ${difference}\n`);
    if (found.length > 0) process.exitCode = 1;
  }
} catch (error: unknown) {
  if (!(error instanceof PythonUnavailable)) throw error;
  process.stderr.write(`test:tables was left out: ${error.message}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
