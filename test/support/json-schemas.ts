import Ajv2020 from 'ajv/dist/2020.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '../../docs/schemas');
const ENDING = '.schema.json';

/** Names of the JSON Schemas in `docs/schemas/`. */
export const schemaNames = readdirSync(folder)
  .map((file) => file.slice(0, -ENDING.length))
  .sort();

const isTime = (text: string): boolean => !Number.isNaN(Date.parse(text));

export const readSchema = (name: string): object =>
  JSON.parse(readFileSync(join(folder, `${name}${ENDING}`), 'utf8')) as object;

/** The same schema without room for fields that it does not describe. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(part)) copy[key] = closed(value);
  // A field may have the name `properties`, but it has no `type` next to it.
  return copy.type === 'object' && 'properties' in copy ? { additionalProperties: false, ...copy } : copy;
}

const compile = (schema: object) =>
  new Ajv2020({ strict: true, strictTuples: false, allErrors: true, formats: { 'date-time': isTime } }).compile(schema);

const open = new Map<string, ReturnType<typeof compile>>();
const strict = new Map<string, ReturnType<typeof compile>>();

/** Compiles the schema once. */
function validator(name: string, isClosed: boolean): ReturnType<typeof compile> {
  const known = isClosed ? strict : open;
  const compiled = known.get(name) ?? compile((isClosed ? closed(readSchema(name)) : readSchema(name)) as object);
  known.set(name, compiled);
  return compiled;
}

/** Where a value does not fit its schema in `docs/schemas/`, as ajv says it. Unknown fields are allowed. */
export function mismatches(name: string, value: unknown): string[] {
  const validate = validator(name, false);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

/** Expects that a value fits its schema in `docs/schemas/`, and that the schema describes every field. */
export function expectSchema(name: string, value: unknown): void {
  const validate = validator(name, true);
  validate(value);
  expect((validate.errors ?? []).map(({ instancePath, message, params }) => [instancePath, message, params])).toEqual(
    [],
  );
}
