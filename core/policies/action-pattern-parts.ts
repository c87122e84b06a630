import { actionPattern } from './action-pattern.ts';
import type { Patterns } from './statements.ts';

/**
 * What is left of an action pattern behind a service's prefix: patterns that together match exactly the names of the
 * service's actions that it matches. `*` leaves `*` of every service, `s3:Get*` leaves `Get*` of `s3`.
 * @param namespace in lower case
 */
export function patternsWithinService(pattern: string, namespace: string): string[] {
  let at = withStarsSkipped(pattern, new Set([0]));
  for (const character of `${namespace}:`) {
    const next = new Set<number>();
    for (const index of at) {
      const wanted = pattern[index];
      if (wanted === '*') next.add(index);
      else if (wanted === '?' || wanted?.toLowerCase() === character) next.add(index + 1);
    }
    if (next.size === 0) return [];
    at = withStarsSkipped(pattern, next);
  }
  return [...at].flatMap((index) => {
    const rest = pattern.slice(index);
    // A name is not empty and has no colon; behind a star stands nothing that the star does not take in.
    const isTakenIn = index > 0 && pattern[index - 1] === '*' && at.has(index - 1);
    return rest === '' || rest.includes(':') || isTakenIn ? [] : [rest];
  });
}

/** Also the places behind stars, which may stand for nothing. */
function withStarsSkipped(pattern: string, at: ReadonlySet<number>): Set<number> {
  const all = new Set(at);
  for (const index of all) if (pattern[index] === '*') all.add(index + 1);
  return all;
}

export const hasWildcard = (pattern: string): boolean => /[*?]/.test(pattern);

/** Whether it matches everything. */
export const isEverything = (pattern: string): boolean => /^\*+$/.test(pattern);

/** The service that a pattern names, in lower case; null where wildcards stand for it. */
export const namedService = (pattern: string): string | null => /^([^*?:]+):/.exec(pattern)?.[1]?.toLowerCase() ?? null;

/** Whether an action, in lower case, is meant. */
export function actionMatcher({ not, patterns }: Patterns): (lowerCaseAction: string) => boolean {
  const compiled = patterns.map(actionPattern);
  return (action) => compiled.some((matches) => matches(action)) !== not;
}
