import * as v from 'valibot';
import { nodesOf, positionOf, refuse, textOf, type Node } from './expression-syntax.ts';
import { hashAlgorithms } from './jsonata-functions.ts';
import { refusedField, type OptionalField } from './states-fields.ts';

/** Reasons to refuse a part of an expression, by the type of its node. */
const refusedNodes: Readonly<Record<string, string>> = {
  partial: 'uses a partially applied function as a value',
  transform: 'uses a transformation as a value',
  regex: 'uses a regular expression as a value',
  bind: 'binds a variable outside of a block',
  parent: 'uses %, which is not implemented',
};

/** @throws ExpressionError */
export function refuseNode({ type }: Node): never {
  refuse(refusedNodes[type] ?? `uses ${type}, which is not implemented`);
}

/**
 * Refuses the operators `?:` and `??`. The parser turns both into conditions, in which one part of the source appears
 * twice.
 * @throws ExpressionError
 */
export function refuseShortCondition(condition: Node, then: Node): void {
  const repeated = condition.type === 'function' ? nodesOf(condition.arguments)[0] : condition;
  if (repeated === undefined || positionOf(repeated) === null || positionOf(repeated) !== positionOf(then)) return;
  refuse(`uses ${repeated === condition ? '?:' : '??'}, which Step Functions does not have`);
}

/** Refuses arguments of a built-in function that are not implemented. @throws ExpressionError */
export function refuseArguments(name: string, parameters: readonly Node[]): void {
  if (['random', 'uuid'].includes(name) && parameters.length > 0) {
    refuse(`gives $${name} an argument, which is not implemented`);
  }
  const algorithm = parameters[1];
  if (name === 'hash' && algorithm?.type === 'string' && !v.is(v.picklist(hashAlgorithms), algorithm.value)) {
    refuse(`hashes with ${textOf(algorithm.value)}, which is not one of ${hashAlgorithms.join(', ')}`);
  }
}

/**
 * Refuses a path that reads a part of `$states` without a value.
 * @param first the path's first step, `$states`
 * @throws ExpressionError
 */
export function refuseUnavailableField(
  first: Node,
  rest: readonly Node[],
  available: ReadonlySet<OptionalField>,
): void {
  const steps = [first, ...rest];
  // Names count only up to the first filter, because a filter can give anything.
  const selecting = steps.findIndex((step) => ![step.predicate, step.stages, step.focus, step.index].every(isAbsent));
  const unnamed = rest.findIndex(({ type }) => type !== 'name');
  const end = Math.min(...[selecting, unnamed].map((index) => (index === -1 ? rest.length : index)));
  const names = rest.slice(0, end).map(({ value }) => textOf(value));
  const problem = refusedField(names, available);
  if (problem !== null) refuse(`reads ${problem}`);
}

const isAbsent = (part: unknown): boolean => part === undefined;
