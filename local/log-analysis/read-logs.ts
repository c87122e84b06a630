import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { LeftOut } from '../../core/contract/doctor/diagnosis.ts';
import type { LogFiles, LogPeriod, NotRead } from '../../core/ports/log-files.ts';
import { mapAhead } from '../../core/streams/map-ahead.ts';
import { fetched, type FetchedFile } from './fetched-file.ts';
import { fileFaultCode } from './file-fault.ts';
import { LeftOutTally } from './left-out-tally.ts';
import type { LogFileReport } from './log-file-report.ts';
import { LogReadError } from './log-read-error.ts';
import { SameThreadLogReader, type LogReader } from './log-readers.ts';
import { LogWorkerThread } from './log-worker-thread.ts';

export interface LogReadProgress {
  /** Files listed so far. */
  readonly files: number;
  readonly filesDone: number;
  readonly events: number;
  readonly rows: number;
}

export interface LogReadOptions extends LogPeriod {
  readonly source: LogFiles;
  /** Gets the files of rows. It must be empty or not exist, and appears when all rows are written. */
  readonly rowsFolder: string;
  /** Number of threads; 0 reads in this one. */
  readonly workers: number;
  readonly onProgress?: (progress: LogReadProgress) => void;
}

export interface LogReadResult {
  readonly files: number;
  /** All events in the files, also those that are no rows. */
  readonly events: number;
  /** Records of calls to IAM and STS, written for `DuckDbQueries`. */
  readonly rows: number;
  /** Seconds since 1970 of the first and last row; null without rows. */
  readonly from: number | null;
  readonly to: number | null;
  readonly leftOut: readonly LeftOut[];
  /** False if records of the period may be missing. */
  readonly complete: boolean;
}

/** Four threads read faster than DuckDB loads, and each takes 60 MB. */
export const defaultWorkers = (): number => Math.min(availableParallelism(), 4);

/** Files fetched at the same time. S3 answers in about 50 ms, and a thread reads a file in 20 ms. */
const FILES_AHEAD = 16;

/**
 * Reads log files of CloudTrail and writes the records of calls to IAM and STS as lines of JSON with the columns of
 * `recordColumns`. What can't be read is named in the result and does not stop the rest.
 * @throws LogFilesError if the files can't be listed. @throws LogReadError
 */
export async function readLogs(options: LogReadOptions): Promise<LogReadResult> {
  const { rowsFolder, since, until, workers } = options;
  const unfinished = `${rowsFolder}.unfinished`;
  const readers: LogReader[] = [];
  try {
    await prepare(rowsFolder, unfinished);
    for (let n = 0; n < Math.max(workers, 1); n += 1) {
      const data = { rowsFolder: unfinished, name: `rows-${n}`, since, until };
      readers.push(workers === 0 ? new SameThreadLogReader(unfinished, data.name, data) : new LogWorkerThread(data));
    }
    const result = await readAll(options, readers);
    await Promise.all(readers.map((reader) => reader.close()));
    await rename(unfinished, rowsFolder);
    return result;
  } catch (error: unknown) {
    await Promise.allSettled(readers.map((reader) => reader.abandon()));
    // The first error counts.
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    const code = fileFaultCode(error);
    throw code === null ? error : new LogReadError(`The rows of the logs can't be written: ${code}.`, { cause: error });
  }
}

/** The rows are written beside their folder, so that the folder never holds a part of them. */
async function prepare(rowsFolder: string, unfinished: string): Promise<void> {
  await mkdir(rowsFolder, { recursive: true });
  if ((await readdir(rowsFolder)).length > 0) throw new LogReadError(`The folder ${rowsFolder} must be empty.`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  await rmdir(rowsFolder);
}

type NextFile = { readonly kind: 'file'; readonly file: FetchedFile } | ({ readonly kind: 'leftOut' } & NotRead);

async function readAll(options: LogReadOptions, readers: readonly LogReader[]): Promise<LogReadResult> {
  const { source, onProgress } = options;
  const leftOut = new LeftOutTally();
  const sum = { files: 0, filesDone: 0, events: 0, rows: 0 };
  const times: { from: number | null; to: number | null } = { from: null, to: null };
  const files = mapAhead(source.list(options), FILES_AHEAD, async (listing): Promise<NextFile> => {
    if (listing.kind === 'leftOut') return listing;
    sum.files += 1;
    return { kind: 'file', file: await fetched(source, listing) };
  });
  const add = (path: string, report: LogFileReport): void => {
    leftOut.addReport(path, report);
    sum.filesDone += 1;
    sum.events += report.events;
    sum.rows += report.rows;
    if (report.from !== null) times.from = Math.min(times.from ?? report.from, report.from);
    if (report.to !== null) times.to = Math.max(times.to ?? report.to, report.to);
    onProgress?.({ ...sum });
  };
  const work = async (reader: LogReader): Promise<void> => {
    for (;;) {
      // Not a loop over `files`: one that ends would end it for the others.
      const next = await files.next();
      if (next.done === true) return;
      if (next.value.kind === 'leftOut') leftOut.addNotRead(next.value);
      else add(next.value.file.path, await reader.read(next.value.file.path, next.value.file.chunks));
    }
  };
  await Promise.all(readers.map(work));
  return {
    files: sum.files,
    events: sum.events,
    rows: sum.rows,
    ...times,
    leftOut: leftOut.entries(),
    complete: leftOut.complete,
  };
}
