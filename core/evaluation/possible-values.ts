import ipaddr from 'ipaddr.js';
import { commonText } from '../policies/common-text.ts';
import type { ConditionClause } from '../policies/statements.ts';
import { plainText, substitute, type ConditionContext, type KeyValue } from './condition-context.ts';
import { operatorOf } from './condition-operators.ts';

/** A condition, and whether its values may have policy variables. */
export interface PlacedClause {
  readonly clause: ConditionClause;
  readonly hasVariables: boolean;
}

/** With more patterns, a value might match several at once in ways that are not tried. */
const MOST_PATTERNS = 4;

/** Values that no policy names. */
const OTHERS = ['any', 'other'];

/**
 * Values of a key, among them one of each kind that the conditions on it tell apart, and none. They are not all that there
 * are. Null: the conditions compare more than single values with known ones.
 * @param context the other keys of the request, which replace variables
 */
export function possibleValues(
  clauses: readonly PlacedClause[],
  context: ConditionContext,
): readonly KeyValue[] | null {
  const isTruth = clauses.some(({ clause }) => clause.operator.startsWith('bool'));
  const values = new Set<string>(isTruth ? [] : OTHERS);
  const patterns = new Set<string>();
  for (const { clause, hasVariables } of clauses) {
    const operator = operatorOf(clause.operator);
    if (operator === null || operator.quantifier !== null) return null;
    if (operator.kind === 'null') continue;
    for (const written of clause.values) {
      const known = hasVariables ? substitute(written, context) : { kind: 'text' as const, text: written };
      if (known.kind === 'unknown') return null;
      if (known.kind === 'none') continue;
      const text = plainText(known.text);
      if (/like|arn/.test(clause.operator) && /[*?]/.test(text)) patterns.add(text);
      else for (const value of around(clause.operator, text)) values.add(value);
    }
  }
  if (patterns.size > MOST_PATTERNS) return null;
  const list = [...patterns];
  for (const [index, pattern] of list.entries()) {
    for (const filler of ['x', '0']) values.add(pattern.replaceAll('*', filler).replaceAll('?', filler));
    for (const other of list.slice(index + 1)) {
      const common = commonText(pattern, other);
      if (common === undefined) return null;
      if (common !== null) values.add(common);
    }
  }
  return ['absent', ...[...values].map((value) => [value])];
}

/** A value and those next to it on both sides, if the operator compares sizes. */
function around(operator: string, text: string): readonly string[] {
  if (operator.startsWith('bool')) return ['true', 'false'];
  if (operator.startsWith('numeric')) return [-1, 0, 1].map((by) => String(Number(text) + by));
  if (operator.startsWith('date')) return datesAround(text);
  return /^(?:not)?ipaddress/.test(operator) ? addressesAround(text) : [text];
}

function datesAround(text: string): readonly string[] {
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  return Number.isNaN(time) ? [text] : [-1000, 0, 1000].map((by) => new Date(time + by).toISOString());
}

/** The first and last address of a range, and those before and after it. */
function addressesAround(text: string): readonly string[] {
  const range = ipaddr.isValidCIDR(text) ? text : null;
  if (range === null) return [text];
  const [address, bits] = ipaddr.parseCIDR(range);
  const bytes = address.toByteArray();
  const size = 1n << BigInt(8 * bytes.length - bits);
  const first = (numberOf(bytes) / size) * size;
  const most = (1n << BigInt(8 * bytes.length)) - 1n;
  return [first - 1n, first, first + size - 1n, first + size]
    .filter((number) => number >= 0n && number <= most)
    .map((number) => ipaddr.fromByteArray(bytesOf(number, bytes.length)).toString());
}

const numberOf = (bytes: readonly number[]): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

const bytesOf = (number: bigint, length: number): number[] =>
  Array.from({ length }, (_, index) => Number((number >> BigInt(8 * (length - 1 - index))) & 255n));

/** All choices of one value for each key. Null: there are more than `most`, or the values of a key are not known. */
export function everyChoice(
  values: ReadonlyMap<string, readonly KeyValue[] | null>,
  most: number,
): readonly ReadonlyMap<string, KeyValue>[] | null {
  let choices: ReadonlyMap<string, KeyValue>[] = [new Map()];
  for (const [key, ofKey] of values) {
    if (ofKey === null || choices.length * ofKey.length > most) return null;
    choices = choices.flatMap((choice) => ofKey.map((value) => new Map([...choice, [key, value]])));
  }
  return choices;
}
