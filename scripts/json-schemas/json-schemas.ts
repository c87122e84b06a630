import { toJsonSchema, type JsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { Tags } from '../../core/contract/evidence.ts';
import { contractModules } from './contract-modules.ts';
import { publishedSchemas } from './published-schemas.ts';
import { SourceComments } from './source-comments.ts';

/** A schema of the contract, and its name there. */
interface Definition {
  readonly schema: v.GenericSchema;
  readonly name: string;
}

const isSchema = (value: unknown): value is v.GenericSchema =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema';

const definitions: readonly Definition[] = contractModules.flatMap((constants) =>
  Object.entries(constants).flatMap(([name, schema]) => (isSchema(schema) ? [{ schema, name }] : [])),
);

/** Texts of the files in `docs/schemas/`, by their path below `docs/`. */
export function jsonSchemaDocs(): Readonly<Record<string, string>> {
  const comments = new SourceComments();
  return Object.fromEntries(
    Object.entries(publishedSchemas).map(([name, { title, schema }]) => [
      `schemas/${name}.schema.json`,
      `${JSON.stringify(descriptionsFirst(jsonSchemaOf(schema, title, comments)), null, 2)}\n`,
    ]),
  );
}

function jsonSchemaOf(schema: v.GenericSchema, title: string, comments: SourceComments): JsonSchema {
  const parts = definitions.filter((one) => one.schema !== schema);
  const converted = toJsonSchema(schema, {
    target: 'draft-2020-12',
    definitions: Object.fromEntries(parts.map((part) => [part.name, part.schema])),
    overrideSchema: ({ valibotSchema }) =>
      valibotSchema === Tags ? { type: 'object', additionalProperties: { type: 'string' } } : null,
  });
  const { $defs = {}, $schema, ...root } = converted;
  for (const { name } of definitions.filter((one) => one.schema === schema)) comments.describe(root, name);
  for (const { name } of parts) {
    const part = $defs[name];
    if (typeof part === 'object') comments.describe(part, name);
  }
  const { description, ...rest } = root;
  const used = usedDefinitions(rest, $defs);
  return {
    $schema,
    title,
    description,
    ...rest,
    ...(Object.keys(used).length === 0 ? {} : { $defs: used }),
  };
}

type Definitions = NonNullable<JsonSchema['$defs']>;

/** The definitions that a schema refers to, also indirectly, in alphabetical order. */
function usedDefinitions(schema: JsonSchema, all: Definitions): Definitions {
  const used = new Set<string>();
  const visit = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(all[name]);
    }
  };
  visit(schema);
  return Object.fromEntries(
    [...used].sort().flatMap((name) => {
      const part = all[name];
      return part === undefined ? [] : [[name, part]];
    }),
  );
}

/** The same JSON with each description before the other keywords. A field may have the name `description`. */
function descriptionsFirst(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(descriptionsFirst);
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).map(([key, value]) => [key, descriptionsFirst(value)] as const);
  const isFirst = ([key, value]: readonly [string, unknown]): boolean =>
    typeof value === 'string' && ['$schema', 'title', 'description'].includes(key);
  return Object.fromEntries([...entries.filter(isFirst), ...entries.filter((entry) => !isFirst(entry))]);
}
