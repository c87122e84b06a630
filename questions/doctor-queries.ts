import { readFileSync } from 'node:fs';
import { fillThresholds } from '../core/doctor/query-text.ts';
import type { Thresholds } from '../core/doctor/thresholds.ts';
import { logQueryNames, type LogQueryName } from '../core/ports/log-queries.ts';

/** The folder is named from the root, because a bundle of the command line has another folder of its own. */
const read = (name: string): string =>
  readFileSync(new URL(`../questions/doctor/${name}.sql`, import.meta.url), 'utf8');

/**
 * The text of a question. `{{limits}}` stands for the expressions that find which operations have a limit of their own: the
 * last of them, `limits`, has the columns `pool`, `bucket` and `limit_bucket`.
 */
const readQuestion = (name: string): string => read(name).replaceAll('{{limits}}\n', () => read('limits.part'));

/** The view `records` over the CloudTrail table `cloudtrail`, in the SQL of Athena. */
export const athenaRecordsView = (): string => read('records.athena');

/** The view `calls` over `records`: a SELECT in the SQL that DuckDB and Athena share. */
export const callsView = (): string => read('calls');

/** The names of the thresholds that are part of the questions' texts. */
export const thresholdsInQueries = (): ReadonlySet<string> =>
  new Set(
    logQueryNames.flatMap((name) =>
      [...readQuestion(name).matchAll(/\{\{(\w+)\}\}/g)].map(([, threshold = '']) => threshold),
    ),
  );

/** The text of each question: a SELECT over `calls`, in the SQL that DuckDB and Athena share. */
export const doctorQueries = (thresholds: Thresholds): ReadonlyMap<LogQueryName, string> =>
  new Map(logQueryNames.map((name) => [name, fillThresholds(readQuestion(name), thresholds)]));
