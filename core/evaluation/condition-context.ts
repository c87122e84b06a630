import type { Truth } from './truth.ts';

/** A value of which only the beginning is known, such as the role's ID in the user ID of a session. */
export interface PartlyKnown {
  readonly beginning: string;
}

/** The values of a condition key in a request. `absent`: the request does not have the key. `unknown`: it may. */
export type KeyValue = readonly string[] | PartlyKnown | 'absent' | 'unknown';

export const isPartlyKnown = (value: KeyValue): value is PartlyKnown =>
  typeof value === 'object' && 'beginning' in value;

/** The value of each condition key, given in lower case. */
export type ConditionContext = (key: string) => KeyValue;

/** Stand for a literal `*` and `?` in a pattern, which a policy writes as `${*}` and `${?}`. */
const LITERAL_STAR = '\ue000';
const LITERAL_MARK = '\ue001';

/** Text to compare with a substituted pattern, in which only the pattern's own `*` and `?` are wildcards. */
export const literalText = (text: string): string => text.replaceAll('*', LITERAL_STAR).replaceAll('?', LITERAL_MARK);

/** A substituted pattern as text, for operators without wildcards. */
export const plainText = (pattern: string): string =>
  pattern.replaceAll(LITERAL_STAR, '*').replaceAll(LITERAL_MARK, '?');

export type Substituted =
  | { readonly kind: 'text'; readonly text: string }
  /** A variable's value is not known. */
  | { readonly kind: 'unknown'; readonly keys: readonly string[] }
  /** The request does not have a variable's key, so the pattern matches nothing. */
  | { readonly kind: 'none' };

/** Replaces a pattern's policy variables (IAM User Guide, "IAM policy elements: Variables and tags"). */
export function substitute(pattern: string, context: ConditionContext): Substituted {
  if (!pattern.includes('${')) return { kind: 'text', text: pattern };
  const unknown: string[] = [];
  const absent: string[] = [];
  const text = pattern.replace(/\$\{([^}]*)\}/g, (_whole, inner: string) => {
    if (inner === '*') return LITERAL_STAR;
    if (inner === '?') return LITERAL_MARK;
    if (inner === '$') return '$';
    const [name = '', fallback] = inner.split(',').map((part) => part.trim());
    const value = context(name.toLowerCase());
    if (value === 'unknown' || isPartlyKnown(value)) unknown.push(name.toLowerCase());
    else if (value !== 'absent' && value[0] !== undefined) return value[0];
    else if (fallback !== undefined) return fallback.replace(/^'(.*)'$/, '$1');
    else absent.push(name);
    return '';
  });
  if (absent.length > 0) return { kind: 'none' };
  return unknown.length === 0 ? { kind: 'text', text } : { kind: 'unknown', keys: [...new Set(unknown)].sort() };
}

/** Whether a pattern matches, after its variables are replaced. @param hasVariables only in documents of 2012-10-17 */
export function patternTruth(
  pattern: string,
  hasVariables: boolean,
  context: ConditionContext,
  matches: (text: string) => Truth,
): Truth {
  const substituted: Substituted = hasVariables ? substitute(pattern, context) : { kind: 'text', text: pattern };
  if (substituted.kind === 'none') return false;
  return substituted.kind === 'unknown' ? substituted.keys : matches(substituted.text);
}
