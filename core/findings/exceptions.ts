import * as v from 'valibot';
import { Exception, ExceptionsFile } from '../contract/exceptions.ts';
import type { Acceptance } from '../contract/finding.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import { expiredException } from './expired-exception.ts';

/** An exceptions file as far as it can be read, and in sentences what can't. */
export interface ReadExceptions {
  /** `place`: where in the file it stands, from 0. */
  readonly exceptions: readonly (Exception & { readonly place: number })[];
  readonly problems: readonly string[];
}

export const noExceptions: ReadExceptions = { exceptions: [], problems: [] };

/** Reads an exceptions file. Never throws: what is wrong is named, and does not count. */
export function readExceptions(text: string, ruleIds: readonly string[]): ReadExceptions {
  let content: unknown;
  try {
    // Editors on Windows begin files with a byte order mark.
    content = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error: unknown) {
    if (!(error instanceof SyntaxError)) throw error;
    return { exceptions: [], problems: [`The exceptions file is no JSON, so that none holds: ${error.message}`] };
  }
  const file = v.safeParse(ExceptionsFile, content);
  if (!file.success) {
    const [issue] = file.issues;
    const field = v.getDotPath(issue) ?? 'the file';
    return {
      exceptions: [],
      problems: [
        `The exceptions file must be {"exceptions": [{"rule", "arn", "owner", "reason", "expires"}]}, so that none holds: ${field} was ${issue.received}.`,
      ],
    };
  }
  const exceptions: (Exception & { place: number })[] = [];
  const problems: string[] = [];
  for (const [place, entry] of file.output.exceptions.entries()) {
    const parsed = v.safeParse(Exception, entry);
    const name = `exceptions[${place}]`;
    if (!parsed.success) {
      problems.push(...parsed.issues.map((issue) => problemOf(name, issue)));
    } else if (!ruleIds.includes(parsed.output.rule)) {
      problems.push(
        `${name}.rule: there is no rule "${parsed.output.rule}", so that it excepts nothing; ${nearest(parsed.output.rule, ruleIds.filter(isExceptable))}docs/findings.md lists all.`,
      );
    } else if (!isExceptable(parsed.output.rule)) {
      problems.push(
        `${name}.rule: ${expiredException.id} can’t be excepted: delete the exception that has expired, or renew it.`,
      );
    } else {
      exceptions.push({ ...parsed.output, place });
    }
  }
  return { exceptions, problems };
}

function problemOf(name: string, issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const fields = Object.keys(Exception.entries).join(', ');
  if (path === null) return `${name} must be an object with ${fields}, and was ${issue.received}: it excepts nothing.`;
  const field = `${name}.${path}`;
  if (issue.expected === 'never') {
    return `${field}: there is no such field, so that the exception does not hold; there are ${fields}.`;
  }
  if (issue.received === 'undefined') return `${field} is missing, so that the exception does not hold.`;
  return `${field}: ${issue.message}, and was ${issue.received}, so that the exception does not hold.`;
}

/** What an expired exception is found by would otherwise be hidden by another one. */
const isExceptable = (ruleId: string): boolean => ruleId !== expiredException.id;

/** The ids that share most words with a mistyped one, where they are few; of words, one may begin the other. */
function nearest(mistyped: string, ruleIds: readonly string[]): string {
  const wordsOf = (id: string): string[] =>
    id
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word.length > 3);
  const given = wordsOf(mistyped);
  const isLike = (word: string): boolean => given.some((other) => word.startsWith(other) || other.startsWith(word));
  const shared = ruleIds.map((id) => ({ id, words: wordsOf(id).filter(isLike).length }));
  const most = Math.max(...shared.map(({ words }) => words));
  const near = shared.filter(({ words }) => words === most).map(({ id }) => id);
  return most > 0 && near.length <= MOST_NEAR ? `perhaps ${near.join(' or ')} is meant; ` : '';
}

/** More than these are no help. */
const MOST_NEAR = 3;

/** Whether its last day is over. @param now milliseconds since the epoch */
export const isExpired = ({ expires }: Pick<Exception, 'expires'>, now: number): boolean =>
  new Date(now).toISOString().slice(0, 10) > expires;

/** Exceptions applied to findings, which remembers those that were of use. */
export class Exceptions {
  /** Places of exceptions that fit a finding: those in force, and those that would if they had not expired. */
  readonly fitting = new Set<number>();
  readonly #byRule = new Map<
    string,
    { exception: ReadExceptions['exceptions'][number]; fits: (arn: string) => boolean }[]
  >();

  constructor(
    { exceptions }: ReadExceptions,
    /** Milliseconds since the epoch. */
    private readonly now: number,
  ) {
    for (const exception of exceptions) {
      const ofRule = this.#byRule.get(exception.rule) ?? [];
      this.#byRule.set(exception.rule, ofRule);
      ofRule.push({ exception, fits: wildcardPattern(exception.arn) });
    }
  }

  /** The exception under which a finding falls today; null: none. */
  for({ rule, principalArn }: { readonly rule: string; readonly principalArn: string }): Acceptance | null {
    const fitting = (this.#byRule.get(rule) ?? []).flatMap(({ exception, fits }) =>
      fits(principalArn) ? [exception] : [],
    );
    const [inForce, ...others] = fitting.filter((exception) => !isExpired(exception, this.now));
    // Where one holds, that another has expired opens nothing again.
    for (const { place } of inForce === undefined ? fitting : [inForce, ...others]) this.fitting.add(place);
    return inForce === undefined ? null : { owner: inForce.owner, reason: inForce.reason, expires: inForce.expires };
  }
}
