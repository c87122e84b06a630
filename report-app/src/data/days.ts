const DAY_MS = 86_400_000;

/** The day that is so many days before the report's, as `YYYY-MM-DD` in UTC. */
export function dayOf(generatedAt: string, daysAgo: number): string {
  const today = Math.floor(Date.parse(generatedAt) / DAY_MS);
  return new Date((today - daysAgo) * DAY_MS).toISOString().slice(0, 10);
}

export function agoInWords(daysAgo: number): string {
  if (daysAgo <= 0) return 'today';
  if (daysAgo === 1) return 'yesterday';
  return `${daysAgo} days ago`;
}

/** `1 user`, `2 users`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
