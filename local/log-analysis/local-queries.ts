import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResultSet } from '../../core/contract/messages.ts';
import { defaultThresholds } from '../../core/doctor/thresholds.ts';
import { onOneLine } from '../../core/doctor/query-text.ts';
import type { LogFiles } from '../../core/ports/log-files.ts';
import { LogQueryError, type LogQueryName, type LogRow } from '../../core/ports/log-queries.ts';
import { doctorQueries } from '../../questions/doctor-queries.ts';
import type { EndedQuery, QueryTarget } from '../state-machine/athena-task.ts';
import { DuckDbQueries } from './duckdb-queries.ts';
import { readLogs } from './read-logs.ts';

export interface LocalQueriesOptions {
  /** The logs as they are when a query collects their rows. */
  readonly logs: () => Promise<LogFiles>;
  /** Gets a folder of rows for each analysis. */
  readonly folder: string;
}

const MEMORY_MEGABYTES = 300;

/**
 * Runs the doctor's statements for Athena on this machine: `collect` reads log files, and DuckDB answers questions.
 * DuckDB can't run a statement for Athena, so each is recognised by its text, and the question's own text is run.
 */
export class LocalQueries implements QueryTarget {
  readonly #options: LocalQueriesOptions;
  readonly #answers = new Map<string, ResultSet>();

  constructor(options: LocalQueriesOptions) {
    this.#options = options;
  }

  async run(statement: string, parameters: readonly string[]): Promise<EndedQuery> {
    const id = `query-${this.#answers.size + 1}`;
    const [, collected] = /^UNLOAD [^]*\sTO '[^']*\/([a-z0-9-]+)\/'/.exec(statement) ?? [];
    if (collected !== undefined) {
      const [, , since, until] = parameters;
      const rowsFolder = join(this.#options.folder, collected);
      const source = await this.#options.logs();
      const period = { since: Number(since), until: Number(until) };
      let scannedBytes = 0;
      for await (const listed of source.list(period)) scannedBytes += listed.kind === 'file' ? listed.bytes : 0;
      await readLogs({ source, rowsFolder, ...period, workers: 0 });
      return { id, scannedBytes };
    }
    const [, analysis] = / analysis = '([a-z0-9-]+)'/.exec(statement) ?? [];
    const question = questionIn(statement);
    if (analysis === undefined || question === null) throw new LogQueryError('This statement is not known here.');
    const rowsFolder = join(this.#options.folder, analysis);
    const queries = await DuckDbQueries.load({
      rowsFolder,
      thresholds: defaultThresholds,
      memoryMegabytes: MEMORY_MEGABYTES,
    });
    try {
      const rows = await queries.ask(question);
      this.#answers.set(id, resultSetOf(rows));
      return { id, scannedBytes: await bytesIn(rowsFolder) };
    } finally {
      queries.close();
    }
  }

  read(id: string, mostRows: number): { readonly resultSet: ResultSet; readonly isPart: boolean } {
    const answer = this.#answers.get(id);
    if (answer === undefined) throw new LogQueryError(`There is no answer of ${id}.`);
    const { ResultSetMetadata, Rows } = answer;
    return { resultSet: { ResultSetMetadata, Rows: Rows.slice(0, mostRows) }, isPart: Rows.length > mostRows };
  }
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The question that ends a statement. Null if the statement ends with no known question. */
function questionIn(statement: string): LogQueryName | null {
  // A question's own WITH is a part of the statement's WITH.
  const found = [...doctorQueries(defaultThresholds)].find(([, text]) =>
    onOneLine(statement).endsWith(onOneLine(text).replace(/^WITH /, '')),
  );
  return found?.[0] ?? null;
}

/** The rows as Athena gives them: the names of the columns first, every value as text, no value for null. */
function resultSetOf(rows: readonly LogRow[]): ResultSet {
  const names = Object.keys(rows[0] ?? {});
  const isNumber = (name: string): boolean => rows.some((row) => typeof row[name] === 'number');
  return {
    ResultSetMetadata: {
      ColumnInfo: names.map((name) => ({ Name: name, Type: isNumber(name) ? 'double' : 'varchar' })),
    },
    Rows: [
      { Data: names.map((name) => ({ VarCharValue: name })) },
      ...rows.map((row) => ({
        Data: names.map((name) => {
          const value = row[name] ?? null;
          return value === null ? {} : { VarCharValue: String(value) };
        }),
      })),
    ],
  };
}
