import leven from 'leven';

/** A name that differs in more letters than this, or in more than a third of them, is no suggestion. */
const MAX_LETTERS = 4;
const MOST_SUGGESTIONS = 3;

/** The name that differs in the fewest letters from a mistyped one; null if all differ in too many. */
export function nearestName(mistyped: string, names: Iterable<string>): string | null {
  const wanted = mistyped.toLowerCase();
  const most = Math.min(MAX_LETTERS, Math.max(1, Math.floor(wanted.length / 3)));
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const name of names) {
    const other = name.toLowerCase();
    // Swapped letters are one mistake.
    const distance = sorted(other) === sorted(wanted) ? 1 : leven(other, wanted);
    if (distance <= most && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best?.name ?? null;
}

const sorted = (text: string): string => text.split('').sort().join('');

/** ` Did you mean …?`, or empty text. */
export function suggestionFor(mistyped: string, names: Iterable<string>): string {
  const nearest = nearestName(mistyped, names);
  return nearest === null ? '' : ` Did you mean ${nearest}?`;
}

/** Names that differ in few letters from a mistyped one, or that contain it; the nearest first. */
export function nearNames(mistyped: string, names: Iterable<string>): string[] {
  const wanted = mistyped.toLowerCase();
  const most = Math.max(2, Math.floor(mistyped.length / 3));
  return [...names]
    .map((name) => {
      const other = name.toLowerCase();
      const distance = Math.abs(other.length - wanted.length) > most ? Infinity : leven(other, wanted);
      return { name, distance: wanted.length > 2 && other.includes(wanted) ? Math.min(distance, most) : distance };
    })
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_SUGGESTIONS)
    .map(({ name }) => name);
}
