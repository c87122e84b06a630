import type { Power } from '../abilities/abilities.ts';
import type { Way } from './way.ts';

/** Of ways by several groups or policies only those that no other way covers. */
export function bestOnly(ways: readonly Way[]): Way[] {
  const isBetter = (a: Way, b: Way): boolean =>
    a.keys.length <= b.keys.length &&
    covers(a.gain, b.gain) &&
    (a.keys.length < b.keys.length || !covers(b.gain, a.gain));
  const best: Way[] = [];
  for (const one of ways) {
    if (ways.some((other) => isBetter(other, one))) continue;
    const isKnown = best.some((other) => covers(other.gain, one.gain) && other.keys.length <= one.keys.length);
    if (!isKnown) best.push(one);
  }
  return best;
}

const covers = (a: Way['gain'], b: Way['gain']): boolean =>
  isPower(a) && isPower(b) && (b.everywhere & ~a.everywhere) === 0n && (b.somewhere & ~a.somewhere) === 0n;

const isPower = (gain: Way['gain']): gain is Power => typeof gain !== 'string';
