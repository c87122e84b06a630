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

/** The elements by name in lower case: IAM accepts names in any case. Values of names that differ only in case all count. */
function elementsOf(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const elements: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    const key = name.toLowerCase();
    elements[key] = key in elements ? [elements[key], value].flat() : value;
  }
  return elements;
}

function principalElement(value: unknown): Principals | null {
  if (value === undefined) return null;
  if (!isObject(value)) return { AWS: list(value) };
  return Object.fromEntries(Object.entries(value).map(([type, names]) => [type, list(names)]));
}

/** The statements of a policy. Each document is parsed only once. */
export function statementsOf(document: PolicyDocument): readonly Statement[] {
  const cached = parsed.get(document);
  if (cached !== undefined) return cached;
  const { statement: raw, version } = elementsOf(document);
  const statements = (Array.isArray(raw) ? raw : [raw])
    .filter(isObject)
    .map((one) => toStatement(elementsOf(one), version === VERSION));
  parsed.set(document, statements);
  return statements;
}

function toStatement(raw: Readonly<Record<string, unknown>>, hasVariables: boolean): Statement {
  return {
    allows: raw.effect === 'Allow',
    hasVariables,
    actions: element(raw.action),
    notActions: element(raw.notaction),
    resources: element(raw.resource),
    notResources: element(raw.notresource),
    principals: principalElement(raw.principal),
    notPrincipals: principalElement(raw.notprincipal),
    conditions: [raw.condition]
      .flat()
      .filter(isObject)
      .flatMap((condition) => Object.entries(condition))
      .flatMap(([operator, keys]) =>
        Object.entries(isObject(keys) ? keys : {}).map(([key, values]) => ({
          operator,
          key,
          values: list(values),
          hasVariables,
        })),
      ),
  };
}
