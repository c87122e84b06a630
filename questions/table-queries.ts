import { readFileSync } from 'node:fs';

/** The questions about the tables, the most asked first. Each is a file in `questions/tables/`. */
export const tableQueryNames = [
  'administrators',
  'administrator-paths',
  'external-access',
  'unused-principals',
  'unused-services',
  'unused-sensitive-permissions',
  'role-passing',
  'users-without-mfa',
  'old-access-keys',
  'new-findings',
  'resolved-findings',
  'findings-by-account',
  'daily-trend',
  'new-principals',
  'audit-coverage',
] as const;
export type TableQueryName = (typeof tableQueryNames)[number];

export interface TableQuery {
  readonly name: TableQueryName;
  /** As a sentence. */
  readonly question: string;
  /** A SELECT over the tables, in the SQL that DuckDB and Athena share. */
  readonly sql: string;
}

/** The folder is named from the root, because a bundle of the command line has another folder of its own. */
const read = (name: string): string =>
  readFileSync(new URL(`../questions/tables/${name}.sql`, import.meta.url), 'utf8').trimEnd();

/**
 * The questions with their parts filled in:
 * - `{{now of A, B}}` begins the statement. It makes `A_now`: the rows of table A on the last day of each account.
 * - `{{days ago N}}` is the day N days before today, as the tables have it. The bounds are constants for the query planner, so
 *   that Athena reads only the folders of these days.
 * - `{{day X}}` is the day of a time, in the same form.
 */
export const tableQueries = (): readonly TableQuery[] =>
  tableQueryNames.map((name) => {
    const [first = '', ...rest] = read(name).split('\n');
    return { name, question: first.replace(/^--\s*/, ''), sql: filledIn(rest.join('\n')) };
  });

const filledIn = (text: string): string =>
  text
    .replaceAll(/\{\{now of ([\w, ]+)\}\}/g, (_, list: string) => {
      const now = list.split(', ').map((table) => read('now.part').replaceAll('{{table}}', table));
      const [comment = '', ...latest] = read('latest.part').split('\n');
      return `${comment}\nWITH ${[latest.join('\n'), ...now].join(',\n')}`;
    })
    .replaceAll(/\{\{days ago (\d+)\}\}/g, (_, days: string) =>
      days === '0'
        ? 'CAST(current_date AS VARCHAR)'
        : `CAST(CAST(current_date - INTERVAL '${days}' DAY AS DATE) AS VARCHAR)`,
    )
    .replaceAll(/\{\{day ([\w.()]+)\}\}/g, 'CAST(CAST($1 AS DATE) AS VARCHAR)');

/** The same statement as of another day. @param day YYYY-MM-DD */
export const asOfDay = (sql: string, day: string): string => sql.replaceAll('current_date', `DATE '${day}'`);

/** In a question with its parts filled in, the first of some days. */
const FIRST_DAY = /"date" BETWEEN CAST\(CAST\(current_date - INTERVAL '(\d+)' DAY/g;

/** How many days before today a question reads, and within how many days it needs a run to answer at all. */
export function daysOf(sql: string): { readonly read: number; readonly latest: number } {
  const days = [...sql.matchAll(FIRST_DAY)].map(([, number]) => Number(number));
  return { read: Math.max(0, ...days), latest: days.length === 0 ? 0 : Math.min(...days) };
}
