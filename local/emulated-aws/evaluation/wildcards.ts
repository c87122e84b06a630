/** Placeholders for a literal `*` and `?` in a pattern, which a policy writes as `${*}` and `${?}`. */
export const literals: Readonly<Record<string, string>> = { '*': '\ue000', '?': '\ue001' };
const literalCharacters: Readonly<Record<string, string>> = { '\ue000': '*', '\ue001': '?' };

/** The literal text of a pattern, for operators without wildcards. */
export const plainText = (pattern: string): string =>
  pattern.replace(/[\ue000\ue001]/g, (character) => literalCharacters[character] ?? character);

/** Matches text against a pattern with `*` and `?`. It backtracks only to the last `*`. */
export function matchesWildcards(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let starText = 0;
  while (t < text.length) {
    const expected = pattern[p];
    if (expected === '*') {
      star = p;
      starText = t;
      p += 1;
    } else if (expected !== undefined && (expected === '?' || (literalCharacters[expected] ?? expected) === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      starText += 1;
      t = starText;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** Matches an action case-insensitively. */
export const matchesAction = (pattern: string, action: string): boolean =>
  pattern === '*' || matchesWildcards(pattern.toLowerCase(), action.toLowerCase());

/** Matches the six parts of an ARN one by one, so that a wildcard does not match across a colon. */
export function matchesArn(pattern: string, arn: string): boolean {
  const split = (text: string): string[] => {
    const parts = text.split(':');
    return [...parts.slice(0, 5), parts.slice(5).join(':')];
  };
  const expected = split(pattern);
  const actual = split(arn);
  return (
    expected.length === actual.length && expected.every((part, index) => matchesWildcards(part, actual[index] ?? ''))
  );
}
