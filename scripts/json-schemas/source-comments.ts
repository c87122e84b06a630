import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { JsonSchema } from '@valibot/to-json-schema';
import ts from 'typescript';

const folder = new URL('../../core/contract/', import.meta.url);

/** A constant of a module: its value in the source, and the comment above it. */
interface Constant {
  readonly value: ts.Expression;
  readonly comment: string | null;
  readonly isExported: boolean;
  readonly module: SourceModule;
}

interface SourceModule {
  readonly path: string;
  readonly text: string;
  readonly constants: ReadonlyMap<string, Constant>;
  /** By local name: the module and the name there. */
  readonly imports: ReadonlyMap<string, { readonly from: string; readonly name: string }>;
}

/**
 * Describes JSON Schemas with the comments of the valibot schemas from which they were made, so that a field is described
 * in one place. Reads the sources of `core/contract/`.
 */
export class SourceComments {
  readonly #modules = new Map<string, SourceModule>();

  constructor() {
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (path.endsWith('.ts')) this.#modules.set(path, readModule(path));
    }
  }

  /** Adds descriptions to the schema that has this name in `core/contract/`. */
  describe(schema: JsonSchema, name: string): void {
    const found = [...this.#modules.values()].flatMap((module) => {
      const constant = module.constants.get(name);
      return constant?.isExported === true ? [constant] : [];
    });
    const [constant] = found;
    if (constant === undefined || found.length > 1) {
      throw new Error(`core/contract/ must have one schema with the name ${name}, but has ${found.length}.`);
    }
    this.#describeConstant(schema, constant);
  }

  #describeConstant(schema: JsonSchema, { value, comment, module }: Constant): void {
    setDescription(schema, comment);
    this.#describeValue(schema, value, module);
  }

  #describeValue(schema: JsonSchema, value: ts.Expression, module: SourceModule): void {
    // What a reference names has its own description.
    if (schema.$ref !== undefined) return;
    if (ts.isIdentifier(value)) {
      const constant = this.#find(value.text, module);
      if (constant !== null) this.#describeConstant(schema, constant);
      return;
    }
    if (ts.isPropertyAccessExpression(value)) {
      this.#describeNamedEntry(schema, value, module);
      return;
    }
    const call = valibotCall(value);
    if (call === null) return;
    const [first, second] = call.arguments;
    switch (call.name) {
      case 'object':
      case 'strictObject':
        if (first !== undefined) this.#describeEntries(schema, first, module);
        return;
      case 'optional':
      case 'fallback':
      case 'pipe':
        if (first !== undefined) this.#describeValue(schema, first, module);
        return;
      case 'nullable':
        this.#describePart(schema.anyOf?.[0], first, module);
        return;
      case 'array':
        this.#describePart(schema.items, first, module);
        return;
      case 'record':
        this.#describePart(schema.additionalProperties, second, module);
        return;
      case 'union':
        this.#describeOptions(schema.anyOf, first, module);
        return;
      case 'variant':
        this.#describeOptions(schema.oneOf, second, module);
    }
  }

  #describePart(part: Part, value: ts.Expression | undefined, module: SourceModule): void {
    if (isSchema(part) && value !== undefined) this.#describeValue(part, value, module);
  }

  #describeOptions(options: readonly Part[] | undefined, value: ts.Expression | undefined, module: SourceModule): void {
    if (value === undefined || !ts.isArrayLiteralExpression(value)) return;
    for (const [index, element] of value.elements.entries()) {
      const option = options?.[index];
      if (!isSchema(option)) continue;
      setDescription(option, commentAbove(element, module));
      this.#describeValue(option, element, module);
    }
  }

  #describeEntries(schema: JsonSchema, entries: ts.Expression, module: SourceModule): void {
    if (!ts.isObjectLiteralExpression(entries)) return;
    for (const entry of entries.properties) {
      if (ts.isSpreadAssignment(entry)) {
        const spread = this.#entriesOf(entry.expression, module);
        if (spread !== null) this.#describeEntries(schema, spread.value, spread.module);
      } else if (ts.isPropertyAssignment(entry)) {
        this.#describeEntry(schema, entry, module);
      }
    }
  }

  #describeEntry(schema: JsonSchema, entry: ts.PropertyAssignment, module: SourceModule): void {
    const field = schema.properties?.[entry.name.getText()];
    if (!isSchema(field)) return;
    setDescription(field, commentAbove(entry, module));
    this.#describePart(field, entry.initializer, module);
  }

  /** Describes the schema of `Schema.entries.field`, or of a field of a constant with entries. */
  #describeNamedEntry(
    schema: JsonSchema,
    { expression, name }: ts.PropertyAccessExpression,
    module: SourceModule,
  ): void {
    const entries = this.#entriesOf(expression, module);
    if (entries === null || !ts.isObjectLiteralExpression(entries.value)) return;
    for (const entry of entries.value.properties) {
      if (!ts.isPropertyAssignment(entry) || entry.name.getText() !== name.text) continue;
      setDescription(schema, commentAbove(entry, entries.module));
      this.#describeValue(schema, entry.initializer, entries.module);
    }
  }

  /** The object of `Schema.entries`, or of a constant with entries. */
  #entriesOf(expression: ts.Expression, module: SourceModule): Constant | null {
    if (ts.isIdentifier(expression)) return this.#find(expression.text, module);
    if (!ts.isPropertyAccessExpression(expression) || !ts.isIdentifier(expression.expression)) return null;
    const schema = this.#find(expression.expression.text, module);
    const entries = schema === null ? undefined : valibotCall(schema.value)?.arguments[0];
    return schema === null || entries === undefined ? null : { ...schema, value: entries };
  }

  /** Null if neither the module nor a module of `core/contract/` that it imports has the constant. */
  #find(name: string, module: SourceModule): Constant | null {
    const own = module.constants.get(name);
    if (own !== undefined) return own;
    const imported = module.imports.get(name);
    const from = imported === undefined ? undefined : this.#modules.get(imported.from);
    return imported === undefined || from === undefined ? null : this.#find(imported.name, from);
  }
}

type Part = JsonSchema | boolean | readonly unknown[] | undefined;

const isSchema = (part: Part): part is JsonSchema => typeof part === 'object' && !Array.isArray(part);

/** A comment that is nearer to the place of use has priority. */
function setDescription(schema: JsonSchema, comment: string | null): void {
  if (comment !== null) schema.description ??= comment;
}

/** `v.name(…)` in the source; null for anything else. */
function valibotCall(
  value: ts.Expression,
): { readonly name: string; readonly arguments: readonly ts.Expression[] } | null {
  if (!ts.isCallExpression(value) || !ts.isPropertyAccessExpression(value.expression)) return null;
  const { expression, name } = value.expression;
  return expression.getText() === 'v' ? { name: name.text, arguments: value.arguments } : null;
}

function readModule(path: string): SourceModule {
  const text = readFileSync(new URL(path, folder), 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const constants = new Map<string, Constant>();
  const imports = new Map<string, { readonly from: string; readonly name: string }>();
  const module = { path, text, constants, imports };
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      const comment = commentAbove(statement, module);
      const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (initializer !== undefined)
          constants.set(name.getText(), { value: initializer, comment, isExported, module });
      }
    } else if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const from = statement.moduleSpecifier.text;
      const named = statement.importClause?.namedBindings;
      if (!from.startsWith('.') || named === undefined || !ts.isNamedImports(named)) continue;
      for (const { name, propertyName } of named.elements) {
        imports.set(name.text, { from: posix.join(posix.dirname(path), from), name: (propertyName ?? name).text });
      }
    }
  }
  return module;
}

/** The text of the documentation comment directly above a node; null if there is none. */
function commentAbove(node: ts.Node, { text }: Pick<SourceModule, 'text'>): string | null {
  const range = ts.getLeadingCommentRanges(text, node.getFullStart())?.at(-1);
  const comment = range === undefined ? '' : text.slice(range.pos, range.end);
  if (!comment.startsWith('/**')) return null;
  const lines = comment
    .slice('/**'.length, -'*/'.length)
    .split('\n')
    .map((line) => line.replace(/^\s*\*\s?/, '').trim());
  const words = lines.join(' ').trim();
  return words === '' ? null : words;
}
