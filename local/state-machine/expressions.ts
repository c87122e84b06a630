import jsonata from 'jsonata';
import * as v from 'valibot';
import type { Random } from '../../core/ports/clock.ts';
import { checkExpression } from './expression-check.ts';
import { ExpressionError } from './expression-syntax.ts';
import { StateFault } from './faults.ts';
import { awsFunctions } from './jsonata-functions.ts';
import { plainJson } from './plain-json.ts';
import type { OptionalField } from './states-fields.ts';

/** The values that expressions can read: `$states` and the variables in scope. */
export type Bindings = Readonly<Record<string, unknown>>;

export interface Template {
  /** Names of the variables that the template reads. */
  readonly variables: ReadonlySet<string>;
  /** @throws StateFault States.QueryEvaluationError */
  evaluate(bindings: Bindings): Promise<unknown>;
}

const delimited = /^\{%([\s\S]*)%\}$/;
/**
 * Text with only one of the delimiters. Step Functions treats it as text or refuses it, but its author meant an
 * expression.
 */
const halfDelimited = /^\s*\{%|%\}\s*$/;

export interface TemplateCompiler {
  readonly random: Random;
  /** The optional parts of `$states` that the template's field may read. */
  readonly available: ReadonlySet<OptionalField>;
}

/** Compiles a JSON value in which every string of the form `{% … %}` is an expression. @throws ExpressionError */
export function compileTemplate(value: unknown, compiler: TemplateCompiler): Template {
  if (typeof value === 'string') {
    const source = delimited.exec(value)?.[1];
    if (source !== undefined) return compileExpression(source, compiler);
    if (halfDelimited.test(value)) throw new ExpressionError(`"${value}" is not delimited by {% and %}`);
    return constant(value);
  }
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown) => compileTemplate(part, compiler));
    return {
      variables: union(parts),
      evaluate: (bindings) => Promise.all(parts.map((part) => part.evaluate(bindings))),
    };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, part]) => [key, compileTemplate(part, compiler)] as const);
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

function compileExpression(source: string, { random, available }: TemplateCompiler): Template {
  const text = `"${source.trim()}"`;
  const expression = parse(source);
  for (const [name, work] of Object.entries(awsFunctions(random))) expression.registerFunction(name, work);
  let variables: ReadonlySet<string>;
  try {
    variables = checkExpression(expression.ast(), available);
  } catch (error: unknown) {
    if (error instanceof ExpressionError) throw new ExpressionError(`${text} ${error.message}`);
    throw error;
  }
  return {
    variables,
    evaluate: async (bindings) => {
      try {
        return plainJson(await expression.evaluate(undefined, bindings));
      } catch (error: unknown) {
        throw new StateFault('States.QueryEvaluationError', `${text}: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}

function parse(source: string): jsonata.Expression {
  try {
    return jsonata(source);
  } catch (error: unknown) {
    throw new ExpressionError(`"${source.trim()}" is not JSONata: ${messageOf(error)}`, { cause: error });
  }
}

const messageOf = (error: unknown): string => {
  const parsed = v.safeParse(v.object({ message: v.string() }), error);
  return parsed.success ? parsed.output.message : String(error);
};
