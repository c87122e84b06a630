import { grantsAnything, type Power } from '../abilities/abilities.ts';
import type { Way } from './way.ts';

/** At most this many ways of one technique are followed further. */
const MOST_FOLLOWED = 10;

/**
 * Of ways by several groups or policies only those that no other way covers. A way from which others may lead further is
 * covered only by one that gives everything.
 */
export function bestOnly(ways: readonly Way[]): Way[] {
  const isBetter = (a: Way, b: Way): boolean =>
    a.keys.length <= b.keys.length && covers(a, b) && (a.keys.length < b.keys.length || !covers(b, a));
  const best: Way[] = [];
  for (const one of ways) {
    if (ways.some((other) => isBetter(other, one))) continue;
    const isKnown = best.some((other) => covers(other, one) && other.keys.length <= one.keys.length);
    if (!isKnown) best.push(one);
  }
  return best.slice(0, MOST_FOLLOWED);
}

const covers = (a: Way, b: Way): boolean => {
  if (!isPower(a.gain) || !isPower(b.gain)) return false;
  const mayLeadFurther = (b.after ?? []).some((node) => !(a.after ?? []).includes(node));
  if (mayLeadFurther && !grantsAnything(a.gain)) return false;
  return (b.gain.everywhere & ~a.gain.everywhere) === 0n && (b.gain.somewhere & ~a.gain.somewhere) === 0n;
};

const isPower = (gain: Way['gain']): gain is Power => typeof gain !== 'string';
