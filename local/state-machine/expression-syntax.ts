import * as v from 'valibot';
import { awsFunctionNames, builtInFunctions } from './jsonata-functions.ts';

/** An expression that cannot be run here. */
export class ExpressionError extends Error {
  override name = 'ExpressionError';
}

/** @throws ExpressionError */
export function refuse(problem: string): never {
  throw new ExpressionError(problem);
}

/** A part of an expression's syntax tree, as parsed by the library `jsonata`. */
export const Node = v.looseObject({ type: v.string() });
export type Node = v.InferOutput<typeof Node>;
export const Bind = v.looseObject({ type: v.literal('bind'), lhs: v.object({ value: v.string() }), rhs: Node });
const Nodes = v.array(Node);
export const Pairs = v.array(v.tuple([Node, Node]));

export const nodeOf = (value: unknown): Node => v.parse(Node, value);
export const nodesOf = (value: unknown): Node[] => v.parse(v.optional(Nodes, []), value);
export const textOf = (value: unknown): string => v.parse(v.string(), value);

/** Names that an expression binds itself, and whether each is a value or a function. */
export type Scope = ReadonlyMap<string, 'value' | 'function'>;

/** The position of a part in the source. The position of a path is that of its first step. */
export function positionOf(node: Node): number | null {
  const [first] = node.type === 'path' ? nodesOf(node.steps) : [];
  if (first !== undefined) return positionOf(first);
  return typeof node.position === 'number' ? node.position : null;
}

export const isFunctionName = (name: string): boolean => builtInFunctions.has(name) || awsFunctionNames.has(name);

export function withBinding(scope: Scope, name: string, kind: 'value' | 'function'): Scope {
  if (name === 'states') refuse('binds $states');
  if (isFunctionName(name)) refuse(`binds $${name}, which hides the function of that name`);
  return new Map([...scope, [name, kind]]);
}

/** Whether a part gives a function. */
export function isFunction(node: Node, scope: Scope): boolean {
  switch (node.type) {
    case 'lambda':
      return node.thunk !== true;
    case 'partial':
    case 'transform':
    case 'regex':
      return true;
    case 'variable': {
      const name = textOf(node.value);
      return (scope.get(name) ?? (isFunctionName(name) ? 'function' : 'value')) === 'function';
    }
    default:
      return false;
  }
}
