import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { QueryAnswer, QueryList } from '../core/contract/answers/query.ts';
import type { TableName } from '../core/contract/tables/tables.ts';
import { objects } from '../core/contract/objects.ts';
import type { ObjectStore } from '../core/ports/store.ts';
import type { TableFile } from '../core/tables/table-files.ts';
import { suggestionFor } from '../core/wording/near-names.ts';
import type { FolderStore } from '../local/folder-store.ts';
import type * as duckDbTables from '../local/tables/duckdb-tables.ts';
import type { Answer } from '../local/tables/duckdb-tables.ts';
import { asOfDay, daysOf, tableQueries, type TableQuery } from '../questions/table-queries.ts';
import { isWithoutDuckDb } from './bystander-habits.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { note, printJson, printLines, say } from './output.ts';
import { damagedFiles, daysBefore, fetchFiles, listedFiles, type Unreadable } from './query-files.ts';
import { missingFiles, missingRuns, unreadableInWords, writtenTables, type WrittenTables } from './query-missing.ts';
import { csvLine, csvLines, jsonCells, tableLines } from './query-output.ts';
import { withResults, type ResultsOptions } from './results.ts';
import { table } from './table.ts';
import { WrongUsage } from './wrong-usage.ts';

export type QueryOptions = Omit<ResultsOptions, 'run'> & {
  /** YYYY-MM-DD: the day that counts as today in a named question. If undefined: the last day with a run. */
  readonly date?: string;
  /** YYYY-MM-DD: the first day that is read. */
  readonly since?: string;
  /** Seconds after which a statement is stopped. */
  readonly timeout: number;
  readonly format: 'table' | 'csv' | 'json';
  readonly json: boolean;
};

/** Named questions look back at most 30 days. */
const DAYS_READ = 31;

/** In the place of SQL: it is on standard input. */
const STANDARD_INPUT = '-';

/** Answers a named question, or SQL, about the tables. Without one, lists the questions. */
export async function query(given: string | undefined, options: QueryOptions): Promise<ExitCode> {
  const format = options.json ? 'json' : options.format;
  if (given === undefined) return listQuestions(format);
  const question = given === STANDARD_INPUT ? null : namedQuestion(given);
  if (question !== null && options.since !== undefined) {
    throw new WrongUsage(
      '--since is only for SQL: a named question says itself which days it needs. Ask it as of another day with --date.',
    );
  }
  if (question === null && options.date !== undefined) {
    throw new WrongUsage('--date is only for a named question. SQL names its days itself, in the column "date".');
  }
  const asked = (given === STANDARD_INPUT ? await text(process.stdin) : given).trim();
  if (asked === '') throw new WrongUsage('There is no SQL on standard input.');
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
  const days = [...listed.values()]
    .flat()
    .map(({ date }) => date)
    .sort();
  const last = days.at(-1) ?? null;
  if (last === null && listed.size > 0) {
    say(`There are no tables in ${store.bucket} yet. A run of all principals of an account writes them.`);
    return exitCodes.failed;
  }
  refuseDaysWithoutRun(days, question, options);
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
  const damaged = await damagedFiles(root, [...read.values()].flat());
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
  const duckdb = await loadDuckDb();
  if (duckdb === null) return exitCodes.failed;
  const tables = new Tables(duckdb, {
    ...{ root, temporary, read, unreadable: damaged },
    timeoutMs: options.timeout * 1_000,
  });
  const firstOf = (days: number): string => (to === null ? '' : daysBefore(to, days));
  const needed = question === null ? null : daysOf(question.sql);
  const first =
    needed === null ? { day: '', ofRuns: '' } : { day: firstOf(needed.read), ofRuns: firstOf(needed.latest) };
  let code: ExitCode;
  try {
    await tables.findMissing(first.day, first.ofRuns);
    await tables.answer(sql, (answer) => printRows(answer, format, { ...about, unreadable: tables.unreadable }));
    code = exitCodes.complete;
  } catch (error: unknown) {
    if (error instanceof duckdb.QueryTimedOut) {
      say(
        `The query was stopped after ${options.timeout} s. Ask for fewer days or rows, or allow more time with --timeout SECONDS.`,
      );
      return exitCodes.failed;
    }
    if (!(error instanceof duckdb.QueryRefused)) throw error;
    sayRefusal(error.message);
    code = exitCodes.usage;
  }
  if (code === exitCodes.complete) for (const line of unreadableInWords(tables.unreadable)) say(line);
  if (question !== null && code === exitCodes.complete) note(`${question.question} As of ${to}.`);
  return code === exitCodes.complete && tables.unreadable.length > 0 ? exitCodes.partial : code;
}

/** @param days of the tables' files, in order. @throws WrongUsage */
function refuseDaysWithoutRun(
  days: readonly string[],
  question: TableQuery | null,
  { date, since }: Pick<QueryOptions, 'date' | 'since'>,
): void {
  const [from, to] = [days[0], days.at(-1)];
  if (from === undefined || to === undefined) return;
  const history = `the history is ${from} to ${to}`;
  if (since !== undefined && since > to) throw new WrongUsage(`No run on ${since} or later: ${history}.`);
  if (question === null || date === undefined) return;
  const { latest } = daysOf(question.sql);
  const first = daysBefore(date, latest);
  if (days.some((day) => day >= first && day <= date)) return;
  throw new WrongUsage(`No run on ${date} or within ${latest} days before that day: ${history}.`);
}

type DuckDb = typeof duckDbTables;

/** Null if it is not installed, which has been printed. */
async function loadDuckDb(): Promise<DuckDb | null> {
  try {
    return await import('../local/tables/duckdb-tables.ts');
  } catch (error: unknown) {
    if (!isWithoutDuckDb(error)) throw error;
    say(
      "The tables can't be queried, because DuckDB (the optional package @duckdb/node-api) is not installed for this machine. Install it with npm install @duckdb/node-api, or query the Parquet files below tables/ with another tool.",
    );
    return null;
  }
}

interface ReadTables {
  readonly root: string;
  readonly temporary: string;
  readonly read: ReadonlyMap<TableName, readonly TableFile[]>;
  /** Gets the files that DuckDB can't read, and those that are missing. */
  readonly unreadable: Unreadable[];
  /** Milliseconds after which a statement is stopped. */
  readonly timeoutMs: number;
}

/** The files of the tables that can be read, as DuckDB sees them. */
class Tables {
  constructor(
    private readonly duckdb: DuckDb,
    private readonly files: ReadTables,
  ) {}

  get unreadable(): readonly Unreadable[] {
    return this.files.unreadable;
  }

  /** Answers with the files that can be read. @throws QueryRefused, QueryTimedOut */
  async answer<Result>(sql: string, work: (answer: Answer) => Promise<Result>): Promise<Result> {
    const { root, temporary, read, unreadable, timeoutMs } = this.files;
    for (;;) {
      const damaged = new Set(unreadable.map(({ key }) => key));
      const byTable = new Map(
        [...read].map(([name, files]) => [
          name,
          files.flatMap(({ key }) => (damaged.has(key) ? [] : [join(root, key)])),
        ]),
      );
      const files = { folder: join(root, objects.tables), temporaryFolder: join(temporary, 'duckdb'), byTable };
      try {
        return await this.duckdb.withAnswer(sql, files, timeoutMs, work);
      } catch (error: unknown) {
        if (!(error instanceof this.duckdb.UnreadableFile)) throw error;
        const [reason = ''] = error.message.replaceAll(`${root}/`, '').split('\n');
        unreadable.push({ key: error.path.slice(root.length + 1), reason });
      }
    }
  }

  /**
   * Compares the files with what the table `runs` says was written.
   * @param first the first day that is compared
   * @param firstOfRuns the first day of the runs without which there is nothing to answer
   */
  async findMissing(first: string, firstOfRuns: string): Promise<void> {
    const { read, unreadable } = this.files;
    if ([...read.keys()].every((name) => name === 'runs')) return;
    unreadable.push(...missingRuns(read, firstOfRuns));
    const written = await this.answer(writtenTables(read.has('principals')), async ({ rows }) => {
      const found: WrittenTables[] = [];
      for await (const [date, accountId, runId, principals, count] of rows()) {
        found.push({
          ...{ date: String(date), accountId: String(accountId), runId: String(runId) },
          ...{ principals: Number(principals), found: typeof count === 'number' ? count : null },
        });
      }
      return found;
    });
    const needed = written.filter(({ date }) => date >= first);
    unreadable.push(...missingFiles(needed, read, unreadable));
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
  await printLines(format === 'csv' ? csvLines(answer) : tableLines(answer));
}

/** DuckDB's message has several lines: what is wrong, what it could be, and the place in the statement. */
function sayRefusal(message: string): void {
  for (const line of message.split('\n')) if (line.trim() !== '') say(line);
  if (/^Permission Error/.test(message)) say('A query can read only the tables. docs/tables.md lists them.');
  else if (/^(Catalog|Binder) Error/.test(message)) say('docs/tables.md lists the tables and their columns.');
}
