import jsonata from 'jsonata';
import { createHash, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Random } from '../../core/clock.ts';
import { StateFault } from './faults.ts';

/** What expressions see: `$states` and the variables in scope. */
export type Bindings = Readonly<Record<string, unknown>>;

export interface Template {
  /** Names of the variables that it reads, `states` and functions left out. */
  readonly variables: ReadonlySet<string>;
  /** @throws StateFault States.QueryEvaluationError */
  evaluate(bindings: Bindings): Promise<unknown>;
}

/** An expression that can't be run here: it does not parse, or uses what Step Functions does not have. */
export class ExpressionError extends Error {
  override name = 'ExpressionError';
}

/** JSONata's own functions that Step Functions leaves out or that would read the real time. */
const REFUSED = new Set(['eval', 'now', 'millis']);

/** Step Functions' additions to JSONata (Developer Guide, "Transforming data with JSONata"). */
const parseJson = (text: string): unknown => JSON.parse(text);

const awsFunctions = (random: Random): Record<string, unknown> => ({
  partition: (items: unknown[], size: number) =>
    Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size)),
  range: (from: number, to: number, step: number) =>
    Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, n) => from + n * step),
  hash: (text: string, algorithm: string) =>
    createHash(algorithm.toLowerCase().replace('-', '')).update(text).digest('hex'),
  random: () => random(),
  uuid: () => randomUUID(),
  parse: parseJson,
});

/** JSONata's built-in functions as version 2 has them: a name that is none of these is a variable. */
const builtIn = new Set(
  (
    'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad ' +
    'match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round ' +
    'abs sqrt power boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each ' +
    'error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl ' +
    'decodeUrlComponent decodeUrl toMillis fromMillis clone'
  ).split(' '),
);

const delimited = /^\{%([\s\S]*)%\}$/;

/** Compiles a JSON value in which every string of the form `{% … %}` is an expression. @throws ExpressionError */
export function compileTemplate(value: unknown, random: Random): Template {
  if (typeof value === 'string') {
    const source = delimited.exec(value)?.[1];
    return source === undefined ? constant(value) : compileExpression(source, random);
  }
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown) => compileTemplate(part, random));
    return {
      variables: union(parts),
      evaluate: (bindings) => Promise.all(parts.map((part) => part.evaluate(bindings))),
    };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, part]) => [key, compileTemplate(part, random)] as const);
    return {
      variables: union(entries.map(([, part]) => part)),
      evaluate: async (bindings) => {
        const values = await Promise.all(
          entries.map(async ([key, part]) => [key, await part.evaluate(bindings)] as const),
        );
        return Object.fromEntries(values);
      },
    };
  }
  return constant(value);
}

const constant = (value: unknown): Template => ({ variables: new Set(), evaluate: () => Promise.resolve(value) });

const union = (parts: readonly Template[]): Set<string> => new Set(parts.flatMap(({ variables }) => [...variables]));

function compileExpression(source: string, random: Random): Template {
  let expression: jsonata.Expression;
  try {
    expression = jsonata(source);
  } catch (error: unknown) {
    throw new ExpressionError(`"${source.trim()}" is not JSONata: ${messageOf(error)}`, { cause: error });
  }
  const functions = awsFunctions(random);
  const names = variablesOf(expression.ast());
  for (const name of names) {
    if (REFUSED.has(name)) throw new ExpressionError(`"${source.trim()}" uses $${name}, which is not implemented.`);
  }
  const variables = new Set(
    [...names].filter((name) => name !== 'states' && !builtIn.has(name) && !(name in functions)),
  );
  return {
    variables,
    evaluate: async (bindings) => {
      let result: unknown;
      try {
        result = await expression.evaluate(undefined, { ...functions, ...bindings });
      } catch (error: unknown) {
        throw new StateFault('States.QueryEvaluationError', `"${source.trim()}": ${messageOf(error)}`, {
          cause: error,
        });
      }
      // JSON knows no infinity: 1/0 is no number there.
      const isNumber = typeof result !== 'number' || Number.isFinite(result);
      if (result === undefined || typeof result === 'function' || !isNumber) {
        throw new StateFault('States.QueryEvaluationError', `"${source.trim()}" has no value.`);
      }
      // JSONata's sequences are arrays with marks of their own: what leaves an expression is plain JSON.
      const plain: unknown = JSON.parse(JSON.stringify(result));
      return plain;
    },
  };
}

const messageOf = (error: unknown): string => {
  const parsed = v.safeParse(v.object({ message: v.string() }), error);
  return parsed.success ? parsed.output.message : String(error);
};

/** Free variables of an expression's syntax tree: read, and bound nowhere in it. */
function variablesOf(tree: unknown): Set<string> {
  const read = new Set<string>();
  const bound = new Set<string>();
  const Variable = v.object({ type: v.literal('variable'), value: v.string() });
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(walk);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const bind = v.safeParse(v.object({ type: v.literal('bind'), lhs: Variable, rhs: v.unknown() }), node);
    if (bind.success) {
      bound.add(bind.output.lhs.value);
      walk(bind.output.rhs);
      return;
    }
    const lambda = v.safeParse(v.object({ type: v.literal('lambda'), arguments: v.array(Variable) }), node);
    if (lambda.success) for (const { value } of lambda.output.arguments) bound.add(value);
    const variable = v.safeParse(Variable, node);
    // `$` and `$$` are the expression's own context.
    if (variable.success && variable.output.value !== '' && variable.output.value !== '$')
      read.add(variable.output.value);
    Object.values(node).forEach(walk);
  };
  walk(tree);
  for (const name of bound) read.delete(name);
  return read;
}
