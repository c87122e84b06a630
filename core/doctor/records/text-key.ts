/**
 * The text with a replacement character for each half of a surrogate pair that stands alone. DuckDB
 * refuses a whole file of JSON that contains such a half, and any caller can send one in its user agent.
 */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** The first characters, without cutting one in two. */
export const firstCharacters = (text: string, most: number): string =>
  text.length <= most
    ? text
    : Array.from(text.slice(0, 2 * most))
        .slice(0, most)
        .join('');

const LONGEST_VERBATIM = 96;
const VERBATIM_START = 32;

/**
 * A short text that is equal for equal texts. Short texts stay as they are. Long ones become their start, length and
 * two 32-bit hashes: a collision between texts of one caller is improbable, and would only join two of its calls.
 */
export function textKey(text: string): string {
  if (text.length <= LONGEST_VERBATIM) return text;
  return `${firstCharacters(text, VERBATIM_START)}…${text.length}:${hash(text, 0x811c9dc5)}${hash(text, 0x1b873593)}`;
}

/** FNV-1a over UTF-16 code units, with another start value for a second hash. */
function hash(text: string, start: number): string {
  let value = start;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
