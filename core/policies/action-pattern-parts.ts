import { actionPattern } from './action-pattern.ts';
import type { Patterns } from './statements.ts';

/**
 * The parts of an action pattern that follow a service's prefix. Together they match exactly those action names of the
 * service that the pattern matches. For `*`, the part is `*` in every service. For `s3:Get*`, it is `Get*` in `s3`.
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
    // An action name is not empty and has no colon. A rest that begins with a star covers the same rest without the
    // star.
    const isCovered = index > 0 && pattern[index - 1] === '*' && at.has(index - 1);
    return rest === '' || rest.includes(':') || isCovered ? [] : [rest];
  });
}

/** Adds the positions after stars, because a star may match nothing. */
function withStarsSkipped(pattern: string, at: ReadonlySet<number>): Set<number> {
  const all = new Set(at);
  for (const index of all) if (pattern[index] === '*') all.add(index + 1);
  return all;
}

export const hasWildcard = (pattern: string): boolean => /[*?]/.test(pattern);

/** Whether the pattern matches everything. */
export const isEverything = (pattern: string): boolean => /^\*+$/.test(pattern);

/** The service in the pattern, in lower case; null if the service part has wildcards. */
export const namedService = (pattern: string): string | null => /^([^*?:]+):/.exec(pattern)?.[1]?.toLowerCase() ?? null;

/** Tests whether the element matches an action, given in lower case. */
export function actionMatcher({ not, patterns }: Patterns): (lowerCaseAction: string) => boolean {
  const compiled = patterns.map(actionPattern);
  return (action) => compiled.some((matches) => matches(action)) !== not;
}
