import { DAY_SECONDS } from '../ports/clock.ts';
import { callsViewName, recordsViewName, withViews } from './query-text.ts';
import { recordColumns } from './records/columns.ts';
import { DAY_COLUMN } from './records/cloudtrail-table.ts';

/** The partition column of the collected rows: the ID of the analysis that they belong to. */
export const ANALYSIS_COLUMN = 'analysis';
/** Stands for the ID of an analysis in the statements. */
export const ANALYSIS = '{{analysis}}';

/** The name of the named query that collects rows. The questions have their own names. */
export const COLLECT = 'collect';

const columns = Object.keys(recordColumns).join(', ');

export interface CollectOptions {
  /** The CloudTrail table with its database, quoted. */
  readonly trailTable: string;
  /** The view `records` over the CloudTrail table. */
  readonly recordsView: string;
}

/**
 * Selects the rows of `records` of a period. Its parameters are those of `periodParameters`. Athena allows parameters
 * only in conditions.
 */
export const collectSelect = ({ trailTable, recordsView }: CollectOptions): string =>
  withViews(
    [
      ['cloudtrail', `SELECT * FROM ${trailTable} WHERE ${DAY_COLUMN} BETWEEN ? AND ?`],
      [recordsViewName, recordsView],
    ],
    `SELECT ${columns} FROM ${recordsViewName} WHERE sec >= ? AND sec < ?`,
  );

/**
 * Reads the logs once and stores the rows of `records` below `location`, an S3 URL with a slash at its end. Trino runs a
 * WITH once for each place that names it, so questions over the logs would read them many times (docs/adr/0013).
 */
export const collectStatement = (options: CollectOptions, location: string): string =>
  `UNLOAD (\n${collectSelect(options)}\n)\nTO '${location}${ANALYSIS}/'\nWITH (format = 'PARQUET', compression = 'SNAPPY')`;

/** A question over the collected rows of an analysis. */
export const questionStatement = (recordsTable: string, callsView: string, question: string): string =>
  withViews(
    [
      [recordsViewName, `SELECT ${columns} FROM ${recordsTable} WHERE ${ANALYSIS_COLUMN} = '${ANALYSIS}'`],
      [callsViewName, callsView],
    ],
    question,
  );

/**
 * The statement for one analysis.
 * @throws Error if the ID has other characters than lowercase letters, digits and hyphens: it is part of SQL text
 */
export function forAnalysis(statement: string, analysis: string): string {
  if (!/^[a-z0-9-]{1,64}$/.test(analysis)) throw new Error(`The ID of an analysis can't be "${analysis}".`);
  return statement.replaceAll(ANALYSIS, analysis);
}

/** Seconds since 1970: from the first one until before the second one. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** The parameters of `collectSelect`, as literals of SQL: days, then seconds. */
export function periodParameters({ from, to }: Period): readonly string[] {
  // CloudTrail puts a file into the folder of the day on which it delivers it: minutes, rarely hours, after the call.
  return [dayLiteral(from), dayLiteral(to + DAY_SECONDS), String(Math.floor(from)), String(Math.ceil(to))];
}

const dayLiteral = (seconds: number): string =>
  `'${new Date(seconds * 1000).toISOString().slice(0, 10).replaceAll('-', '/')}'`;
