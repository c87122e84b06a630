import { asWritten, type Patterns, type PolicyStatement } from '../policies/statements.ts';

/** An Allow statement of the new policy. */
export interface NewStatement {
  readonly actions: Patterns;
  readonly scope: PolicyStatement['scope'];
}

type Statement = Record<string, unknown>;

/**
 * The statements of the new policy. Allow statements with the same resources and conditions are merged, Deny statements
 * are copied, and equal statements appear once. The order depends only on the content of the statements.
 */
export function mergedStatements(allows: readonly NewStatement[], denies: readonly PolicyStatement[]): Statement[] {
  const merged = new Map<string, { actions: Set<string>; scope: PolicyStatement['scope'] }>();
  const single = new Map<string, Statement>();
  for (const { actions, scope } of allows) {
    if (actions.not) {
      const statement = { Effect: 'Allow', NotAction: asWritten(ordered(actions.patterns)), ...scope };
      single.set(canonical(statement), statement);
      continue;
    }
    const key = canonical(scope);
    const sameScope = merged.get(key) ?? { actions: new Set(), scope };
    merged.set(key, sameScope);
    for (const action of actions.patterns) sameScope.actions.add(action);
  }
  for (const { actions, scope } of merged.values()) {
    const statement = { Effect: 'Allow', Action: asWritten(ordered([...actions])), ...scope };
    single.set(canonical(statement), statement);
  }
  for (const { actions, scope } of denies) {
    const element = actions.not ? 'NotAction' : 'Action';
    const statement = { Effect: 'Deny', [element]: asWritten(actions.patterns), ...scope };
    single.set(canonical(statement), statement);
  }
  return [...single]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, statement]) => statement)
    .sort((a, b) => Number(a.Effect === 'Deny') - Number(b.Effect === 'Deny'));
}

/** Sorted, without duplicates (ignoring case), and without patterns of a service whose `service:*` is there too. */
function ordered(patterns: readonly string[]): string[] {
  const byLowerCase = new Map(patterns.map((pattern) => [pattern.toLowerCase(), pattern]));
  const isIncluded = (lower: string): boolean => {
    const all = `${lower.split(':')[0] ?? ''}:*`;
    return lower !== all && byLowerCase.has(all);
  };
  return [...byLowerCase]
    .filter(([lower]) => !isIncluded(lower))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, pattern]) => pattern);
}

/** JSON with sorted keys, so that equal values give equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
