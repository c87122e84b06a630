/**
 * Whether something holds. A list: this depends on these condition keys, whose values are not known. A list is sorted
 * and never empty.
 */
export type Truth = boolean | readonly string[];

export const isUnknown = (truth: Truth): truth is readonly string[] => typeof truth !== 'boolean';

/** The keys that it depends on; none if it is known. */
export const keysOf = (truth: Truth): readonly string[] => (isUnknown(truth) ? truth : []);

/** The truth that depends on these keys, sorted; certain without any: the inverse of `keysOf`, except for what is false. */
export const truthOfKeys = (keys: readonly string[]): Truth => (keys.length === 0 ? true : keys);

const union = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())].sort();

export const allOf = (truths: readonly Truth[]): Truth => joined(truths, false);

export const anyOf = (truths: readonly Truth[]): Truth => joined(truths, true);

/** @param decisive the answer if one of the truths is this; without it and without unknown ones, the answer is its opposite */
function joined(truths: readonly Truth[], decisive: boolean): Truth {
  let first: readonly string[] | null = null;
  let more: (readonly string[])[] | null = null;
  for (const truth of truths) {
    if (truth === decisive) return decisive;
    if (!isUnknown(truth)) continue;
    if (first === null) first = truth;
    else (more ??= [first]).push(truth);
  }
  if (more !== null) return union(more);
  return first ?? !decisive;
}

export const negated = (truth: Truth): Truth => (isUnknown(truth) ? truth : !truth);

/** Lower is better: known, then depending on few keys, then denied. */
export const weightOf = (truth: Truth): number => (isUnknown(truth) ? truth.length : truth ? 0 : Infinity);
