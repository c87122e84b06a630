import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withViews } from '../../core/doctor/query-text.ts';
import { recordColumns, type RecordRow } from '../../core/doctor/records/columns.ts';
import { projectRecord } from '../../core/doctor/records/project-record.ts';
import { defaultThresholds } from '../../core/doctor/thresholds.ts';
import { logQueryNames, type LogRow } from '../../core/ports/log-queries.ts';
import { DuckDbQueries } from '../../local/log-analysis/duckdb-queries.ts';
import { athenaRecordsView, callsView, doctorQueries } from '../../questions/doctor-queries.ts';
import { athenaLine, createCloudTrailTable } from './athena-lines.ts';
import { auditCompany, sampleAnswers } from '../company-tables.ts';
import { differences, partitionDifferences, type Row } from './compare.ts';
import { generateLogs } from './generate-logs.ts';
import { duckRows, orderDifference, writeTableQuestions } from './tables.ts';
import { trinoRows } from './trino-rows.ts';
import { runJava, trinoClassPath, TrinoUnavailable } from './trino.ts';

/**
 * `npm run test:trino [seed | tables]`: asks every question of the doctor in DuckDB and in Trino, on which Athena is based, about
 * the same generated logs; and every question about the tables, about the same audited history. The rows must be equal. Needs
 * Java 17 and Maven. With `tables` only the latter. Exits with 1 if they differ.
 */
const [asked = '1'] = process.argv.slice(2);
const seed = Number(asked);
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Columns of which only equality counts: the engines make them in different ways. */
const keyColumns = ['params', 'session_limits'] as const;

/** Writes the statements for Trino. Each question runs over a table with the rows of `records`, as in Athena. */
async function writeStatements(folder: string): Promise<void> {
  const columns = Object.keys(recordColumns).join(', ');
  const stored = `SELECT ${columns} FROM stored_records`;
  const statements: [string, string][] = [
    ['00-table', createCloudTrailTable()],
    [
      '01-records',
      `CREATE TABLE stored_records AS ${withViews([['records', athenaRecordsView()]], 'SELECT * FROM records')}`,
    ],
    ['10-records', stored],
    ...[...doctorQueries(defaultThresholds)].map(([name, text]): [string, string] => [
      `20-${name}`,
      withViews(
        [
          ['records', stored],
          ['calls', callsView()],
        ],
        text,
      ),
    ]),
  ];
  for (const [name, text] of statements) await writeFile(join(folder, `${name}.sql`), text);
}

/** Compares the rows of `records`. Records with the same ID are copies of one, so either may stand for the other. */
function compareRecords(duck: readonly RecordRow[], trino: readonly Row[]): string[] {
  const rest = (row: Row): Row =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !keyColumns.some((column) => column === name)));
  const found = differences(duck.map(rest), trino.map(rest));
  const byId = new Map(trino.map((row) => [row.event_id, row]));
  return [
    ...found,
    ...keyColumns.flatMap((column) =>
      partitionDifferences(
        duck.map((row) => row[column]),
        duck.map(({ event_id }) => byId.get(event_id)?.[column]),
      ).map((difference) => `${column}: ${difference}`),
    ),
  ];
}

async function compareEngines(folder: string): Promise<boolean> {
  const classPath = await trinoClassPath('engine');
  const events = generateLogs(seed);
  const rows = events.flatMap((event) => {
    const projection = projectRecord(event);
    return projection.kind === 'row' ? [projection.row] : [];
  });
  await writeFile(join(folder, 'rows.ndjson'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const trinoFolder = await mkdtemp(join(folder, 'trino-'));
  await writeFile(join(trinoFolder, 'lines.ndjson'), events.map(athenaLine).join('\n'));
  await writeStatements(trinoFolder);
  const startedAt = performance.now();
  const { succeeded, output } = await runJava(classPath, 'RunQueries', [trinoFolder]);
  if (!succeeded) {
    print(output);
    return false;
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  print(`Seed ${seed}: ${events.length} events, ${rows.length} rows of records. Trino took ${seconds} s.`);
  let equal = report('records', rows.length, compareRecords(rows, await trinoRows(trinoFolder, '10-records')));
  const duck = await DuckDbQueries.load({ rowsFolder: folder, thresholds: defaultThresholds, memoryMegabytes: 400 });
  for (const name of logQueryNames) {
    const answer = await duck.ask(name);
    const found = differences(answer, await trinoRows(trinoFolder, `20-${name}`));
    found.push(...untested(answer));
    const scans = await readFile(join(trinoFolder, `20-${name}.scans`), 'utf8');
    equal = report(name, answer.length, found, `, ${scans} scans of records`) && equal;
  }
  duck.close();
  return equal;
}

/** The questions about the tables. Each says the order of its rows, so that must be equal too. */
async function compareTables(folder: string): Promise<boolean> {
  const classPath = await trinoClassPath('engine');
  const audited = join(folder, 'audited');
  await auditCompany(audited);
  const trinoFolder = await mkdtemp(join(folder, 'trino-'));
  const lines = await writeTableQuestions(audited, trinoFolder);
  const { succeeded, output } = await runJava(classPath, 'RunQueries', [trinoFolder]);
  if (!succeeded) {
    print(output);
    return false;
  }
  print(`Tables: ${lines} rows.`);
  let equal = true;
  for (const answer of await sampleAnswers(audited)) {
    const duck = duckRows(answer);
    const found = differences(duck, await trinoRows(trinoFolder, `20-${answer.name}`));
    if (found.length === 0) found.push(...(await orderDifference(trinoFolder, `20-${answer.name}`, duck)));
    if (duck.length === 0) found.push('no rows: the history does not test it');
    equal = report(answer.name, duck.length, found) && equal;
  }
  return equal;
}

/** The columns that would be equal in both engines whatever the question says, because they have no value. */
function untested(rows: readonly LogRow[]): string[] {
  const [first] = rows;
  if (first === undefined) return ['no rows: the generated logs do not test it'];
  return Object.keys(first)
    .filter((column) => rows.every((row) => row[column] === null || row[column] === 0))
    .map((column) => `no value in ${column}: the generated logs do not test it`);
}

function report(name: string, rows: number, found: readonly string[], more = ''): boolean {
  print(`${found.length === 0 ? 'equal ' : 'DIFFER'} ${name}: ${rows} rows${more}`);
  for (const difference of found) print(`  ${difference}`);
  return found.length === 0;
}

const folder = await mkdtemp(join(tmpdir(), 'iam-audit-trino-'));
try {
  const doctor = asked === 'tables' || (await compareEngines(folder));
  const tables = await compareTables(folder);
  process.exitCode = doctor && tables ? 0 : 1;
} catch (error: unknown) {
  if (!(error instanceof TrinoUnavailable)) throw error;
  print(error.message);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
