import type { LogPeriod } from '../../core/ports/log-files.ts';
import type { LogFileReport } from './log-file-report.ts';
import { LogFileRead } from './read-log-file.ts';
import { RowFile } from './row-file.ts';

/** Reads files one at a time and writes their rows into a file of its own. */
export interface LogReader {
  /** @throws what `chunks` throws, except LogFilesError; LogReadError if the reader fails */
  read(path: string, chunks: AsyncIterable<Uint8Array>): Promise<LogFileReport>;
  /** Writes the rows that are still in memory. @throws LogReadError */
  close(): Promise<void>;
  /** Ends at once, with rows missing. */
  abandon(): Promise<void>;
}

/** Reads in this thread. */
export class LogReaderHere implements LogReader {
  readonly #rows: RowFile;
  readonly #period: LogPeriod;

  constructor(rowsFolder: string, name: string, period: LogPeriod) {
    this.#rows = new RowFile(rowsFolder, name);
    this.#period = period;
  }

  read(path: string, chunks: AsyncIterable<Uint8Array>): Promise<LogFileReport> {
    return new LogFileRead(this.#rows, this.#period).read(path, chunks);
  }

  close(): Promise<void> {
    this.#rows.close();
    return Promise.resolve();
  }

  abandon(): Promise<void> {
    this.#rows.abandon();
    return Promise.resolve();
  }
}
