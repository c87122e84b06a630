/**
 * Whether something holds. A list: this depends on these condition keys, whose values are not known. A list is never
 * empty.
 */
export type Truth = boolean | readonly string[];

export const isUnknown = (truth: Truth): truth is readonly string[] => typeof truth !== 'boolean';

/** The keys that it depends on; none if it is known. */
export const keysOf = (truth: Truth): readonly string[] => (isUnknown(truth) ? truth : []);

const union = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())].sort();

export function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  const unknown = truths.filter(isUnknown);
  return unknown.length === 0 ? true : union(unknown);
}

export function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  const unknown = truths.filter(isUnknown);
  return unknown.length === 0 ? false : union(unknown);
}

export const negated = (truth: Truth): Truth => (isUnknown(truth) ? truth : !truth);

/** Lower is better: known, then depending on few keys, then denied. */
export const weightOf = (truth: Truth): number => (isUnknown(truth) ? truth.length : truth ? 0 : Infinity);
