import * as v from 'valibot';
import { hasNameTwice, lowerKeys } from './policy-document.ts';

/** The patterns of an element. `not`: the element is `NotAction` or `NotResource`. */
export interface Patterns {
  readonly not: boolean;
  readonly patterns: readonly string[];
}

/** One operator and key of a statement's Condition element. */
export interface ConditionClause {
  /** In lower case. */
  readonly operator: string;
  /** In lower case. */
  readonly key: string;
  readonly values: readonly string[];
}

export interface PolicyStatement {
  readonly sid: string | null;
  /** Its position in the document, from 1. */
  readonly number: number;
  readonly allows: boolean;
  readonly actions: Patterns;
  /** Null: the statement has no such element, and matches nothing. */
  readonly resources: Patterns | null;
  /** All must hold. */
  readonly conditions: readonly ConditionClause[];
  /** Condition keys, as written. */
  readonly conditionKeys: readonly string[];
  /** `Resource`, `NotResource` and `Condition`, unchanged. */
  readonly scope: Readonly<Record<string, unknown>>;
}

export type PolicyText =
  | { readonly kind: 'readable'; readonly version: string; readonly statements: readonly PolicyStatement[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** The version of a document without `Version` (IAM User Guide, "IAM JSON policy elements: Version"). */
const DEFAULT_VERSION = '2008-10-17';

const list = <T extends v.GenericSchema>(one: T) =>
  v.union([
    v.array(one),
    v.pipe(
      one,
      v.transform((single) => [single]),
    ),
  ]);
const Element = v.optional(list(v.string()));
const Document = v.object({
  version: v.optional(v.string(), DEFAULT_VERSION),
  statement: list(v.unknown()),
});
/** Values by key, by operator. Not validated as a record, because valibot's record drops keys such as `constructor`. */
type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isConditions = (value: unknown): boolean => isObject(value) && Object.values(value).every(isObject);

/** Strict, because an unknown element might change the meaning of the others. */
const Statement = v.strictObject({
  sid: v.optional(v.string()),
  effect: v.picklist(['Allow', 'Deny']),
  action: Element,
  notaction: Element,
  resource: Element,
  notresource: Element,
  condition: v.optional(v.custom<Conditions>(isConditions, 'must have keys by operator')),
});

const unreadable = (reason: string): PolicyText => ({ kind: 'unreadable', reason });

/** Parses a whole identity policy. Never throws: a document that is not fully understood is `unreadable`. */
export function readStatements(text: string): PolicyText {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return unreadable('it is not JSON');
    throw error;
  }
  const document = v.safeParse(Document, lowerKeys(content));
  if (!document.success) return unreadable('it has no statements');
  if (hasNameTwice(content)) return unreadable('it has the same element twice');
  const statements: PolicyStatement[] = [];
  for (const [index, raw] of document.output.statement.entries()) {
    const statement = toStatement(raw, index + 1);
    if (statement === null) return unreadable(`its statement ${index + 1} has an unknown form`);
    statements.push(statement);
  }
  return { kind: 'readable', version: document.output.version, statements };
}

function toStatement(raw: unknown, number: number): PolicyStatement | null {
  const lowered = lowerKeys(raw);
  const parsed = v.safeParse(Statement, lowered);
  // No element may be lost. If a name occurs in two spellings, only one of them would be read.
  if (!parsed.success || !isObject(raw)) return null;
  const { sid = null, effect, action, notaction, resource, notresource, condition } = parsed.output;
  if (Object.keys(parsed.output).length !== Object.keys(raw).length) return null;
  const actions = oneOf(action, notaction);
  const conditions = clausesOf(condition ?? {});
  if (actions === null || conditions === null || (resource === undefined) === (notresource === undefined)) return null;
  return {
    sid,
    number,
    allows: effect === 'Allow',
    actions,
    resources: oneOf(resource, notresource),
    conditions,
    conditionKeys: Object.values(condition ?? {}).flatMap((keys) => Object.keys(keys)),
    scope: {
      ...(resource === undefined ? {} : { Resource: asWritten(resource) }),
      ...(notresource === undefined ? {} : { NotResource: asWritten(notresource) }),
      ...(condition === undefined ? {} : { Condition: condition }),
    },
  };
}

/** Null if a value has a form that IAM does not document. */
function clausesOf(conditions: Conditions): ConditionClause[] | null {
  const clauses: ConditionClause[] = [];
  for (const [operator, keys] of Object.entries(conditions)) {
    for (const [key, written] of Object.entries(keys)) {
      const list: readonly unknown[] = Array.isArray(written) ? written : [written];
      const values = list.map(conditionValue).filter((value) => value !== null);
      if (values.length < list.length) return null;
      clauses.push({ operator: operator.toLowerCase(), key: key.toLowerCase(), values });
    }
  }
  return clauses;
}

/** IAM also accepts numbers and booleans. */
function conditionValue(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Null if neither or both exist. */
function oneOf(element: string[] | undefined, not: string[] | undefined): Patterns | null {
  if ((element === undefined) === (not === undefined)) return null;
  return element === undefined ? { not: true, patterns: not ?? [] } : { not: false, patterns: element };
}

/** The element's value in a document: a single pattern without a list. */
export const asWritten = (patterns: readonly string[]): unknown => (patterns.length === 1 ? patterns[0] : patterns);
