import type { PolicyDocument } from '../account.ts';

/** A policy statement, with lists in place of single values. Null: the statement does not have this element. */
export interface Statement {
  readonly allows: boolean;
  readonly actions: readonly string[] | null;
  readonly notActions: readonly string[] | null;
  readonly resources: readonly string[] | null;
  readonly notResources: readonly string[] | null;
  /** Operator, context key, values. */
  readonly conditions: readonly {
    readonly operator: string;
    readonly key: string;
    readonly values: readonly string[];
  }[];
}

const parsed = new WeakMap<PolicyDocument, readonly Statement[]>();

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);

const element = (value: unknown): string[] | null => (value === undefined ? null : list(value));

/** The statements of a policy. Each document is parsed only once. */
export function statementsOf(document: PolicyDocument): readonly Statement[] {
  const cached = parsed.get(document);
  if (cached !== undefined) return cached;
  const raw = document.Statement;
  const statements = (Array.isArray(raw) ? raw : [raw]).filter(isObject).map(toStatement);
  parsed.set(document, statements);
  return statements;
}

function toStatement(raw: Readonly<Record<string, unknown>>): Statement {
  return {
    allows: raw.Effect === 'Allow',
    actions: element(raw.Action),
    notActions: element(raw.NotAction),
    resources: element(raw.Resource),
    notResources: element(raw.NotResource),
    conditions: Object.entries(isObject(raw.Condition) ? raw.Condition : {}).flatMap(([operator, keys]) =>
      Object.entries(isObject(keys) ? keys : {}).map(([key, values]) => ({ operator, key, values: list(values) })),
    ),
  };
}
