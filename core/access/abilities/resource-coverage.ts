import { wildcardPattern } from '../../policies/wildcards.ts';

interface Named {
  readonly arn: string;
}

/** ARNs, with wildcards, on which something is allowed; null: every resource. */
export type Resources = readonly string[] | null;

export const sortedByArn = <View extends Named>(views: readonly View[]): readonly View[] =>
  [...views].sort((a, b) => (a.arn < b.arn ? -1 : a.arn > b.arn ? 1 : 0));

/**
 * The views whose ARN matches every list.
 * @param sorted by ARN, so that only views with a pattern's literal prefix are compared with it
 */
export function viewsMatching<View extends Named>(sorted: readonly View[], lists: readonly Resources[]): View[] {
  const [first, ...others] = lists.filter((list) => list !== null);
  if (first === undefined) return [...sorted];
  const found = new Set<View>();
  for (const pattern of first) {
    const matches = wildcardPattern(pattern);
    for (const view of withPrefix(sorted, /^[^*?]*/.exec(pattern)?.[0] ?? '')) {
      if (matches(view.arn)) found.add(view);
    }
  }
  if (others.length === 0) return [...found];
  const alsoIn = others.map((list) => list.map(wildcardPattern));
  return [...found].filter(({ arn }) => alsoIn.every((patterns) => patterns.some((matches) => matches(arn))));
}

function* withPrefix<View extends Named>(sorted: readonly View[], prefix: string): Generator<View> {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle]?.arn ?? '') < prefix) from = middle + 1;
    else to = middle;
  }
  for (; from < sorted.length; from += 1) {
    const view = sorted[from];
    if (view === undefined || !view.arn.startsWith(prefix)) return;
    yield view;
  }
}
