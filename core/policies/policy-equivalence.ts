import type { NarrowerResources } from '../contract/account-objects.ts';
import { wildcardPattern } from './wildcards.ts';

/** A policy document without its resource patterns. */
export interface PolicyShape {
  /** The document with a number in place of each pattern, and without `Sid`. */
  readonly template: string;
  /** Each distinct pattern, in the order of the numbers. */
  readonly patterns: readonly string[];
}

/** Descriptions that are equal for principals that differ only in names. Resources have numbers; `*` is 0. */
export interface PolicyEquivalence {
  /** The forms of the requested resources, and the resources and actions of each request. */
  readonly requests: string;
  /** The pattern's form, and whether it matches each of those resources. */
  readonly describePattern: (pattern: string) => string;
}

export const USER_NAME_VARIABLE = /\$\{\s*aws:username\s*(,[^}$]*)?\}/gi;
/**
 * Maximum comparisons of patterns with resources for one principal. Above it, the principal is not compared with
 * others.
 */
const MAX_COMPARISONS = 4_000;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param content a parsed document. @returns null if it is not a policy */
export function policyShape(content: unknown): PolicyShape | null {
  const numbers = new Map<string, number>();
  const numbered = (value: unknown): readonly number[] | null => {
    const patterns: readonly unknown[] = Array.isArray(value) ? value : [value];
    const patternNumbers: number[] = [];
    for (const pattern of patterns) {
      if (typeof pattern !== 'string') return null;
      const number = numbers.get(pattern) ?? numbers.size;
      numbers.set(pattern, number);
      patternNumbers.push(number);
    }
    return patternNumbers;
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
        const templateValue = /^(not)?resource$/i.test(element) ? numbered(inner) : inner;
        if (templateValue === null) return null;
        template.push([element, templateValue]);
      }
      template.push('end');
    }
  }
  return { template: JSON.stringify(template), patterns: [...numbers.keys()] };
}

/**
 * Describes a principal's requests and patterns, to find principals with equivalent policies. Two such policies may
 * name different resources, for example each its own team's bucket. They are equivalent if their documents differ only
 * in names, and if corresponding patterns match requested resources with the same numbers. AWS's decision for a
 * resource of one principal then also applies to the other's resource with the same number. Null: equivalence can't be
 * determined.
 * @param userName value of `${aws:username}`; null for roles, which have no user name
 */
export function policyEquivalence(
  narrower: readonly NarrowerResources[],
  patterns: ReadonlySet<string>,
  userName: string | null,
): PolicyEquivalence | null {
  const resources = ['*', ...new Set(narrower.flatMap((request) => request.resources))];
  if (resources.length * patterns.size > MAX_COMPARISONS) return null;
  const texts = new Map<string, string>();
  for (const pattern of patterns) {
    const text = withUserName(pattern, userName);
    // This includes `${*}`, because its matches are not compared here.
    if (text.replace(USER_NAME_VARIABLE, '').includes('${')) return null;
    texts.set(pattern, text);
  }
  const numbers = new Map(resources.map((resource, number) => [resource, number]));
  const requests = narrower.map((request) => [
    request.resources.map((resource) => numbers.get(resource)),
    request.actions,
  ]);
  const tests = resources.map((resource) => ({ resource, covers: wildcardPattern(resource) }));
  return {
    requests: JSON.stringify([resources.map(formOf), requests]),
    describePattern: (pattern) => {
      const text = texts.get(pattern) ?? pattern;
      const matches = wildcardPattern(text);
      // Compared in both directions, so the result is valid for any handling of wildcards in a resource.
      const bits = tests.map(({ resource, covers }) => (matches(resource) ? 1 : 0) + (covers(text) ? 2 : 0));
      return `${formOf(text)} ${bits.join('')}`;
    },
  };
}

/** Without a user name and a default, the variable stays unchanged. It then matches nothing, or itself. */
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
 * An ARN with `x` in place of each name. Its service, Region, account, resource type, separators, wildcards and names
 * that AWS reserves stay. A text that is not an ARN stays unchanged.
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
