/** Stand in a pattern for characters that are no wildcards: what `${*}` and `${?}` mean in a policy. */
export const literals: Readonly<Record<string, string>> = { '*': '\ue000', '?': '\ue001' };
const literalOf: Readonly<Record<string, string>> = { '\ue000': '*', '\ue001': '?' };

/** A pattern for operators that know no wildcards. */
export const plainText = (pattern: string): string =>
  pattern.replace(/[\ue000\ue001]/g, (character) => literalOf[character] ?? character);

/** Matches text against a pattern with `*` and `?`, by walking both with one point to come back to. */
export function matchesWildcards(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    const wanted = pattern[p];
    if (wanted === '*') {
      star = p;
      mark = t;
      p += 1;
    } else if (wanted !== undefined && (wanted === '?' || (literalOf[wanted] ?? wanted) === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      mark += 1;
      t = mark;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** As actions are matched: case does not count. */
export const matchesAction = (pattern: string, action: string): boolean =>
  pattern === '*' || matchesWildcards(pattern.toLowerCase(), action.toLowerCase());

/** As ARN conditions are matched: part by part, so that a wildcard does not reach over a colon. */
export function matchesArn(pattern: string, arn: string): boolean {
  const split = (text: string): string[] => {
    const parts = text.split(':');
    return [...parts.slice(0, 5), parts.slice(5).join(':')];
  };
  const wanted = split(pattern);
  const given = split(arn);
  return wanted.length === given.length && wanted.every((part, index) => matchesWildcards(part, given[index] ?? ''));
}
