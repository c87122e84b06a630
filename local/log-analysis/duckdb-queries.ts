import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { recordColumns } from '../../core/doctor/records/columns.ts';
import type { Thresholds } from '../../core/doctor/thresholds.ts';
import { LogQueryError, type LogQueries, type LogQueryName, type LogRow } from '../../core/ports/log-queries.ts';
import { callsView, doctorQueries } from '../../questions/doctor-queries.ts';

export interface DuckDbOptions {
  /** Folder of NDJSON files with rows of `records`, as the log reader writes them. */
  readonly rowsFolder: string;
  readonly thresholds: Thresholds;
  /** The most memory that DuckDB may use, in megabytes. Data that needs more is written to a temporary folder. */
  readonly memoryMegabytes: number;
}

/** Runs the doctor's queries with DuckDB, in memory. Call `close` at the end. */
export class DuckDbQueries implements LogQueries {
  readonly #connection: DuckDBConnection;
  readonly #texts: ReadonlyMap<LogQueryName, string>;

  private constructor(connection: DuckDBConnection, thresholds: Thresholds) {
    this.#connection = connection;
    this.#texts = doctorQueries(thresholds);
  }

  /** Loads the rows. @throws LogQueryError */
  static async load({ rowsFolder, thresholds, memoryMegabytes }: DuckDbOptions): Promise<DuckDbQueries> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${memoryMegabytes}MB`,
      temp_directory: `${rowsFolder}/duckdb-temporary`,
      autoinstall_known_extensions: 'false',
    });
    const connection = await instance.connect();
    const columns = Object.entries(recordColumns)
      .map(([name, type]) => `${name}: '${type}'`)
      .join(', ');
    const files = `${rowsFolder.replaceAll("'", "''")}/*.ndjson`;
    try {
      await connection.run(
        `CREATE VIEW records AS SELECT * FROM read_json('${files}', format = 'newline_delimited', columns = {${columns}})`,
      );
      await connection.run(`CREATE TABLE calls AS ${callsView()}`);
    } catch (error: unknown) {
      connection.closeSync();
      throw new LogQueryError(`The rows of the logs can't be loaded: ${messageOf(error)}`, { cause: error });
    }
    return new DuckDbQueries(connection, thresholds);
  }

  async ask(query: LogQueryName): Promise<readonly LogRow[]> {
    const text = this.#texts.get(query);
    if (text === undefined) throw new LogQueryError(`There is no query ${query}.`);
    try {
      const reader = await this.#connection.runAndReadAll(text);
      return reader.getRowObjects().map((row) => plainRow(query, row));
    } catch (error: unknown) {
      if (error instanceof LogQueryError) throw error;
      throw new LogQueryError(`The query ${query} failed: ${messageOf(error)}`, { cause: error });
    }
  }

  close(): void {
    this.#connection.closeSync();
  }
}

const plainRow = (query: LogQueryName, row: Readonly<Record<string, DuckDBValue>>): LogRow =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plainValue(query, column, value)]));

function plainValue(query: LogQueryName, column: string, value: DuckDBValue): string | number | null {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw new LogQueryError(
    `The query ${query} returned a value that is neither text nor a number, in column ${column}.`,
  );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
