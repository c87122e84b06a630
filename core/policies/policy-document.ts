import * as v from 'valibot';

/** An Allow as far as ruling out looks at it. Patterns as written; conditions are left out on purpose. */
export interface AllowStatement {
  /** Null: the statement has no such element. */
  readonly actions: readonly string[] | null;
  readonly notActions: readonly string[] | null;
  readonly resources: readonly string[] | null;
}

/** `unreadable`: the document may allow anything, because nobody here can say what it means. */
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

/** IAM takes element names in any case; so must whoever wants to miss none. */
export const lowerKeys = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]))
    : value;

/** Reads the Allow statements of an identity policy. Never throws: what can't be read is said to be unreadable. */
export function parsePolicy(text: string): ParsedPolicy {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return { kind: 'unreadable' };
    throw error;
  }
  const document = v.safeParse(v.object({ statement: Statements }), lowerKeys(content));
  if (!document.success) return { kind: 'unreadable' };
  const allows: AllowStatement[] = [];
  for (const raw of document.output.statement) {
    const statement = v.safeParse(Statement, lowerKeys(raw));
    if (!statement.success) return { kind: 'unreadable' };
    const { effect, action, notaction, resource } = statement.output;
    if (effect.toLowerCase() === 'deny') continue;
    allows.push({ actions: action ?? null, notActions: notaction ?? null, resources: resource ?? null });
  }
  return { kind: 'readable', allows };
}
