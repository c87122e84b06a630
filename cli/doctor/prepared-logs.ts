import type { ExamineOptions } from '../../core/doctor/diagnosis/examine.ts';
import type { LogQueries } from '../../core/ports/log-queries.ts';

/** Logs that are ready for questions. */
export interface PreparedLogs {
  readonly queries: LogQueries;
  readonly source: ExamineOptions['source'];
  /** Releases memory and temporary files. */
  close(): Promise<void>;
}

/** The source can't be read at all. The message says why, and what the user can do. */
export class SourceUnreadable extends Error {
  override name = 'SourceUnreadable';
}
