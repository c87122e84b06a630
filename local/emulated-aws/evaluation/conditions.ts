import { isIPv4 } from 'node:net';
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

const addressBits = (address: string): number =>
  address.split('.').reduce((sum, part) => (sum * 256 + Number(part)) >>> 0, 0);

const inRange: Compare = (expected, actual) => {
  const [network = '', length = '32'] = expected.split('/');
  if (!isIPv4(network) || !isIPv4(actual)) return expected === actual;
  const size = Number(length);
  const mask = size === 0 ? 0 : (~0 << (32 - size)) >>> 0;
  return (addressBits(network) & mask) >>> 0 === (addressBits(actual) & mask) >>> 0;
};

const equals = (a: number, b: number): boolean => a === b;

/**
 * Operators that are true if a request's value matches one of the policy's values (IAM User Guide, "Condition
 * operators").
 */
const positiveOperators: Readonly<Record<string, Compare>> = {
  StringEquals: (expected, actual) => plainText(expected) === actual,
  StringEqualsIgnoreCase: (expected, actual) => plainText(expected).toLowerCase() === actual.toLowerCase(),
  StringLike: matchesWildcards,
  NumericEquals: numbers(equals),
  NumericLessThan: numbers((a, b) => a < b),
  NumericLessThanEquals: numbers((a, b) => a <= b),
  NumericGreaterThan: numbers((a, b) => a > b),
  NumericGreaterThanEquals: numbers((a, b) => a >= b),
  DateEquals: dates(equals),
  DateLessThan: dates((a, b) => a < b),
  DateLessThanEquals: dates((a, b) => a <= b),
  DateGreaterThan: dates((a, b) => a > b),
  DateGreaterThanEquals: dates((a, b) => a >= b),
  Bool: (expected, actual) => expected.toLowerCase() === actual.toLowerCase(),
  IpAddress: inRange,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
};

/** Operators that are true if no value matches, each with the operator that it negates. */
const negatedOperators: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
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
  if (operator === 'Null') return values.includes(actual === undefined ? 'true' : 'false');
  const [, quantifier, base = '', ifExists] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  const negated = negatedOperators[base];
  const compare = positiveOperators[negated ?? base];
  if (compare === undefined) throw new UnknownOperator(`The condition operator ${operator} is unknown.`);
  if (actual === undefined) {
    // The operator requires at least one matching value. A missing key has no value.
    if (quantifier === 'ForAnyValue:') {
      missing.add(key);
      return false;
    }
    if (ifExists !== undefined) return true;
    missing.add(key);
    // Negated operators and ForAllValues are true for a missing key.
    return negated !== undefined || quantifier === 'ForAllValues:';
  }
  const expected = hasVariables ? values.flatMap((value) => substitute(value, context, missing) ?? []) : values;
  const matches = (value: string): boolean => {
    const any = expected.some((pattern) => compare(pattern, value));
    return negated === undefined ? any : !any;
  };
  return quantifier === 'ForAnyValue:' || (quantifier === undefined && negated === undefined)
    ? actual.some(matches)
    : actual.every(matches);
}
