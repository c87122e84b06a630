import type { PolicyDocument } from '../account.ts';

/** A policy statement, with lists in place of single values. Null: the statement does not have this element. */
export interface Statement {
  readonly allows: boolean;
  /** Whether `${…}` is a variable: only in policies of version 2012-10-17. In older ones it is text. */
  readonly hasVariables: boolean;
  readonly actions: readonly string[] | null;
  readonly notActions: readonly string[] | null;
  readonly resources: readonly string[] | null;
  readonly notResources: readonly string[] | null;
  /** Only resource policies, such as trust policies, have principals. */
  readonly principals: Principals | null;
  readonly notPrincipals: Principals | null;
  /** Operator, context key, values. */
  readonly conditions: readonly {
    readonly operator: string;
    readonly key: string;
    readonly values: readonly string[];
    readonly hasVariables: boolean;
  }[];
}

/** Principals by type, such as `AWS` and `Service`. `"*"` is `{ "AWS": ["*"] }`, which means the same (IAM User Guide). */
export type Principals = Readonly<Record<string, readonly string[]>>;

const VERSION = '2012-10-17';

const parsed = new WeakMap<PolicyDocument, readonly Statement[]>();

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);

const element = (value: unknown): string[] | null => (value === undefined ? null : list(value));

function principalElement(value: unknown): Principals | null {
  if (value === undefined) return null;
  if (!isObject(value)) return { AWS: list(value) };
  return Object.fromEntries(Object.entries(value).map(([type, names]) => [type, list(names)]));
}

/** The statements of a policy. Each document is parsed only once. */
export function statementsOf(document: PolicyDocument): readonly Statement[] {
  const cached = parsed.get(document);
  if (cached !== undefined) return cached;
  const raw = document.Statement;
  const statements = (Array.isArray(raw) ? raw : [raw])
    .filter(isObject)
    .map((one) => toStatement(one, document.Version === VERSION));
  parsed.set(document, statements);
  return statements;
}

function toStatement(raw: Readonly<Record<string, unknown>>, hasVariables: boolean): Statement {
  return {
    allows: raw.Effect === 'Allow',
    hasVariables,
    actions: element(raw.Action),
    notActions: element(raw.NotAction),
    resources: element(raw.Resource),
    notResources: element(raw.NotResource),
    principals: principalElement(raw.Principal),
    notPrincipals: principalElement(raw.NotPrincipal),
    conditions: Object.entries(isObject(raw.Condition) ? raw.Condition : {}).flatMap(([operator, keys]) =>
      Object.entries(isObject(keys) ? keys : {}).map(([key, values]) => ({
        operator,
        key,
        values: list(values),
        hasVariables,
      })),
    ),
  };
}
