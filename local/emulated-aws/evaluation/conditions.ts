import { isIPv4 } from 'node:net';
import { substitute, type RequestContext } from './request-context.ts';
import type { Statement } from './statements.ts';
import { matchesArn, matchesWildcards, plainText } from './wildcards.ts';

type Compare = (wanted: string, given: string) => boolean;

const numbers =
  (compare: (a: number, b: number) => boolean): Compare =>
  (wanted, given) =>
    compare(Number(given), Number(wanted));

/** Dates are ISO 8601 or seconds since the epoch. */
const time = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const dates =
  (compare: (a: number, b: number) => boolean): Compare =>
  (wanted, given) =>
    compare(time(given), time(wanted));

const bits = (address: string): number => address.split('.').reduce((sum, part) => (sum * 256 + Number(part)) >>> 0, 0);

const inRange: Compare = (wanted, given) => {
  const [network = '', length = '32'] = wanted.split('/');
  if (!isIPv4(network) || !isIPv4(given)) return wanted === given;
  const size = Number(length);
  const mask = size === 0 ? 0 : (~0 << (32 - size)) >>> 0;
  return (bits(network) & mask) >>> 0 === (bits(given) & mask) >>> 0;
};

const equals = (a: number, b: number): boolean => a === b;

/** Operators that hold when a value of the request matches one of the policy (IAM User Guide, "Condition operators"). */
const positive: Readonly<Record<string, Compare>> = {
  StringEquals: (wanted, given) => plainText(wanted) === given,
  StringEqualsIgnoreCase: (wanted, given) => plainText(wanted).toLowerCase() === given.toLowerCase(),
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
  Bool: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
  IpAddress: inRange,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
};

/** Those that hold when none matches, by the operator that they negate. */
const negative: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

/** A policy that IAM would not have let anybody write. */
export class UnknownOperator extends Error {
  override name = 'UnknownOperator';
}

type Condition = Statement['conditions'][number];

/** Whether every condition of a statement holds. Keys that the request does not have go into `missing`. */
export function conditionsHold(
  conditions: readonly Condition[],
  context: RequestContext,
  missing: Set<string>,
): boolean {
  // Each one is looked at, also after one that does not hold: every missing key is to be named.
  return conditions.map((condition) => holds(condition, context, missing)).every((result) => result);
}

function holds({ operator, key, values }: Condition, context: RequestContext, missing: Set<string>): boolean {
  const given = context.get(key);
  if (operator === 'Null') return values.includes(given === undefined ? 'true' : 'false');
  const [, quantifier, base = '', ifExists] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  const negated = negative[base];
  const compare = positive[negated ?? base];
  if (compare === undefined) throw new UnknownOperator(`The condition operator ${operator} is unknown.`);
  if (given === undefined) {
    if (ifExists !== undefined) return true;
    missing.add(key);
    // An absent value differs from every other, and of no values all match.
    return negated !== undefined || quantifier === 'ForAllValues:';
  }
  const wanted = values.flatMap((value) => substitute(value, context, missing) ?? []);
  const matches = (value: string): boolean => {
    const any = wanted.some((pattern) => compare(pattern, value));
    return negated === undefined ? any : !any;
  };
  return quantifier === 'ForAnyValue:' || (quantifier === undefined && negated === undefined)
    ? given.some(matches)
    : given.every(matches);
}
