import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnswerCell } from '../../core/contract/answers/query.ts';
import type { ColumnType } from '../../core/contract/tables/columns.ts';
import { DATE_COLUMN, tableNames, tables, type TableName } from '../../core/contract/tables/tables.ts';
import { asOfDay, tableQueries } from '../../questions/table-queries.ts';
import { answerOf, LAST_DAY, type SampleAnswer } from '../company-tables.ts';
import type { Row } from './compare.ts';

const trinoTypes: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  count: 'BIGINT',
  number: 'DOUBLE',
  flag: 'BOOLEAN',
  time: 'TIMESTAMP(3)',
};

const columnsOf = (table: TableName): readonly (readonly [string, string])[] => [
  ...Object.entries(tables[table].columns).map(([name, { type }]) => [name, trinoTypes[type]] as const),
  [DATE_COLUMN, 'VARCHAR'],
];

/** Makes a table from its lines in the table `lines`. */
const createTable = (table: TableName): string => {
  // Trino can't cast JSON to a timestamp.
  const values = columnsOf(table).map(
    ([name, type]) => `CAST(json_extract_scalar(line, '$.row.${name}') AS ${type}) AS "${name}"`,
  );
  return (
    `CREATE TABLE ${table} AS SELECT ${values.join(', ')} ` +
    `FROM lines WHERE json_extract_scalar(line, '$.table') = '${table}'`
  );
};

/** Writes the rows of the tables as lines, and the questions as statements, for `RunQueries.java`. */
export async function writeTableQuestions(audited: string, trinoFolder: string): Promise<number> {
  const lines: string[] = [];
  for (const table of tableNames) {
    const { columns, rows } = await answerOf(audited, `SELECT * FROM ${table}`);
    for (const cells of rows) {
      const row = Object.fromEntries(columns.map(({ name }, place) => [name, cells[place] ?? null]));
      lines.push(JSON.stringify({ table, row }));
    }
    await writeFile(join(trinoFolder, `00-${table}.sql`), createTable(table));
  }
  await writeFile(join(trinoFolder, 'lines.ndjson'), lines.join('\n'));
  for (const { name, sql } of tableQueries()) {
    await writeFile(join(trinoFolder, `20-${name}.sql`), asOfDay(sql, LAST_DAY));
    // Athena's text has the current date. With it, the question is only planned and has other rows.
    await writeFile(join(trinoFolder, `30-${name}-today.sql`), sql);
  }
  return lines.length;
}

/** The rows of an answer by column, as Trino's are read. */
export const duckRows = ({ columns, rows }: Pick<SampleAnswer, 'columns' | 'rows'>): Row[] =>
  rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, place): [string, AnswerCell] => [name, row[place] ?? null])),
  );

/** Where the order of the rows differs: the questions say it completely. */
export async function orderDifference(trinoFolder: string, name: string, duck: readonly Row[]): Promise<string[]> {
  const [, ...lines] = (await readFile(join(trinoFolder, `${name}.rows.ndjson`), 'utf8')).split('\n');
  const place = duck.findIndex((row, index) => JSON.stringify(row) !== lines[index]);
  return place < 0
    ? []
    : [`row ${place + 1} of DuckDB is ${JSON.stringify(duck[place])}, that of Trino ${lines[place]}`];
}
