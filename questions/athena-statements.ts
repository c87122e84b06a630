import { collectStatement, questionStatement } from '../core/doctor/athena-statements.ts';
import { defaultThresholds } from '../core/doctor/thresholds.ts';
import type { LogQueryName } from '../core/ports/log-queries.ts';
import { athenaRecordsView, callsView, doctorQueries } from './doctor-queries.ts';

export interface AthenaNames {
  /** The CloudTrail table and the table of collected rows, each with its database, quoted. */
  readonly trailTable: string;
  readonly recordsTable: string;
  /** S3 URL with a slash at its end, below which the collected rows are stored. */
  readonly location: string;
}

/** The statement that collects the rows of an analysis, and each question over them, with the default thresholds. */
export function athenaStatements({ trailTable, recordsTable, location }: AthenaNames): {
  readonly collect: string;
  readonly questions: ReadonlyMap<LogQueryName, string>;
} {
  const questions = [...doctorQueries(defaultThresholds)].map(
    ([name, text]) => [name, questionStatement(recordsTable, callsView(), text)] as const,
  );
  return {
    collect: collectStatement({ trailTable, recordsView: athenaRecordsView() }, location),
    questions: new Map(questions),
  };
}
