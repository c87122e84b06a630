import ipaddr from 'ipaddr.js';
import { wildcardPattern } from '../policies/wildcards.ts';
import { literalText, plainText } from './condition-context.ts';

/** Compares a policy's value with a request's. */
export type Compare = (expected: string, actual: string) => boolean;

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

const like: Compare = (expected, actual) => wildcardPattern(expected)(literalText(actual));

/** Compares the six parts of an ARN one by one, so that a wildcard does not match across a colon. */
const arns: Compare = (expected, actual) => {
  const split = (text: string): string[] => {
    const parts = text.split(':');
    return [...parts.slice(0, 5), parts.slice(5).join(':')];
  };
  const [pattern, arn] = [split(expected), split(actual)];
  return pattern.length === arn.length && pattern.every((part, index) => like(part, arn[index] ?? ''));
};

/** Whether an IPv4 or IPv6 address is in a CIDR range, or is the address. */
const inRange: Compare = (expected, actual) => {
  if (!ipaddr.isValid(actual)) return false;
  const range = ipaddr.isValidCIDR(expected) ? expected : ipaddr.isValid(expected) ? singleAddress(expected) : null;
  if (range === null) return false;
  const [network, bits] = ipaddr.parseCIDR(range);
  const address = ipaddr.process(actual);
  return address.kind() === network.kind() && address.match(network, bits);
};

const singleAddress = (address: string): string => `${address}/${ipaddr.parse(address).kind() === 'ipv6' ? 128 : 32}`;

const exactly = (a: number, b: number): boolean => a === b;

/** By operator in lower case: true if the request's value matches (IAM User Guide, "Condition operators"). */
const positive = new Map<string, Compare>([
  ['stringequals', (expected, actual) => plainText(expected) === actual],
  ['stringequalsignorecase', (expected, actual) => plainText(expected).toLowerCase() === actual.toLowerCase()],
  ['stringlike', like],
  ['numericequals', numbers(exactly)],
  ['numericlessthan', numbers((a, b) => a < b)],
  ['numericlessthanequals', numbers((a, b) => a <= b)],
  ['numericgreaterthan', numbers((a, b) => a > b)],
  ['numericgreaterthanequals', numbers((a, b) => a >= b)],
  ['dateequals', dates(exactly)],
  ['datelessthan', dates((a, b) => a < b)],
  ['datelessthanequals', dates((a, b) => a <= b)],
  ['dategreaterthan', dates((a, b) => a > b)],
  ['dategreaterthanequals', dates((a, b) => a >= b)],
  ['bool', (expected, actual) => expected.toLowerCase() === actual.toLowerCase()],
  ['binaryequals', (expected, actual) => expected === actual],
  ['ipaddress', inRange],
  ['arnequals', arns],
  ['arnlike', arns],
]);

const negations = new Map([
  ['stringnotequals', 'stringequals'],
  ['stringnotequalsignorecase', 'stringequalsignorecase'],
  ['stringnotlike', 'stringlike'],
  ['numericnotequals', 'numericequals'],
  ['datenotequals', 'dateequals'],
  ['notipaddress', 'ipaddress'],
  ['arnnotequals', 'arnequals'],
  ['arnnotlike', 'arnlike'],
]);

export interface Operator {
  readonly kind: 'compare' | 'null';
  readonly quantifier: 'all' | 'any' | null;
  readonly isNegated: boolean;
  readonly ifExists: boolean;
  readonly compare: Compare;
}

/** By operator as written. Policies have few different ones, and each is read for every request. */
const operators = new Map<string, Operator | null>();
/** A policy may have any text as an operator. */
const MOST_OPERATORS = 1_000;

/** @param written in lower case. Null: IAM does not have this operator. */
export function operatorOf(written: string): Operator | null {
  const known = operators.get(written);
  if (known !== undefined) return known;
  const operator = readOperator(written);
  if (operators.size < MOST_OPERATORS) operators.set(written, operator);
  return operator;
}

function readOperator(written: string): Operator | null {
  const [, prefix, base = '', suffix] = /^(forallvalues:|foranyvalue:)?(.*?)(ifexists)?$/.exec(written) ?? [];
  const quantifier = prefix === undefined ? null : prefix === 'forallvalues:' ? 'all' : 'any';
  const common = { quantifier, ifExists: suffix !== undefined } as const;
  if (base === 'null') return { ...common, kind: 'null', isNegated: false, compare: () => false };
  const negates = negations.get(base);
  const compare = positive.get(negates ?? base);
  return compare === undefined ? null : { ...common, kind: 'compare', isNegated: negates !== undefined, compare };
}
