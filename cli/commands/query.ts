import * as v from 'valibot';
import { choice, parseWith } from '../option-parsers.ts';
import type { query } from '../query.ts';
import { withExamples, type Define } from './command-entry.ts';
import { groups } from './option-groups.ts';
import { withSource } from './source.ts';

/** Date takes the 30th of February for a day of March. */
function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const Day = v.pipe(
  v.string(),
  v.check((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text), 'It must be a day such as 2026-11-23.'),
);

/** A question about a year of 20,000 principals takes seconds. */
const DEFAULT_TIMEOUT_SECONDS = 300;
const Seconds = v.pipe(
  v.string(),
  v.regex(/^\d{1,6}$/, 'It must be a whole number of seconds, such as 60.'),
  v.transform(Number),
  v.minValue(1, 'It must be at least 1.'),
);

export const define: Define = (command, end) => {
  command
    .argument(
      '[question]',
      'name of a question, or one SELECT in quotes, or - for a SELECT on standard input; without it, the questions are listed',
    )
    .optionsGroup(groups.question)
    .option('--date <day>', 'ask a named question as of this day (default: the last day with a run)', parseWith(Day))
    .option(
      '--since <day>',
      'first day that SQL reads (default: all days of a folder; the last 31 days of a bucket)',
      parseWith(Day),
    );
  command.option(
    '--timeout <seconds>',
    'stop a statement that takes longer',
    parseWith(Seconds),
    DEFAULT_TIMEOUT_SECONDS,
  );
  withSource(command)
    .optionsGroup(groups.output)
    .addOption(choice('--format <format>', 'format of the answer', ['table', 'csv', 'json']).default('table'))
    .option('--json', 'the same as --format json', false)
    .action(async (question: string | undefined, options: Parameters<typeof query>[1]) => {
      end(await (await import('../query.ts')).query(question, options));
    });
  withExamples(command, [
    ['List the questions', 'query'],
    ['Which users and roles were not used in the last 90 days?', 'query unused-principals'],
    ['Save what was resolved as a table', 'query resolved-findings --format csv > resolved.csv'],
    [
      'How many users and roles were there on each day?',
      'query "SELECT date, count(*) AS principals FROM principals GROUP BY date ORDER BY date"',
    ],
    ['Answer the SQL in a file', 'query - < principals.sql'],
    ['What are the columns of a table?', 'query "DESCRIBE findings"'],
  ]);
};
