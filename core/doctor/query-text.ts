import type { Thresholds } from './thresholds.ts';

/**
 * The text of a question with its thresholds filled in. Only numbers are filled in, never text.
 * @throws Error if the text names a threshold that does not exist
 */
export const fillThresholds = (text: string, thresholds: Thresholds): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = Object.entries(thresholds).find(([key]) => key === name)?.[1];
    if (value === undefined) throw new Error(`The query names the threshold ${name}, which does not exist.`);
    // An exponent makes a fraction a double in all engines; Trino reads 0.6 as a decimal with other rounding.
    return Number.isInteger(value) ? String(value) : `${value}e0`;
  });

/** The names under which the questions know their views. */
export const recordsViewName = 'records';
export const callsViewName = 'calls';

/** A view by name, with its text: a SELECT. */
export type View = readonly [name: string, text: string];

/** One statement in which the views, each over those before it, come before the question. */
export function withViews(views: readonly View[], question: string): string {
  const before = views.map(([name, text]) => `${name} AS (\n${text.trim()}\n)`).join(',\n');
  const [, comments = '', rest = ''] = /^((?:\s*--.*\n)*)([^]*)$/.exec(question.trim()) ?? [];
  // A second WITH is not allowed in one statement, and the order of a subquery is not kept.
  const own = /^WITH\s/.exec(rest);
  return own === null
    ? `${comments}WITH ${before}\n${rest}`
    : `${comments}WITH ${before},\n${rest.slice(own[0].length)}`;
}

/**
 * A statement without comments, on one line.
 * @throws Error if a comment is not on a line of its own
 */
export function onOneLine(statement: string): string {
  const lines = statement.split('\n').map((line) => line.trim());
  const text = lines.filter((line) => line !== '' && !line.startsWith('--')).join(' ');
  const comment = text.indexOf('--');
  if (comment >= 0) throw new Error(`A comment is not on a line of its own: ${text.slice(comment, comment + 80)}`);
  return text;
}
