import type { NarrowerResources } from '../contract/account-objects.ts';
import { wildcardPattern } from './wildcards.ts';

/** A policy document, its resource patterns taken out. */
export interface PolicyShape {
  /** The document with a number in each pattern's place, and without what only names a statement. */
  readonly template: string;
  /** Each pattern once, in the order of the numbers. */
  readonly patterns: readonly string[];
}

/** Requests as they are the same for principals that differ only in names: by numbers, `*` being 0. */
export interface PolicyEquivalence {
  /** What is asked about: the forms of resources, and which of them are asked for which actions. */
  readonly asked: string;
  /** How a pattern stands to each of those resources, and its own form. */
  readonly standing: (pattern: string) => string;
}

export const USER_NAME_VARIABLE = /\$\{\s*aws:username\s*(,[^}$]*)?\}/gi;
/** Comparisons of a pattern with a resource that one principal may cost: beyond them nobody is looked for that is alike. */
const MOST_COMPARED = 4_000;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param content a parsed document. @returns null for what is no policy */
export function policyShape(content: unknown): PolicyShape | null {
  const numbers = new Map<string, number>();
  const numbered = (value: unknown): readonly number[] | null => {
    const patterns: readonly unknown[] = Array.isArray(value) ? value : [value];
    const found: number[] = [];
    for (const pattern of patterns) {
      if (typeof pattern !== 'string') return null;
      const number = numbers.get(pattern) ?? numbers.size;
      numbers.set(pattern, number);
      found.push(number);
    }
    return found;
  };
  if (!isObject(content)) return null;
  const template: unknown[] = [];
  for (const [name, value] of Object.entries(content)) {
    if (name.toLowerCase() !== 'statement') {
      template.push([name, value]);
      continue;
    }
    const statements: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const statement of statements) {
      if (!isObject(statement)) return null;
      for (const [element, inner] of Object.entries(statement)) {
        if (element.toLowerCase() === 'sid') continue;
        const said = /^(not)?resource$/i.test(element) ? numbered(inner) : inner;
        if (said === null) return null;
        template.push([element, said]);
      }
      template.push('end');
    }
  }
  return { template: JSON.stringify(template), patterns: [...numbers.keys()] };
}

/**
 * What makes two principals alike whose policies name different resources, such as each its own team's: the same
 * documents but for names, and each pattern matches the same of the resources that are asked about, by number. Whatever
 * AWS decides on the first of one is then what it decides on the first of the other. Null: it can't be said.
 * @param userName what `${aws:username}` stands for; null for roles, which have none
 */
export function policyEquivalence(
  narrower: readonly NarrowerResources[],
  patterns: ReadonlySet<string>,
  userName: string | null,
): PolicyEquivalence | null {
  const resources = ['*', ...new Set(narrower.flatMap((request) => request.resources))];
  if (resources.length * patterns.size > MOST_COMPARED) return null;
  const texts = new Map<string, string>();
  for (const pattern of patterns) {
    const text = withUserName(pattern, userName);
    // Also `${*}`: what it matches is not compared here.
    if (text.replace(USER_NAME_VARIABLE, '').includes('${')) return null;
    texts.set(pattern, text);
  }
  const numbers = new Map(resources.map((resource, number) => [resource, number]));
  const asked = narrower.map((request) => [
    request.resources.map((resource) => numbers.get(resource)),
    request.actions,
  ]);
  const tests = resources.map((resource) => ({ resource, covers: wildcardPattern(resource) }));
  return {
    asked: JSON.stringify([resources.map(formOf), asked]),
    standing: (pattern) => {
      const text = texts.get(pattern) ?? pattern;
      const matches = wildcardPattern(text);
      // Both ways, so that it does not matter what a simulator makes of wildcards in a resource.
      const bits = tests.map(({ resource, covers }) => (matches(resource) ? 1 : 0) + (covers(text) ? 2 : 0));
      return `${formOf(text)} ${bits.join('')}`;
    },
  };
}

/** Where there is no name and no default, the variable stays: it matches nothing, or itself. */
const withUserName = (pattern: string, userName: string | null): string =>
  pattern.replace(
    USER_NAME_VARIABLE,
    (variable: string, fallback: string | undefined) =>
      userName ??
      fallback
        ?.slice(1)
        .trim()
        .replace(/^'(.*)'$/, '$1') ??
      variable,
  );

/**
 * An ARN with `x` for each name in it: its service, region, account, kind of resource, separators and wildcards stay,
 * and so does what AWS reserves. What is no ARN stays as it is.
 */
function formOf(pattern: string): string {
  const [arn, partition, service, region, account, ...rest] = pattern.split(':');
  if (arn !== 'arn' || rest.length === 0) return pattern;
  const [first = '', ...others] = rest.join(':').split(/([:/])/);
  const name = (token: string): string =>
    /^[\w+=,.@*?-]+$/.test(token) && !/^aws/i.test(token) ? token.replace(/[^*?]+/g, 'x') : token;
  const isKind = others.length > 0 && service !== 's3';
  return [arn, partition, service, region, account, [isKind ? first : name(first), ...others.map(name)].join('')].join(
    ':',
  );
}
