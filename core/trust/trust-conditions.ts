import type { TrustRequirement } from '../contract/trust.ts';
import type { TrustClause } from './trust-statement.ts';

export interface Limits {
  readonly requires: readonly TrustRequirement[];
  /** Keys of clauses for which it is not certain that they limit access. */
  readonly unjudged: readonly string[];
}

/** Operators that match only if the key exists and has one of the values. Both Arn operators accept wildcards. */
const positive: Readonly<Record<string, TrustRequirement['match']>> = {
  stringequals: 'equals',
  stringequalsignorecase: 'equals',
  stringlike: 'like',
  arnequals: 'like',
  arnlike: 'like',
  bool: 'equals',
};

/**
 * Operators that match if the key is missing or has none of the values. In a Deny, such an operator requires one of the
 * values.
 */
const negative: Readonly<Record<string, TrustRequirement['match']>> = {
  stringnotequals: 'equals',
  stringnotequalsignorecase: 'equals',
  stringnotlike: 'like',
  arnnotequals: 'like',
  arnnotlike: 'like',
};

/** A policy variable may have any value, and a pattern of wildcards alone matches any value. */
const isLimit = (match: TrustRequirement['match'], value: string): boolean =>
  !value.includes('${') && !(match === 'like' && /^[*?]+$/.test(value));

function requirement(
  { key, values }: TrustClause,
  match: TrustRequirement['match'] | undefined,
): TrustRequirement | null {
  if (match === undefined || !values.every((value) => isLimit(match, value))) return null;
  return { key, match, values: [...values] };
}

/** Keys of every signed request, and the claims of every token. */
function isAlwaysPresent(key: string, provider: string | null): boolean {
  if (provider === null) return key === 'aws:principalarn' || key === 'aws:principalaccount';
  const claims = provider === 'cognito-identity.amazonaws.com' ? ['aud', 'sub', 'amr'] : ['aud', 'sub'];
  return claims.some((claim) => key === `${provider}:${claim}`);
}

/**
 * The requirements that an Allow's conditions certainly set. `…IfExists` and `ForAllValues:` also match if the key is
 * missing. The caller may be able to omit the key, so these operators count as no limit, unless every request has the
 * key.
 * @param provider an OIDC provider; null: the principal signs its requests
 */
export function allowLimits(clauses: readonly TrustClause[], provider: string | null): Limits {
  const requires: TrustRequirement[] = [];
  const unjudged: string[] = [];
  for (const clause of clauses) {
    const operator = isAlwaysPresent(clause.key, provider)
      ? clause.operator.replace(/^for(?:any|all)values?:/, '').replace(/ifexists$/, '')
      : clause.operator.replace(/^foranyvalue:/, '');
    const required = requirement(clause, positive[operator]);
    if (required === null) unjudged.push(clause.key);
    else requires.push(required);
  }
  return { requires, unjudged };
}

/** `all`: denies every request. `unless`: denies requests that don't meet the requirement. `some`: denies a part. */
export type DenyEffect =
  | { readonly kind: 'all' }
  | { readonly kind: 'unless'; readonly requirement: TrustRequirement; readonly exceptsServices: boolean }
  | { readonly kind: 'some' };

/**
 * The effect of a Deny's conditions. One negated condition, such as "not in my organization", becomes a requirement.
 */
export function denyEffect(clauses: readonly TrustClause[]): DenyEffect {
  if (clauses.length === 0) return { kind: 'all' };
  const others = clauses.filter((clause) => !excludesServices(clause));
  const [only] = others;
  if (only === undefined || others.length > 1) return { kind: 'some' };
  const required = requirement(only, negative[only.operator.replace(/ifexists$/, '')]);
  if (required === null) return { kind: 'some' };
  return { kind: 'unless', requirement: required, exceptsServices: others.length < clauses.length };
}

/** Whether the condition excludes AWS services from the Deny. */
const excludesServices = ({ operator, key, values }: TrustClause): boolean =>
  key === 'aws:principalisawsservice' &&
  (operator === 'bool' || operator === 'boolifexists') &&
  values.length === 1 &&
  values[0]?.toLowerCase() === 'false';
