/**
 * Compiles a pattern in which `*` matches any characters and `?` one character. Matching never
 * backtracks over a star, so a crafted policy can't stall the audit.
 */
export function wildcardPattern(pattern: string): (text: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  if (others.length === 0) return (text) => text.length === first.length && matchesAt(first, text, 0);
  const last = others.pop() ?? '';
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !matchesAt(first, text, 0) || !matchesAt(last, text, end)) return false;
    // The parts in between each match at their earliest position. A later position leaves less text for the next parts.
    let from = first.length;
    for (const part of others) {
      while (from + part.length <= end && !matchesAt(part, text, from)) from += 1;
      if (from + part.length > end) return false;
      from += part.length;
    }
    return true;
  };
}

function matchesAt(part: string, text: string, at: number): boolean {
  for (let index = 0; index < part.length; index += 1) {
    if (part[index] !== '?' && part[index] !== text[at + index]) return false;
  }
  return true;
}
