import { DAY_MS } from '../ports/clock.ts';

/** Whole days since the epoch, in UTC. @param time milliseconds since the epoch */
export const dayOf = (time: number): number => Math.floor(time / DAY_MS);

/**
 * Whether decisions are asked again although nothing seems to have changed. Each group that shares a simulation, and each
 * principal that shares none, has a day of its own in every period, by a hash of its id: a group comes together whoever
 * joined it, and a day on which all were asked, or without a run, shifts nothing. What is missed is made up for by age.
 * @param askedAt when the part was found, and `now`: milliseconds since the epoch
 */
export function isRefreshDue(id: string, askedAt: number, now: number, everyDays: number): boolean {
  const today = dayOf(now);
  const asked = dayOf(askedAt);
  if (asked >= today) return false;
  return today - asked >= everyDays || today % everyDays === hash(id) % everyDays;
}

/** A day of the period after `askedAt` (milliseconds since the epoch) for what has no planned one, by a hash of its id. */
export const spreadDay = (id: string, askedAt: number, everyDays: number): number =>
  dayOf(askedAt) + 1 + (hash(id) % everyDays);

/** FNV-1a with 32 bits, and the bits mixed once more: ids differ in few characters. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
