import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueryAnswer, QueryList } from '../core/contract/answers/query.ts';
import type { TableName } from '../core/contract/tables/tables.ts';
import { objects } from '../core/contract/objects.ts';
import type { ObjectStore } from '../core/ports/store.ts';
import type { TableFile } from '../core/tables/table-files.ts';
import { suggestionFor } from '../core/wording/near-names.ts';
import type { FolderStore } from '../local/folder-store.ts';
import type { Answer } from '../local/tables/duckdb-tables.ts';
import { asOfDay, tableQueries, type TableQuery } from '../questions/table-queries.ts';
import { isWithoutDuckDb } from './bystander-habits.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { note, printJson, say } from './output.ts';
import { damagedFiles, daysBefore, fetchFiles, listedFiles, type Unreadable } from './query-files.ts';
import { csvLine, csvLines, jsonCells, tableLines } from './query-output.ts';
import { withResults, type ResultsOptions } from './results.ts';
import { table } from './table.ts';
import { WrongUsage } from './wrong-usage.ts';

export type QueryOptions = Omit<ResultsOptions, 'run'> & {
  /** YYYY-MM-DD: the day that counts as today in a named question. If undefined: the last day with a run. */
  readonly date?: string;
  /** YYYY-MM-DD: the first day that is read. */
  readonly since?: string;
  readonly format: 'table' | 'csv' | 'json';
  readonly json: boolean;
};

/** Named questions look back at most 30 days. */
const DAYS_READ = 31;

/** Answers a named question, or SQL, about the tables. Without one, lists the questions. */
export async function query(asked: string | undefined, options: QueryOptions): Promise<ExitCode> {
  const format = options.json ? 'json' : options.format;
  if (asked === undefined) return listQuestions(format);
  const question = namedQuestion(asked);
  if (question !== null && options.since !== undefined) {
    throw new WrongUsage(
      '--since is only for SQL: a named question says itself which days it needs. Ask it as of another day with --date.',
    );
  }
  if (question === null && options.date !== undefined) {
    throw new WrongUsage('--date is only for a named question. SQL names its days itself, in the column "date".');
  }
  return withResults(options, async ({ store, folder }) => {
    const temporary = await realpath(await mkdtemp(join(tmpdir(), 'iam-audit-query-')));
    try {
      return await ask({ asked, question, options, format, store, folder, temporary });
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
}

function listQuestions(format: QueryOptions['format']): ExitCode {
  const questions = tableQueries();
  if (format === 'json') printJson({ schemaVersion: 1, questions } satisfies QueryList);
  else {
    const rows = [['NAME', 'QUESTION'], ...questions.map(({ name, question }) => [name, question])];
    const lines = format === 'csv' ? rows.map(csvLine) : table(rows);
    for (const line of lines) process.stdout.write(`${line}\n`);
    note('Ask one with iam-audit query NAME. docs/tables.md has the SQL, a sample answer of each, and the columns.');
  }
  return exitCodes.complete;
}

/** Null for SQL, which has more than one word. @throws WrongUsage */
function namedQuestion(asked: string): TableQuery | null {
  if (/\s/.test(asked.trim())) return null;
  const questions = tableQueries();
  const found = questions.find(({ name }) => name === asked.trim());
  if (found !== undefined) return found;
  const names = questions.map(({ name }) => name);
  throw new WrongUsage(
    `There is no question ${asked}.${suggestionFor(asked, names)} List the questions with iam-audit query, or give SQL in quotes.`,
  );
}

interface Asked {
  readonly asked: string;
  readonly question: TableQuery | null;
  readonly options: QueryOptions;
  readonly format: QueryOptions['format'];
  readonly store: ObjectStore;
  /** Null if the results are in a bucket. */
  readonly folder: FolderStore | null;
  readonly temporary: string;
}

async function ask({ asked, question, options, format, store, folder, temporary }: Asked): Promise<ExitCode> {
  const listed = await listedFiles(store, question?.sql ?? asked);
  const days = [...listed.values()].flat().map(({ date }) => date);
  const last = days.reduce<string | null>((latest, date) => (latest === null || date > latest ? date : latest), null);
  if (last === null && [...listed.keys()].length > 0) {
    say(`There are no tables in ${store.bucket} yet. A run of all principals of an account writes them.`);
    return exitCodes.failed;
  }
  const to = options.date ?? last;
  // A bucket may have the days of years.
  const since =
    options.since ?? (to !== null && (question !== null || folder === null) ? daysBefore(to, DAYS_READ) : undefined);
  const isRead = ({ date }: TableFile): boolean =>
    (since === undefined || date >= since) && (question === null || to === null || date <= to);
  const read = new Map([...listed].map(([name, files]) => [name, files.filter(isRead)] as const));
  if (question === null && folder === null && options.since === undefined && since !== undefined) {
    note(`Days from ${since} are read. For earlier days, name the first one with --since.`);
  }
  // The path of the results may have characters that DuckDB reads as a pattern. That of the link has none.
  const root = join(temporary, 'results');
  if (folder !== null) await symlink(folder.bucket, root);
  const readDays = [...read.values()]
    .flat()
    .map(({ date }) => date)
    .sort();
  if (folder === null) await fetchFiles(store, [...read.values()].flat(), root);
  const unreadable = await damagedFiles(root, [...read.values()].flat());
  const sql = question === null ? asked : asOfDay(question.sql, to ?? '');
  const about = {
    schemaVersion: 1 as const,
    name: question?.name ?? null,
    question: question?.question ?? null,
    day: question === null ? null : to,
    sql,
    from: readDays[0] ?? null,
    to: readDays.at(-1) ?? null,
  };
  const code = await printAnswer({ sql, root, temporary, read, unreadable, format, about });
  for (const { key, reason } of unreadable)
    say(`${key} can't be read: ${reason}. Its rows are missing in this answer.`);
  if (question !== null && code === exitCodes.complete) note(`${question.question} As of ${to}.`);
  return code === exitCodes.complete && unreadable.length > 0 ? exitCodes.partial : code;
}

interface Printed {
  readonly sql: string;
  readonly root: string;
  readonly temporary: string;
  readonly read: ReadonlyMap<TableName, readonly TableFile[]>;
  /** Gets the files that DuckDB can't read. */
  readonly unreadable: Unreadable[];
  readonly format: QueryOptions['format'];
  readonly about: Omit<QueryAnswer, 'columns' | 'rows' | 'unreadable'>;
}

async function printAnswer(printed: Printed): Promise<ExitCode> {
  const { sql, root, temporary, read, unreadable, format, about } = printed;
  let duckdb;
  try {
    duckdb = await import('../local/tables/duckdb-tables.ts');
  } catch (error: unknown) {
    if (!isWithoutDuckDb(error)) throw error;
    say(
      "The tables can't be queried, because DuckDB (the optional package @duckdb/node-api) is not installed for this machine. Install it with npm install @duckdb/node-api, or query the Parquet files below tables/ with another tool.",
    );
    return exitCodes.failed;
  }
  for (;;) {
    const damaged = new Set(unreadable.map(({ key }) => key));
    const byTable = new Map(
      [...read].map(([name, files]) => [name, files.flatMap(({ key }) => (damaged.has(key) ? [] : [join(root, key)]))]),
    );
    const files = { folder: join(root, objects.tables), temporaryFolder: join(temporary, 'duckdb'), byTable };
    try {
      return await duckdb.withAnswer(sql, files, async (answer) => {
        await printRows(answer, format, { ...about, unreadable });
        return exitCodes.complete;
      });
    } catch (error: unknown) {
      if (error instanceof duckdb.QueryRefused) {
        sayRefusal(error.message);
        return exitCodes.usage;
      }
      if (!(error instanceof duckdb.UnreadableFile)) throw error;
      const [reason = ''] = error.message.replaceAll(`${root}/`, '').split('\n');
      unreadable.push({ key: error.path.slice(root.length + 1), reason });
    }
  }
}

async function printRows(
  answer: Answer,
  format: QueryOptions['format'],
  about: Omit<QueryAnswer, 'columns' | 'rows'>,
): Promise<void> {
  if (format === 'json') {
    printJson({ ...about, columns: answer.columns, rows: await jsonCells(answer) } satisfies QueryAnswer);
    return;
  }
  const lines = format === 'csv' ? csvLines(answer) : tableLines(answer);
  for await (const line of lines) {
    if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}

/** DuckDB's message has several lines: what is wrong, what it could be, and the place in the statement. */
function sayRefusal(message: string): void {
  for (const line of message.split('\n')) if (line.trim() !== '') say(line);
  if (/^Permission Error/.test(message)) say('A query can read only the tables. docs/tables.md lists them.');
  else if (/^(Catalog|Binder) Error/.test(message)) say('docs/tables.md lists the tables and their columns.');
}
