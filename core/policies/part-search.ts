/** Bits of a word that JavaScript's operators keep without a sign. */
const BITS = 30;

const ANY = '?'.charCodeAt(0);

/**
 * Compiles the search for a part of a pattern, in which `?` matches one character (Shift-And: Baeza-Yates and Gonnet, "A new
 * approach to text searching", 1992). A bit of the state says that the part matches until there. The search reads each character once, and
 * then takes a step for each 30 characters of the part: at most 34,000 steps for a part of 500 characters in a text of 2,000.
 * @returns a function that finds the end of the first match within `from` and `to`, or null
 */
export function partSearch(part: string): (text: string, from: number, to: number) => number | null {
  let compiled: Compiled | null = null;
  return (text, from, to) => {
    // Many patterns are never compared with a text that reaches this part.
    if (to - from < part.length) return null;
    return endOfFirstMatch((compiled ??= compile(part)), text, from, to);
  };
}

interface Compiled {
  /** By character: the places of the part that it matches, as bits. */
  readonly places: ReadonlyMap<number, Uint32Array>;
  /** The places of `?`, which match every other character. */
  readonly others: Uint32Array;
  /** The last place. */
  readonly end: { readonly word: number; readonly bit: number };
}

function compile(part: string): Compiled {
  const words = Math.ceil(part.length / BITS);
  const others = new Uint32Array(words);
  const places = new Map<number, Uint32Array>();
  const set = (bits: Uint32Array, place: number): void => {
    const word = Math.floor(place / BITS);
    bits[word] = (bits[word] ?? 0) | (1 << (place % BITS));
  };
  const codes = Array.from({ length: part.length }, (_, place) => part.charCodeAt(place));
  for (const [place, code] of codes.entries()) if (code === ANY) set(others, place);
  for (const [place, code] of codes.entries()) {
    if (code === ANY) continue;
    const bits = places.get(code) ?? others.slice();
    places.set(code, bits);
    set(bits, place);
  }
  const last = part.length - 1;
  return { places, others, end: { word: Math.floor(last / BITS), bit: 1 << (last % BITS) } };
}

function endOfFirstMatch({ places, others, end }: Compiled, text: string, from: number, to: number): number | null {
  const state = new Uint32Array(others.length);
  for (let at = from; at < to; at += 1) {
    const matching = places.get(text.charCodeAt(at)) ?? others;
    // A match may begin at every character.
    let carried = 1;
    for (let word = 0; word < state.length; word += 1) {
      const before = state[word] ?? 0;
      state[word] = ((before << 1) | carried) & (matching[word] ?? 0);
      carried = (before >>> (BITS - 1)) & 1;
    }
    if (((state[end.word] ?? 0) & end.bit) !== 0) return at + 1;
  }
  return null;
}
