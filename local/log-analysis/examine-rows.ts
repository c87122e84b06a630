import type { Diagnosis } from '../../core/contract/doctor/diagnosis.ts';
import { examine, type ExamineOptions } from '../../core/doctor/diagnosis/examine.ts';
import { DuckDbQueries, type DuckDbOptions } from './duckdb-queries.ts';
import type { LogReadResult } from './read-logs.ts';

/** Loads rows of log files, and answers all questions about them. @throws LogQueryError */
export async function examineRows({
  source,
  onQuestion,
  ...load
}: DuckDbOptions & Omit<ExamineOptions, 'queries'>): Promise<Diagnosis> {
  const queries = await DuckDbQueries.load(load);
  try {
    return await examine({ queries, thresholds: load.thresholds, source, onQuestion });
  } finally {
    queries.close();
  }
}

/** What was read, for the diagnosis. Its period is that of the calls. */
export const sourceOf = ({ events, leftOut, complete }: LogReadResult): ExamineOptions['source'] => ({
  kind: 'cloudtrail',
  from: null,
  to: null,
  events,
  leftOut: [...leftOut],
  complete,
});
