import { questionIds } from '../contract/doctor/diagnosis.ts';

/** What is asked of logs: one SQL text each, in `questions/doctor/`. The doctor's questions come after four counts. */
export const logQueryNames = ['totals', 'windows', 'timeline', 'clients', ...questionIds] as const;
export type LogQueryName = (typeof logQueryNames)[number];

/** A row of an answer by column name. Numbers are JavaScript numbers; a missing value is null. */
export type LogRow = Readonly<Record<string, string | number | null>>;

/** A query failed, or its answer can't be read. The message names the query and the reason. */
export class LogQueryError extends Error {
  override name = 'LogQueryError';
}

/** An engine that runs the questions over logs. */
export interface LogQueries {
  /** @throws LogQueryError */
  ask(query: LogQueryName): Promise<readonly LogRow[]>;
}
