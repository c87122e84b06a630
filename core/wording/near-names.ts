import leven from 'leven';

/** A name that differs in more letters than this, or in more than a third of them, is no suggestion. */
const MAX_LETTERS = 4;
const MOST_SUGGESTIONS = 3;
/** Almost every name of three letters can be had from another one by two mistakes. */
const MIN_FOR_TWO = 5;

/** The name that differs in the fewest letters from a mistyped one; null if all differ in too many. */
export function nearestName(mistyped: string, names: Iterable<string>): string | null {
  const wanted = mistyped.toLowerCase();
  const most = Math.min(MAX_LETTERS, Math.max(1, Math.floor(wanted.length / 3)));
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const name of names) {
    const distance = mistakesIn(wanted, name.toLowerCase(), most);
    if (distance <= most && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best?.name ?? null;
}

/**
 * The number of mistakes between a mistyped name and another one: letters that are missing, added or wrong, and two letters
 * that are swapped. Exact up to `most`.
 */
function mistakesIn(mistyped: string, name: string, most: number): number {
  if (Math.abs(name.length - mistyped.length) > most) return Infinity;
  const distance = leven(mistyped, name);
  // Two swapped letters count twice here.
  if (distance < 2 || distance > most + 1) return distance;
  const swapped = mistyped
    .split('')
    .slice(1)
    .map((letter, index) => {
      const repaired = `${mistyped.slice(0, index)}${letter}${mistyped[index] ?? ''}${mistyped.slice(index + 2)}`;
      return leven(repaired, name) + 1;
    });
  return Math.min(distance, ...swapped);
}

/** ` Did you mean …?`, or empty text. */
export function suggestionFor(mistyped: string, names: Iterable<string>): string {
  const nearest = nearestName(mistyped, names);
  return nearest === null ? '' : ` Did you mean ${nearest}?`;
}

/** Names that differ in few letters from a mistyped one, or that contain it; the nearest first. */
export function nearNames(mistyped: string, names: Iterable<string>): string[] {
  const wanted = mistyped.toLowerCase();
  const most = Math.max(wanted.length < MIN_FOR_TWO ? 1 : 2, Math.floor(wanted.length / 3));
  return [...names]
    .map((name) => {
      const other = name.toLowerCase();
      const distance = mistakesIn(wanted, other, most);
      return { name, distance: wanted.length > 2 && other.includes(wanted) ? Math.min(distance, most) : distance };
    })
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_SUGGESTIONS)
    .map(({ name }) => name);
}
