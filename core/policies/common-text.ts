/** At most this many pairs of places are compared. */
const MOST_PAIRS = 250_000;

/** What stands for a `?` and where any text may stand. */
const ANY_CHARACTER = 'x';

/**
 * A text that two patterns with `*` and `?` both match. Null: there is none. Undefined: the patterns are too long to tell.
 * Each pair of a place in one and a place in the other is looked at once.
 */
export function commonText(one: string, other: string): string | null | undefined {
  const width = other.length + 1;
  if ((one.length + 1) * width > MOST_PAIRS) return undefined;
  // From where each pair of places was reached, and by which character.
  const reached = new Map<number, { readonly from: number; readonly by: string }>([[0, { from: -1, by: '' }]]);
  const open = [0];
  const end = (one.length + 1) * width - 1;
  for (let at = open.pop(); at !== undefined && at !== end; at = open.pop()) {
    const [left, right] = [Math.floor(at / width), at % width];
    const [a, b] = [one[left], other[right]];
    const go = (stepsLeft: number, stepsRight: number, by: string): void => {
      const to = at + stepsLeft * width + stepsRight;
      if (reached.has(to)) return;
      reached.set(to, { from: at, by });
      open.push(to);
    };
    if (a !== undefined && a !== '*' && b !== undefined && b !== '*') {
      if (a === '?' || b === '?' || a === b) go(1, 1, characterOf(a === '?' ? b : a));
      continue;
    }
    if (a === '*') {
      go(1, 0, '');
      if (b !== undefined && b !== '*') go(0, 1, characterOf(b));
    }
    if (b === '*') {
      go(0, 1, '');
      if (a !== undefined && a !== '*') go(1, 0, characterOf(a));
    }
  }
  if (!reached.has(end)) return null;
  const text: string[] = [];
  for (let step = reached.get(end); step !== undefined; step = reached.get(step.from)) text.push(step.by);
  return text.reverse().join('');
}

const characterOf = (character: string): string => (character === '?' ? ANY_CHARACTER : character);
