/** The period that is asked for, in seconds since 1970, both included; null where it is open. */
export interface LogPeriod {
  readonly since: number | null;
  readonly until: number | null;
}

/** A file of logs, or something in the source that is not read. Paths are text that nobody has checked. */
export type LogListing =
  { readonly kind: 'file'; readonly path: string; readonly bytes: number } | ({ readonly kind: 'leftOut' } & NotRead);

export interface NotRead {
  readonly what: 'files' | 'folders';
  readonly path: string;
  /** A sentence. */
  readonly reason: string;
  /** True if records of the period may be missing because of it. */
  readonly losesRecords: boolean;
}

/** The source can't be listed, or a file in it can't be read. The message is a sentence with the reason. */
export class LogFilesError extends Error {
  override name = 'LogFilesError';
}

/** Where log files are: a folder, a bucket, or pages that are fetched. */
export interface LogFiles {
  /**
   * The files, in any order. Leaves out folders of digests and Insights, and folders of days outside of the period.
   * @throws LogFilesError if nothing can be listed
   */
  list(period: LogPeriod): AsyncIterable<LogListing>;

  /** The bytes of a file, compressed or not. @throws LogFilesError while it is read */
  open(path: string): AsyncIterable<Uint8Array>;
}
