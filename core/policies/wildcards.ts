import { partSearch } from './part-search.ts';

/**
 * Compiles a pattern in which `*` matches any characters and `?` one character. Matching reads each character of the text at
 * most once between the stars, so a crafted policy can't stall the audit: `part-search.ts` has the bound.
 */
export function wildcardPattern(pattern: string): (text: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  if (others.length === 0) return (text) => text.length === first.length && matchesAt(first, text, 0);
  const last = others.pop() ?? '';
  const searches = others.filter((part) => part !== '').map(partSearch);
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !matchesAt(first, text, 0) || !matchesAt(last, text, end)) return false;
    // The parts in between each match at their earliest position. A later position leaves less text for the next parts.
    let from = first.length;
    for (const endOfFirst of searches) {
      const found = endOfFirst(text, from, end);
      if (found === null) return false;
      from = found;
    }
    return true;
  };
}

const ANY = '?'.charCodeAt(0);

function matchesAt(part: string, text: string, at: number): boolean {
  for (let index = 0; index < part.length; index += 1) {
    const wanted = part.charCodeAt(index);
    if (wanted !== ANY && wanted !== text.charCodeAt(at + index)) return false;
  }
  return true;
}
