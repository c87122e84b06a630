import { asWritten, type Patterns, type PolicyStatement } from '../policies/statements.ts';

/** An Allow of the new policy. */
export interface NewStatement {
  readonly actions: Patterns;
  readonly scope: PolicyStatement['scope'];
}

type Statement = Record<string, unknown>;

/**
 * The statements of the new policy, in an order that hangs on nothing but what they say: of Allow statements on the same
 * resources and conditions one, Deny statements each as it is, equal ones once.
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
    const known = merged.get(key) ?? { actions: new Set(), scope };
    merged.set(key, known);
    for (const action of actions.patterns) known.actions.add(action);
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

/** Sorted, each once whatever its case, and none that is of a service of which all is meant. */
function ordered(patterns: readonly string[]): string[] {
  const byLowerCase = new Map(patterns.map((pattern) => [pattern.toLowerCase(), pattern]));
  const isTakenIn = (lower: string): boolean => {
    const all = `${lower.split(':')[0] ?? ''}:*`;
    return lower !== all && byLowerCase.has(all);
  };
  return [...byLowerCase]
    .filter(([lower]) => !isTakenIn(lower))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, pattern]) => pattern);
}

/** JSON whose keys are in order, so that equal values are equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
