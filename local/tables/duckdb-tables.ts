import { DuckDBInstance, StatementType, type DuckDBConnection, type Json } from '@duckdb/node-api';
import { DATE_COLUMN, tableNames, tables, type TableName } from '../../core/contract/tables/tables.ts';
import type { ColumnType } from '../../core/contract/tables/columns.ts';
import type { AnswerCell } from '../../core/contract/answers/query.ts';

/** A statement that DuckDB refuses. The message is DuckDB's, in several lines. */
export class QueryRefused extends Error {
  override name = 'QueryRefused';
}

/** The statement took longer than allowed, and was stopped. */
export class QueryTimedOut extends Error {
  override name = 'QueryTimedOut';
}

/** A file that DuckDB could not read. */
export class UnreadableFile extends Error {
  override name = 'UnreadableFile';
  constructor(
    readonly path: string,
    message: string,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface QueriedFiles {
  /** An absolute path. The statement can read nothing outside of it. DuckDB reads `*`, `?` and `[` in paths as patterns. */
  readonly folder: string;
  /** Data that does not fit into the memory is written here. */
  readonly temporaryFolder: string;
  /** Absolute paths. A table that is missing here is empty. */
  readonly byTable: ReadonlyMap<TableName, readonly string[]>;
}

export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: () => AsyncIterable<readonly AnswerCell[]>;
}

const INTERRUPT_EVERY_MS = 100;
/** The longest delay of a timer. */
const LONGEST_MS = 2 ** 31 - 1;

const MEMORY_LIMIT = '1GB';

const types: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  count: 'BIGINT',
  number: 'DOUBLE',
  flag: 'BOOLEAN',
  time: 'TIMESTAMP',
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/**
 * Answers one SELECT over the tables, in memory. The statement can't read other files, use the network, load extensions or
 * change settings. The whole answer is known before `work` gets it, so no error follows the first row.
 * @param timeoutMs milliseconds after which the statement is stopped
 * @throws QueryRefused, QueryTimedOut, UnreadableFile
 */
export async function withAnswer<Result>(
  sql: string,
  files: QueriedFiles,
  timeoutMs: number,
  work: (answer: Answer) => Promise<Result>,
): Promise<Result> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    temp_directory: files.temporaryFolder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  const state = { isLate: false };
  // An interrupt stops only a statement that is running, so it is repeated for the next one.
  const stop = (): void => {
    state.isLate = true;
    connection.interrupt();
    timer = setTimeout(stop, INTERRUPT_EVERY_MS);
  };
  let timer = setTimeout(stop, Math.min(timeoutMs, LONGEST_MS));
  try {
    try {
      await prepare(connection, files);
      await answerInto(connection, sql);
    } catch (error: unknown) {
      if (state.isLate) throw new QueryTimedOut('The statement took too long.', { cause: error });
      throw await translated(error, files, connection);
    } finally {
      clearTimeout(timer);
    }
    return await work(await storedAnswer(connection));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function prepare(connection: DuckDBConnection, { folder, byTable }: QueriedFiles): Promise<void> {
  await connection.run(`SET allowed_directories = [${quoted(folder)}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  for (const table of tableNames) {
    const paths = byTable.get(table) ?? [];
    const columns = Object.entries(tables[table].columns);
    if (paths.length === 0) {
      const typed = [...columns.map(([name, { type }]) => `${name} ${types[type]}`), `"${DATE_COLUMN}" VARCHAR`];
      await connection.run(`CREATE TABLE ${table} (${typed.join(', ')})`);
      continue;
    }
    // `account` is the name of a folder too, but Athena does not have this column.
    const names = [...columns.map(([name]) => name), `"${DATE_COLUMN}"`].join(', ');
    await connection.run(
      `CREATE VIEW ${table} AS SELECT ${names} FROM read_parquet([${paths.map(quoted).join(', ')}], ` +
        'hive_partitioning = true, hive_types_autocast = false)',
    );
  }
}

/** These return rows, but can't be the source of a new table without a FROM. Comments may precede them. */
const DESCRIPTION = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*(?:describe|desc|show|summarize)\b/i;

async function answerInto(connection: DuckDBConnection, sql: string): Promise<void> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw new QueryRefused('Give one statement: a SELECT over the tables.');
  // Finds errors in the text as it was given. A statement that would write is not run.
  const { statementType } = await statements.prepare(0);
  if (statementType !== StatementType.SELECT) {
    throw new QueryRefused('Only a SELECT is possible: the tables can only be read.');
  }
  const text = sql.trim().replace(/;\s*$/, '');
  await connection.run(
    DESCRIPTION.test(text) ? `CREATE TEMP TABLE answer AS FROM (\n${text}\n)` : `CREATE TEMP TABLE answer AS\n${text}`,
  );
}

async function storedAnswer(connection: DuckDBConnection): Promise<Answer> {
  const described = await connection.runAndReadAll('SELECT * FROM answer LIMIT 0');
  const columnTypes = described.columnTypes().map(String);
  return {
    columns: described.columnNames().map((name, place) => ({ name, type: columnTypes[place] ?? '' })),
    rows: async function* () {
      const result = await connection.stream('SELECT * FROM answer');
      for await (const chunk of result.yieldRowsJson()) {
        for (const row of chunk) yield row.map((cell, place) => plain(cell, columnTypes[place] ?? ''));
      }
    },
  };
}

/** DuckDB gives large types of whole numbers as text. */
function plain(cell: Json, type: string): AnswerCell {
  if (typeof cell === 'object' && cell !== null) return JSON.stringify(cell);
  if (typeof cell !== 'string' || !/^(U?BIGINT|U?HUGEINT|DECIMAL\(.*\))$/.test(type)) return cell;
  const value = Number(cell);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? cell : value;
}

/** Errors of the statement or of this machine: no file is the reason. */
const NOT_OF_A_FILE =
  /^(Parser|Catalog|Binder|Permission|Conversion|Out of Range|Not implemented|Out of Memory|Constraint|Mismatch Type)/i;

async function translated(error: unknown, files: QueriedFiles, connection: DuckDBConnection): Promise<unknown> {
  if (!(error instanceof Error) || error instanceof QueryRefused) return error;
  const message = error.message.replace(/^Failed to extract statements: /, '');
  const options = { cause: error };
  if (!NOT_OF_A_FILE.test(message)) {
    const paths = [...files.byTable.values()].flat();
    const named = paths.find((path) => message.includes(path));
    if (named !== undefined) return new UnreadableFile(named, message, options);
    const found = await firstUnreadable(paths, connection);
    if (found !== null) return new UnreadableFile(found.path, found.message, options);
  }
  return /^(IO|Out of Memory|INTERNAL|FATAL) Error/i.test(message) ? error : new QueryRefused(message, options);
}

/** DuckDB does not always say which file it could not read. */
async function firstUnreadable(
  paths: readonly string[],
  connection: DuckDBConnection,
): Promise<{ readonly path: string; readonly message: string } | null> {
  for (const path of paths) {
    try {
      await connection.run(`SELECT max(COLUMNS(*)) FROM read_parquet(${quoted(path)})`);
    } catch (error: unknown) {
      return { path, message: error instanceof Error ? error.message : String(error) };
    }
  }
  return null;
}
