const LONGEST_VERBATIM = 96;
const VERBATIM_START = 32;

/**
 * A short text that is equal for equal texts. Short texts stay as they are. Long ones become their start, length and
 * two 32-bit hashes: a collision between texts of one caller is improbable, and would only join two of its calls.
 */
export function textKey(text: string): string {
  if (text.length <= LONGEST_VERBATIM) return text;
  return `${text.slice(0, VERBATIM_START)}…${text.length}:${hash(text, 0x811c9dc5)}${hash(text, 0x1b873593)}`;
}

/** FNV-1a over UTF-16 code units, with another start value for a second hash. */
function hash(text: string, start: number): string {
  let value = start;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
