import * as v from 'valibot';
import { DamagedObject, type ByteRange, type ObjectStore } from './store.ts';

/** What a stored object contains, with the version that was read. */
export interface StoredObject<Value> {
  readonly value: Value;
  readonly etag: string;
}

/** Reads a JSON object; null if it does not exist. @throws StoreError, DamagedObject */
export async function readObject<const Schema extends v.GenericSchema>(
  store: ObjectStore,
  key: string,
  schema: Schema,
): Promise<StoredObject<v.InferOutput<Schema>> | null> {
  const stored = await store.read(key);
  if (stored === null) return null;
  const { text, etag } = stored;
  const parsed = parseStored(text, schema);
  if ('fault' in parsed) throw new DamagedObject(key, `it ${parsed.fault}`, { etag, cause: parsed.cause });
  return { value: parsed.value, etag };
}

/** The content of a JSON object; null if it does not exist. @throws StoreError, DamagedObject */
export async function readValue<const Schema extends v.GenericSchema>(
  store: ObjectStore,
  key: string,
  schema: Schema,
): Promise<v.InferOutput<Schema> | null> {
  return (await readObject(store, key, schema))?.value ?? null;
}

/** Reads the lines of an object, each a JSON text. @throws ObjectNotFound, StoreError, DamagedObject */
export async function* readObjectLines<const Schema extends v.GenericSchema>(
  store: ObjectStore,
  key: string,
  schema: Schema,
  range?: ByteRange,
): AsyncGenerator<v.InferOutput<Schema>> {
  let line = 0;
  for await (const text of store.readLines(key, range)) {
    line += 1;
    yield parseLine(key, text, schema, line);
  }
}

/**
 * Parses a line of an object. For readers that need the text or the place of a line too.
 * @param line its number, counted from 1; undefined if it is not known
 * @throws DamagedObject
 */
export function parseLine<const Schema extends v.GenericSchema>(
  key: string,
  text: string,
  schema: Schema,
  line?: number,
): v.InferOutput<Schema> {
  const parsed = parseStored(text, schema);
  if (!('fault' in parsed)) return parsed.value;
  const subject = line === undefined ? 'one of its lines' : `line ${line}`;
  throw new DamagedObject(key, `${subject} ${parsed.fault}`, { cause: parsed.cause });
}

/**
 * The result of `read`, or `instead` if it meets a damaged object.
 * @param tell is told what is wrong, and what follows
 */
export async function unlessDamaged<Value, Instead>(
  read: () => Promise<Value>,
  instead: Instead,
  tell: (damage: DamagedObject) => void,
): Promise<Value | Instead> {
  try {
    return await read();
  } catch (error: unknown) {
    if (!(error instanceof DamagedObject)) throw error;
    tell(error);
    return instead;
  }
}

/** The items before the first damaged one. Calls `tell` with the damage. @throws StoreError if the store does not answer */
export async function* untilDamage<Item>(
  items: AsyncIterable<Item>,
  tell: (damage: DamagedObject) => void,
): AsyncGenerator<Item> {
  try {
    yield* items;
  } catch (error: unknown) {
    if (!(error instanceof DamagedObject)) throw error;
    tell(error);
  }
}

/** `fault`: what is wrong, as the end of a clause about the object or line. */
type Parsed<Value> = { readonly value: Value } | { readonly fault: string; readonly cause?: unknown };

const Versioned = v.object({ schemaVersion: v.number() });

function parseStored<const Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
): Parsed<v.InferOutput<Schema>> {
  if (text.trim() === '') return { fault: 'is empty' };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error: unknown) {
    if (!(error instanceof SyntaxError)) throw error;
    const fault = endsTooEarly(text, error) ? 'ends too early' : `is not valid JSON (${error.message})`;
    return { fault, cause: error };
  }
  const parsed = v.safeParse(schema, content);
  const versioned = v.safeParse(Versioned, content);
  const version = versioned.success ? versioned.output.schemaVersion : null;
  if (!parsed.success) {
    const known = parsed.issues.find((issue) => v.getDotPath(issue) === 'schemaVersion');
    return version !== null && known !== undefined
      ? { fault: otherVersion(version, versionsIn(known.expected)) }
      : { fault: shapeFault(parsed.issues), cause: new v.ValiError(parsed.issues) };
  }
  // Objects that have had only one version do not name it.
  if (version !== null && version !== 1 && !v.is(Versioned, parsed.output))
    return { fault: otherVersion(version, '1') };
  return { value: parsed.output };
}

/** Whether a parser reached the end of the text before the end of the value. */
function endsTooEarly(text: string, { message }: SyntaxError): boolean {
  if (/end of JSON input|Unterminated/.test(message)) return true;
  const position = /at position (\d+)/.exec(message)?.[1];
  return position !== undefined && Number(position) >= text.trimEnd().length;
}

const otherVersion = (version: number, known: string): string =>
  `has schema version ${version}, but this version of iam-audit reads version ${known}`;

/** @param expected as valibot writes literals: `1`, or `(3 | 2)` */
const versionsIn = (expected: string | null): string =>
  (expected ?? '1').replace(/[()]/g, '').replaceAll(' | ', ' and ');

function shapeFault(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const [issue] = issues;
  const path = v.getDotPath(issue);
  if (path !== null && issue.input === undefined) return `lacks the field ${path}`;
  return path === null ? `has another content (${issue.message})` : `has a wrong field ${path} (${issue.message})`;
}
