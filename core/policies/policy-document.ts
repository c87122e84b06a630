import * as v from 'valibot';

/** The elements of an Allow that are needed to rule out actions. Patterns are unchanged. Conditions are not needed. */
export interface AllowStatement {
  /** Null: the statement does not have this element. */
  readonly actions: readonly string[] | null;
  readonly notActions: readonly string[] | null;
  readonly resources: readonly string[] | null;
}

/** `unreadable`: the document can't be interpreted, so it may allow anything. */
export type ParsedPolicy =
  { readonly kind: 'readable'; readonly allows: readonly AllowStatement[] } | { readonly kind: 'unreadable' };

const Patterns = v.union([
  v.pipe(
    v.string(),
    v.transform((one) => [one]),
  ),
  v.array(v.string()),
]);
const Element = v.optional(Patterns);
const Statement = v.object({ effect: v.string(), action: Element, notaction: Element, resource: Element });
const Statements = v.union([
  v.array(v.unknown()),
  v.pipe(
    v.unknown(),
    v.transform((one) => [one]),
  ),
]);

/** Converts element names to lower case, because IAM accepts them in any case. */
export const lowerKeys = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]))
    : value;

/** Whether two element names differ only in case. Both count, and the parsed object would have only one of them. */
export const hasNameTwice = (value: unknown): boolean => {
  const names = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  return new Set(names.map((name) => name.toLowerCase())).size < names.length;
};

/** Parses the Allow statements of an identity policy. Never throws: an invalid document is `unreadable`. */
export function parsePolicy(text: string): ParsedPolicy {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return { kind: 'unreadable' };
    throw error;
  }
  const document = v.safeParse(v.object({ statement: Statements }), lowerKeys(content));
  if (!document.success || hasNameTwice(content)) return { kind: 'unreadable' };
  const allows: AllowStatement[] = [];
  for (const raw of document.output.statement) {
    const statement = v.safeParse(Statement, lowerKeys(raw));
    if (!statement.success || hasNameTwice(raw)) return { kind: 'unreadable' };
    const { effect, action, notaction, resource } = statement.output;
    if (effect.toLowerCase() === 'deny') continue;
    allows.push({ actions: action ?? null, notActions: notaction ?? null, resources: resource ?? null });
  }
  return { kind: 'readable', allows };
}
