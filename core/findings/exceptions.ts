import * as v from 'valibot';
import { Exception, ExceptionsFile } from '../contract/exceptions.ts';
import type { Acceptance } from '../contract/finding.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import { expiredException } from './expired-exception.ts';

/** The valid entries of an exceptions file, and a sentence for each problem. */
export interface ReadExceptions {
  /** `index`: index of the entry in the file, from 0. */
  readonly exceptions: readonly (Exception & { readonly index: number })[];
  readonly problems: readonly string[];
}

export const noExceptions: ReadExceptions = { exceptions: [], problems: [] };

/** Reads an exceptions file. Never throws for its content: an invalid entry is ignored and reported in `problems`. */
export function readExceptions(text: string, ruleIds: readonly string[]): ReadExceptions {
  const file = parseFile(text);
  if ('problem' in file) return { exceptions: [], problems: [file.problem] };
  const exceptions: (Exception & { index: number })[] = [];
  const problems: string[] = [];
  for (const [index, entry] of file.entries.entries()) {
    const parsed = v.safeParse(Exception, entry);
    const name = `exceptions[${index}]`;
    if (!parsed.success) {
      problems.push(...parsed.issues.map((issue) => problemOf(name, issue)));
    } else if (!ruleIds.includes(parsed.output.rule)) {
      problems.push(
        `${name}.rule: there is no rule "${parsed.output.rule}", so this exception is ignored. ${suggestion(parsed.output.rule, ruleIds.filter(allowsExceptions))}docs/findings.md lists all rules.`,
      );
    } else if (!allowsExceptions(parsed.output.rule)) {
      problems.push(
        `${name}.rule: ${expiredException.id} allows no exceptions. Delete the expired exception, or set a later day in its "expires".`,
      );
    } else {
      exceptions.push({ ...parsed.output, index });
    }
  }
  return { exceptions, problems };
}

/** Why no entry of an exceptions file can be read; null if they can. Entries may still be invalid. */
export function exceptionsFileProblem(text: string): string | null {
  const file = parseFile(text);
  return 'problem' in file ? file.problem : null;
}

function parseFile(text: string): { readonly entries: readonly unknown[] } | { readonly problem: string } {
  let content: unknown;
  try {
    // Some editors on Windows write a byte order mark at the start of a file.
    content = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error: unknown) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: `The exceptions file is not valid JSON, so no exception applies: ${error.message}` };
  }
  const file = v.safeParse(ExceptionsFile, content);
  if (file.success) return { entries: file.output.exceptions };
  return {
    problem: `The exceptions file must have the form {"exceptions": [{"rule", "arn", "owner", "reason", "expires"}]}. No exception applies, because ${mistakeIn(content)}.`,
  };
}

/** What is wrong at the top level of an exceptions file. */
function mistakeIn(content: unknown): string {
  if (Array.isArray(content)) return 'the file is a list, without the object around it';
  const object = v.safeParse(v.record(v.string(), v.unknown()), content);
  if (!object.success) return 'the file is not an object';
  const others = Object.keys(object.output)
    .filter((field) => field !== 'exceptions')
    .map((field) => JSON.stringify(field))
    .join(', ');
  if (!Object.hasOwn(object.output, 'exceptions')) {
    return `it has no field "exceptions"${others === '' ? '' : `, but ${others}`}`;
  }
  return others === '' ? '"exceptions" is not a list' : `it has more fields than "exceptions": ${others}`;
}

function problemOf(name: string, issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const fields = Object.keys(Exception.entries).join(', ');
  if (path === null)
    return `${name} must be an object with ${fields}, but was ${issue.received}. This exception is ignored.`;
  const field = `${name}.${path}`;
  if (issue.expected === 'never') {
    return `${field}: there is no such field, so this exception is ignored. The fields are ${fields}.`;
  }
  if (issue.received === 'undefined') return `${field} is missing, so this exception is ignored.`;
  return `${field}: ${issue.message}, but was ${issue.received}, so this exception is ignored.`;
}

/** Otherwise another exception could hide the finding for an expired one. */
const allowsExceptions = (ruleId: string): boolean => ruleId !== expiredException.id;

/**
 * Suggests the rule ids that share the most words with a mistyped one. Two words match if one starts with the other.
 */
function suggestion(mistyped: string, ruleIds: readonly string[]): string {
  const wordsOf = (id: string): string[] =>
    id
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word.length > 3);
  const mistypedWords = wordsOf(mistyped);
  const isLike = (word: string): boolean =>
    mistypedWords.some((other) => word.startsWith(other) || other.startsWith(word));
  const shared = ruleIds.map((id) => ({ id, words: wordsOf(id).filter(isLike).length }));
  const most = Math.max(...shared.map(({ words }) => words));
  const near = shared.filter(({ words }) => words === most).map(({ id }) => id);
  return most > 0 && near.length <= MAX_SUGGESTIONS ? `Did you mean ${near.join(' or ')}? ` : '';
}

/** A longer list of suggestions does not help. */
const MAX_SUGGESTIONS = 3;

/** Whether the last day of an exception is over (UTC). @param now milliseconds since the epoch */
export const isExpired = ({ expires }: Pick<Exception, 'expires'>, now: number): boolean =>
  new Date(now).toISOString().slice(0, 10) > expires;

/** Applies exceptions to findings, and records which exceptions matched one. */
export class Exceptions {
  /** Indexes of the exceptions that matched a finding. An expired one counts only if no valid one matches the finding. */
  readonly matched = new Set<number>();
  readonly #byRule = new Map<
    string,
    { exception: ReadExceptions['exceptions'][number]; matches: (arn: string) => boolean }[]
  >();

  constructor(
    { exceptions }: ReadExceptions,
    /** Milliseconds since the epoch. */
    private readonly now: number,
  ) {
    for (const exception of exceptions) {
      const sameRule = this.#byRule.get(exception.rule) ?? [];
      this.#byRule.set(exception.rule, sameRule);
      sameRule.push({ exception, matches: wildcardPattern(exception.arn) });
    }
  }

  /** The valid exception that matches a finding; null if there is none. */
  for({ rule, principalArn }: { readonly rule: string; readonly principalArn: string }): Acceptance | null {
    const matching = (this.#byRule.get(rule) ?? []).flatMap(({ exception, matches }) =>
      matches(principalArn) ? [exception] : [],
    );
    const [valid, ...others] = matching.filter((exception) => !isExpired(exception, this.now));
    // If a valid exception matches, an expired one does not count: the finding stays suppressed.
    for (const { index } of valid === undefined ? matching : [valid, ...others]) this.matched.add(index);
    return valid === undefined ? null : { owner: valid.owner, reason: valid.reason, expires: valid.expires };
  }
}
