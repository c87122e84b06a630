import { DAY_MS } from '../ports/clock.ts';

/** Whole days since the epoch, in UTC. @param time milliseconds since the epoch */
export const dayOf = (time: number): number => Math.floor(time / DAY_MS);

/**
 * Whether decisions are refreshed even if no change is visible. Each group that shares a simulation, and each principal
 * without a group, has a fixed day in every period, from a hash of its ID. So a group is refreshed together even if
 * principals join it, and days without a run shift nothing. A part that is older than the period is refreshed too.
 * @param askedAt when the part was found; `askedAt` and `now` are milliseconds since the epoch
 */
export function isRefreshDue(id: string, askedAt: number, now: number, everyDays: number): boolean {
  const today = dayOf(now);
  const asked = dayOf(askedAt);
  if (asked >= today) return false;
  return today - asked >= everyDays || today % everyDays === hash(id) % everyDays;
}

/**
 * The refresh day of a part without a planned one: a day in the period after `askedAt` (milliseconds since the epoch).
 */
export const spreadDay = (id: string, askedAt: number, everyDays: number): number =>
  dayOf(askedAt) + 1 + (hash(id) % everyDays);

/** FNV-1a with 32 bits. The bits are mixed once more, because IDs differ in few characters. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
