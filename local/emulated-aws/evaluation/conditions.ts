import { BlockList, isIP } from 'node:net';
import { substitute, type RequestContext } from './request-context.ts';
import type { Statement } from './statements.ts';
import { matchesArn, matchesWildcards, plainText } from './wildcards.ts';

type Compare = (expected: string, actual: string) => boolean;

const numbers =
  (compare: (a: number, b: number) => boolean): Compare =>
  (expected, actual) =>
    compare(Number(actual), Number(expected));

/** Dates are ISO 8601 or seconds since the epoch. */
const time = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const dates =
  (compare: (a: number, b: number) => boolean): Compare =>
  (expected, actual) =>
    compare(time(actual), time(expected));

const families: Readonly<Record<number, 'ipv4' | 'ipv6'>> = { 4: 'ipv4', 6: 'ipv6' };

/** A range is in CIDR notation, or one address. It contains only addresses of its own family. */
const inRange: Compare = (expected, actual) => {
  const [network = '', length] = expected.split('/');
  const family = families[isIP(network)];
  if (family === undefined || family !== families[isIP(actual)]) return false;
  const bits = family === 'ipv4' ? 32 : 128;
  const size = length === undefined ? bits : Number(length);
  if (!Number.isInteger(size) || size < 0 || size > bits) return false;
  const range = new BlockList();
  range.addSubnet(network, size, family);
  return range.check(actual, family);
};

const equals = (a: number, b: number): boolean => a === b;

/**
 * Operators in lower case that are true if a request's value matches one of the policy's values (IAM User Guide,
 * "Condition operators").
 */
const positiveOperators: Readonly<Record<string, Compare>> = {
  stringequals: (expected, actual) => plainText(expected) === actual,
  stringequalsignorecase: (expected, actual) => plainText(expected).toLowerCase() === actual.toLowerCase(),
  stringlike: matchesWildcards,
  numericequals: numbers(equals),
  numericlessthan: numbers((a, b) => a < b),
  numericlessthanequals: numbers((a, b) => a <= b),
  numericgreaterthan: numbers((a, b) => a > b),
  numericgreaterthanequals: numbers((a, b) => a >= b),
  dateequals: dates(equals),
  datelessthan: dates((a, b) => a < b),
  datelessthanequals: dates((a, b) => a <= b),
  dategreaterthan: dates((a, b) => a > b),
  dategreaterthanequals: dates((a, b) => a >= b),
  bool: (expected, actual) => expected.toLowerCase() === actual.toLowerCase(),
  // The request's value is in Base64, as the policy's.
  binaryequals: (expected, actual) => expected === actual,
  ipaddress: inRange,
  arnequals: matchesArn,
  arnlike: matchesArn,
};

/** Operators that are true if no value matches, each with the operator that it negates. */
const negatedOperators: Readonly<Record<string, string>> = {
  stringnotequals: 'stringequals',
  stringnotequalsignorecase: 'stringequalsignorecase',
  stringnotlike: 'stringlike',
  numericnotequals: 'numericequals',
  datenotequals: 'dateequals',
  notipaddress: 'ipaddress',
  arnnotequals: 'arnequals',
  arnnotlike: 'arnlike',
};

/** A condition operator that IAM does not have. IAM refuses to store such a policy. */
export class UnknownOperator extends Error {
  override name = 'UnknownOperator';
}

type Condition = Statement['conditions'][number];

/** Whether every condition of a statement is true. Adds to `missing` the keys that the request does not have. */
export function conditionsHold(
  conditions: readonly Condition[],
  context: RequestContext,
  missing: Set<string>,
): boolean {
  // All conditions are evaluated, even after a false one, because every missing key must be reported.
  return conditions.map((condition) => conditionHolds(condition, context, missing)).every((result) => result);
}

function conditionHolds(
  { operator, key, values, hasVariables }: Condition,
  context: RequestContext,
  missing: Set<string>,
): boolean {
  const actual = context.get(key);
  // The names of operators are case-insensitive.
  const [, quantifier, base = '', ifExists] =
    /^(forallvalues:|foranyvalue:)?(.*?)(ifexists)?$/.exec(operator.toLowerCase()) ?? [];
  if (base === 'null') {
    return values.some((value) => value.toLowerCase() === (actual === undefined ? 'true' : 'false'));
  }
  const negated = negatedOperators[base];
  const compare = positiveOperators[negated ?? base];
  if (compare === undefined) throw new UnknownOperator(`The condition operator ${operator} is unknown.`);
  if (actual === undefined) {
    // The operator requires at least one matching value. A missing key has no value.
    if (quantifier === 'foranyvalue:') {
      missing.add(key);
      return false;
    }
    if (ifExists !== undefined) return true;
    missing.add(key);
    // Negated operators and ForAllValues are true for a missing key.
    return negated !== undefined || quantifier === 'forallvalues:';
  }
  const expected = hasVariables ? values.flatMap((value) => substitute(value, context, missing) ?? []) : values;
  const matches = (value: string): boolean => {
    const any = expected.some((pattern) => compare(pattern, value));
    return negated === undefined ? any : !any;
  };
  return quantifier === 'foranyvalue:' || (quantifier === undefined && negated === undefined)
    ? actual.some(matches)
    : actual.every(matches);
}
