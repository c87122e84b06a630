import type { LogPeriod } from '../../core/ports/log-files.ts';
import type { LogFileReport } from './log-file-report.ts';
import { LogFileRead } from './read-log-file.ts';
import { RowFile } from './row-file.ts';

/** Reads log files, one at a time. Each reader writes the rows of its files into one file that only it uses. */
export interface LogReader {
  /** @throws any error of `chunks`, except LogFilesError, which becomes a note; LogReadError if the reader fails */
  read(path: string, chunks: AsyncIterable<Uint8Array>): Promise<LogFileReport>;
  /** Writes the rows that are still in memory. @throws LogReadError */
  close(): Promise<void>;
  /** Stops immediately. Rows that are still in memory are lost. */
  abandon(): Promise<void>;
}

/** Reads in the thread that calls it. */
export class SameThreadLogReader implements LogReader {
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
