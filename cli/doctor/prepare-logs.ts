import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { s3LocationOf, S3LogFiles } from '../../aws/s3-log-files.ts';
import type { ExamineOptions } from '../../core/doctor/diagnosis/examine.ts';
import { digestReasons } from '../../core/doctor/records/log-folder.ts';
import type { Thresholds } from '../../core/doctor/thresholds.ts';
import { LogFilesError, type LogFiles } from '../../core/ports/log-files.ts';
import { DuckDbQueries } from '../../local/log-analysis/duckdb-queries.ts';
import { sourceOf } from '../../local/log-analysis/examine-rows.ts';
import { FolderLogFiles } from '../../local/log-analysis/folder-log-files.ts';
import { LogReadError } from '../../local/log-analysis/log-read-error.ts';
import { defaultWorkers, readLogs, type LogReadResult } from '../../local/log-analysis/read-logs.ts';
import { systemClock } from '../../local/system-clock.ts';
import { credentialsOf, regionOfEnvironment } from '../aws-credentials.ts';
import { prepareAthena } from './athena-source.ts';
import type { DoctorProgress } from './doctor-progress.ts';
import type { DoctorOptions } from './doctor.ts';
import { downloadEventHistory } from './lookup-source.ts';
import { periodOf } from './period.ts';
import { SourceUnreadable, type PreparedLogs } from './prepared-logs.ts';
import { isS3 } from './source-options.ts';
import { TemporaryFolder } from './temporary-folder.ts';

/** Memory of DuckDB. A million events then need less than 600 MB in all. Data that needs more is written to a temporary folder. */
const MEMORY_MEGABYTES = 200;

/** Reads the logs that the options name. @throws SourceUnreadable @throws LogQueryError */
export async function prepareLogs(
  options: DoctorOptions,
  thresholds: Thresholds,
  progress: DoctorProgress,
): Promise<PreparedLogs> {
  if (options.athena) return prepareAthena(options, progress);
  const temporary = new TemporaryFolder('iam-audit-doctor-');
  const folder = temporary.path;
  try {
    const rowsFolder = join(folder, 'rows');
    const source =
      options.cloudtrail === undefined
        ? await readHistory(options, folder, rowsFolder, progress)
        : await readTrail(options, options.cloudtrail, rowsFolder, progress);
    const queries = await DuckDbQueries.load({ rowsFolder, thresholds, memoryMegabytes: MEMORY_MEGABYTES });
    return {
      queries,
      source,
      close: async () => {
        queries.close();
        await temporary.remove();
      },
    };
  } catch (error: unknown) {
    await temporary.remove();
    if (error instanceof LogFilesError || error instanceof LogReadError) {
      throw new SourceUnreadable(error.message, { cause: error });
    }
    throw error;
  }
}

type Source = ExamineOptions['source'];

async function readHistory(
  options: DoctorOptions,
  folder: string,
  rowsFolder: string,
  progress: DoctorProgress,
): Promise<Source> {
  const logs = join(folder, 'logs');
  const { from, to, leftOut } = await downloadEventHistory(options, logs, progress);
  // There is only one file, so starting threads would take longer than it saves.
  const read = await readLogs({ source: new FolderLogFiles(logs), rowsFolder, since: null, until: null, workers: 0 });
  return {
    ...sourceOf(read),
    kind: 'lookup',
    from: isoOf(from),
    to: isoOf(to),
    leftOut: [...leftOut, ...read.leftOut],
    complete: leftOut.length === 0 && read.complete,
  };
}

async function readTrail(
  options: DoctorOptions,
  where: string,
  rowsFolder: string,
  progress: DoctorProgress,
): Promise<Source> {
  const now = systemClock.now();
  const { from: since, to: until } = periodOf(options, now);
  const read = await readLogs({
    source: logFilesOf(where, options),
    rowsFolder,
    since: since === null ? null : Math.floor(since / 1_000),
    until: until === null ? null : Math.floor(until / 1_000),
    workers: defaultWorkers(),
    onProgress: ({ files, filesDone, events }) => {
      progress.files(filesDone, files, events);
    },
  });
  if (read.files === 0 || (read.events === 0 && read.leftOut.length > 0)) {
    const ofPeriod = since === null && until === null ? '' : ' of this period';
    throw new SourceUnreadable(noRecords(where, ofPeriod, read));
  }
  return {
    ...sourceOf(read),
    // Logs without a call have no time of their own: the period asked for, or now.
    // Otherwise null: the time of the first or last call, without calls whose time is wrong.
    from: since !== null ? isoOf(since) : read.from === null ? isoOf(until ?? now) : null,
    to: until !== null ? isoOf(until) : read.to === null ? isoOf(now) : null,
  };
}

/** Why there is nothing to examine, and where log files are if only digests were found. */
function noRecords(where: string, ofPeriod: string, { files, leftOut }: LogReadResult): string {
  const isDigests = leftOut.some(({ reason }) => Object.values(digestReasons).some((text) => reason.startsWith(text)));
  return [
    files === 0
      ? `There are no log files${ofPeriod} in ${where}.`
      : `The files in ${where} contain no CloudTrail records.`,
    isDigests ? 'The log files are in the folder CloudTrail, which is beside the folder CloudTrail-Digest.' : '',
    leftOut.length === 0 ? '' : 'Left out:',
    ...leftOut.map(({ reason }) => reason),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function logFilesOf(where: string, options: DoctorOptions): LogFiles {
  if (!isS3(where)) return new FolderLogFiles(where);
  const location = s3LocationOf(where);
  if (location === null) {
    throw new SourceUnreadable(`${where} is not an address of logs in S3, such as s3://my-trail-bucket/AWSLogs/.`);
  }
  const region = options.region[0] ?? regionOfEnvironment();
  const client = new S3Client({
    credentials: credentialsOf({ profile: options.profile, region }),
    ...(region === undefined ? {} : { region }),
    // The bucket may be in another Region than the one that is set.
    followRegionRedirects: true,
  });
  return new S3LogFiles(client, location);
}

const isoOf = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
