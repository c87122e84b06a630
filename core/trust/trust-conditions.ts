import type { TrustRequirement } from '../contract/trust.ts';
import type { TrustClause } from './trust-statement.ts';

export interface Limits {
  readonly requires: readonly TrustRequirement[];
  /** Keys of clauses of which it is not sure that they limit. */
  readonly unjudged: readonly string[];
}

/** Operators that hold only where the key is there and has one of the values. Arn operators take wildcards, both of them. */
const positive: Readonly<Record<string, TrustRequirement['match']>> = {
  stringequals: 'equals',
  stringequalsignorecase: 'equals',
  stringlike: 'like',
  arnequals: 'like',
  arnlike: 'like',
  bool: 'equals',
};

/** Those that hold where the key is not there or has none of the values: in a Deny, the others must have one. */
const negative: Readonly<Record<string, TrustRequirement['match']>> = {
  stringnotequals: 'equals',
  stringnotequalsignorecase: 'equals',
  stringnotlike: 'like',
  arnnotequals: 'like',
  arnnotlike: 'like',
};

/** A policy variable may stand for anything, and a pattern of wildcards alone lets any value in. */
const isLimit = (match: TrustRequirement['match'], value: string): boolean =>
  !value.includes('${') && !(match === 'like' && /^[*?]+$/.test(value));

function requirement(
  { key, values }: TrustClause,
  match: TrustRequirement['match'] | undefined,
): TrustRequirement | null {
  if (match === undefined || !values.every((value) => isLimit(match, value))) return null;
  return { key, match, values: [...values] };
}

/**
 * What an Allow's conditions surely require. `…IfExists` and `ForAllValues:` hold also where the key is missing, which
 * the caller may see to, so that they limit nothing.
 */
export function allowLimits(clauses: readonly TrustClause[]): Limits {
  const requires: TrustRequirement[] = [];
  const unjudged: string[] = [];
  for (const clause of clauses) {
    const found = requirement(clause, positive[clause.operator.replace(/^foranyvalue:/, '')]);
    if (found === null) unjudged.push(clause.key);
    else requires.push(found);
  }
  return { requires, unjudged };
}

/** `all`: takes away whatever it covers. `unless`: all but what meets the requirement. */
export type DenyEffect =
  | { readonly kind: 'all' }
  | { readonly kind: 'unless'; readonly requirement: TrustRequirement; readonly exceptsServices: boolean }
  | { readonly kind: 'some' };

/** What a Deny's conditions take away: the usual "not of my organization" is a requirement, anything longer is not read. */
export function denyEffect(clauses: readonly TrustClause[]): DenyEffect {
  if (clauses.length === 0) return { kind: 'all' };
  const others = clauses.filter((clause) => !excludesServices(clause));
  const [only] = others;
  if (only === undefined || others.length > 1) return { kind: 'some' };
  const found = requirement(only, negative[only.operator.replace(/ifexists$/, '')]);
  if (found === null) return { kind: 'some' };
  return { kind: 'unless', requirement: found, exceptsServices: others.length < clauses.length };
}

/** The Deny is not for AWS's own services. */
const excludesServices = ({ operator, key, values }: TrustClause): boolean =>
  key === 'aws:principalisawsservice' &&
  (operator === 'bool' || operator === 'boolifexists') &&
  values.length === 1 &&
  values[0]?.toLowerCase() === 'false';
