const DAY_MS = 86_400_000;

/**
 * Whether a part is asked again although nothing seems to have changed. Each principal, or group of principals that
 * share a simulation, has a day of its own in every period, by a hash of its id, so that an account's refreshes are spread evenly and stay so: also after a day on which
 * all were asked. A day without a run is made up for by age.
 * @param askedAt when the part was found, and `now`: milliseconds since the epoch
 */
export function isRefreshDue(id: string, askedAt: number, now: number, everyDays: number): boolean {
  const today = Math.floor(now / DAY_MS);
  const asked = Math.floor(askedAt / DAY_MS);
  if (asked >= today) return false;
  return today - asked >= everyDays || today % everyDays === hash(id) % everyDays;
}

/** FNV-1a with 32 bits, and the bits mixed once more: ids differ in few characters. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
