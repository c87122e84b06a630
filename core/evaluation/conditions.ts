import type { ConditionClause } from '../policies/statements.ts';
import { isPartlyKnown, patternTruth, plainText, type ConditionContext } from './condition-context.ts';
import { operatorOf, type Operator } from './condition-operators.ts';
import { allOf, anyOf, negated, type Truth } from './truth.ts';

/** Whether all conditions of a statement hold. @param hasVariables only in documents of version 2012-10-17 */
export function conditionsTruth(
  clauses: readonly ConditionClause[],
  hasVariables: boolean,
  context: ConditionContext,
): Truth {
  const truths: Truth[] = [];
  for (const clause of clauses) {
    const truth = clauseTruth(clause, hasVariables, context);
    if (truth === false) return false;
    truths.push(truth);
  }
  return allOf(truths);
}

/** Whether a condition on `aws:RequestedRegion` holds in a Region. */
export const regionTruth = (clause: ConditionClause, region: string): boolean =>
  clauseTruth(clause, false, () => [region]) === true;

/** Whether a condition on the time of a request holds now; null: it is about something else. @param now in milliseconds */
export function timeTruth(clause: ConditionClause, now: number): boolean | null {
  if (clause.key !== 'aws:currenttime' && clause.key !== 'aws:epochtime') return null;
  const value = clause.key === 'aws:epochtime' ? String(Math.floor(now / 1000)) : new Date(now).toISOString();
  const truth = clauseTruth(clause, false, () => [value]);
  return typeof truth === 'boolean' ? truth : null;
}

function clauseTruth(
  { operator, key, values }: ConditionClause,
  hasVariables: boolean,
  context: ConditionContext,
): Truth {
  const read = operatorOf(operator);
  const actual = context(key);
  if (read !== null && actual === 'unknown' && key === 'aws:sourceip' && namesEveryAddress(read, values)) {
    return !read.isNegated;
  }
  if (read === null || actual === 'unknown') return [key];
  if (read.kind === 'null') {
    const wanted = actual === 'absent' ? 'true' : 'false';
    return values.some((value) => value.toLowerCase() === wanted);
  }
  if (actual === 'absent') return holdsForAbsentKey(read);
  if (isPartlyKnown(actual)) {
    const truth = anyOf(
      values.map((expected) =>
        patternTruth(expected, hasVariables, context, (text) => beginningTruth(read, text, actual.beginning, key)),
      ),
    );
    return read.isNegated ? negated(truth) : truth;
  }
  const matches = (value: string): Truth => {
    const truth = anyOf(
      values.map((expected) => patternTruth(expected, hasVariables, context, (text) => read.compare(text, value))),
    );
    return read.isNegated ? negated(truth) : truth;
  };
  const isAny = read.quantifier === 'any' || (read.quantifier === null && !read.isNegated);
  return isAny ? anyOf(actual.map(matches)) : allOf(actual.map(matches));
}

const namesEveryAddress = ({ kind, compare }: Operator, values: readonly string[]): boolean =>
  kind === 'compare' && compare('0.0.0.0/0', '192.0.2.1') && ['0.0.0.0/0', '::/0'].every((one) => values.includes(one));

/** A rest that no policy names. */
const SOME_REST = '\ue002';

/** Whether an expected value matches each value with this beginning, some of them, or none. */
function beginningTruth({ compare }: Operator, expected: string, beginning: string, key: string): Truth {
  if (compare(expected, `${beginning}${SOME_REST}`)) return true;
  const text = plainText(expected).toLowerCase();
  const known = beginning.toLowerCase();
  const wildcard = compare('*', SOME_REST) ? text.search(/[*?]/) : -1;
  const literal = wildcard === -1 ? text : text.slice(0, wildcard);
  const mayMatch = literal.startsWith(known) || (wildcard !== -1 && known.startsWith(literal));
  return mayMatch ? [key] : false;
}

/**
 * A key that the request does not have: `ForAnyValue:` needs a value that matches; `…IfExists`, negated operators and
 * `ForAllValues:` hold (IAM User Guide, "Condition operators" and "Multivalued context keys").
 */
function holdsForAbsentKey({ quantifier, ifExists, isNegated }: Operator): boolean {
  if (quantifier === 'any') return false;
  return ifExists || isNegated || quantifier === 'all';
}
