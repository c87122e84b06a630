import * as v from 'valibot';
import {
  Bind,
  withBinding,
  isFunction,
  isFunctionName,
  Node,
  nodeOf,
  nodesOf,
  Pairs,
  positionOf,
  refuse,
  textOf,
  type Scope,
} from './expression-syntax.ts';
import { hashAlgorithms, refusedFunctions, higherOrderFunctions } from './jsonata-functions.ts';
import { refusedField, type OptionalField } from './states-fields.ts';

interface Place {
  readonly scope: Scope;
  /** Whether there is an item that a name such as `a` reads: Step Functions evaluates expressions without one. */
  readonly hasItem: boolean;
}

/**
 * Walks the syntax tree of an expression, and refuses what Step Functions refuses or what would mean something else
 * here: reads of `$states` that have no value, functions as values, names without an item to read them from.
 */
class ExpressionCheck {
  readonly variables = new Set<string>();

  constructor(private readonly available: ReadonlySet<OptionalField>) {}

  /** A part whose value is used as data. @throws ExpressionError */
  value(node: Node, place: Place): void {
    switch (node.type) {
      case 'string':
      case 'number':
      case 'value':
        break;
      case 'variable':
        this.#variable(textOf(node.value), place);
        break;
      case 'name':
      case 'wildcard':
      case 'descendant':
        if (!place.hasItem) refuse(`reads ${textOf(node.value)}, but there is no item around the expression`);
        break;
      case 'path':
        this.#path(node, place);
        break;
      case 'unary':
        this.#unary(node, place);
        break;
      case 'binary':
        this.value(nodeOf(node.lhs), place);
        this.value(nodeOf(node.rhs), place);
        break;
      case 'condition':
        this.#condition(node, place);
        break;
      case 'block':
        this.#block(node, place);
        break;
      case 'function':
        this.#call(node, place);
        break;
      case 'apply':
        this.value(nodeOf(node.lhs), place);
        this.#callable(nodeOf(node.rhs), place);
        break;
      case 'sort':
        for (const term of v.parse(v.array(v.object({ expression: Node })), node.terms))
          this.value(term.expression, place);
        break;
      case 'filter':
        this.value(nodeOf(node.expr), place);
        break;
      case 'index':
        break;
      case 'lambda':
        // The parser wraps a call at the end of a function in a lambda of its own.
        if (node.thunk !== true) refuse('gives a function as a value');
        this.value(nodeOf(node.body), place);
        break;
      case 'partial':
        refuse('gives a partially applied function as a value');
        break;
      case 'transform':
        refuse('gives a transformation as a value');
        break;
      case 'regex':
        refuse('gives a regular expression as a value');
        break;
      case 'bind':
        refuse('binds a variable outside of a block');
        break;
      case 'parent':
        refuse('uses %, which is not implemented');
        break;
      default:
        refuse(`uses ${node.type}, which is not implemented`);
    }
    if (node.type !== 'path') this.#selections(node, place.scope);
  }

  /** What is called, or handed to something that calls it. */
  #callable(node: Node, place: Place): void {
    switch (node.type) {
      case 'variable': {
        const name = textOf(node.value);
        if (place.scope.has(name)) return;
        if (refusedFunctions.has(name)) refuse(`uses $${name}, which is not implemented`);
        if (!isFunctionName(name)) this.#variable(name, place);
        break;
      }
      case 'lambda': {
        if (node.thunk === true) {
          this.value(node, place);
          break;
        }
        const parameters = v.parse(v.array(v.object({ value: v.string() })), node.arguments);
        let scope = place.scope;
        for (const { value } of parameters) scope = withBinding(scope, value, 'value');
        this.value(nodeOf(node.body), { ...place, scope });
        break;
      }
      case 'partial':
        this.#call(node, place);
        break;
      case 'transform':
        for (const part of [node.pattern, node.update, node.delete]) {
          if (part !== undefined) this.value(nodeOf(part), { ...place, hasItem: true });
        }
        break;
      case 'regex':
        break;
      case 'block': {
        const [only, ...others] = nodesOf(node.expressions);
        if (only !== undefined && others.length === 0) this.#callable(only, place);
        else this.value(node, place);
        break;
      }
      default:
        this.value(node, place);
    }
  }

  #variable(name: string, { scope, hasItem }: Place): void {
    if (name === '$') refuse('reads $$, which Step Functions does not support');
    if (name === '') {
      if (!hasItem) refuse('reads $, but there is no item around the expression');
      return;
    }
    const kind = scope.get(name);
    if (kind === 'value') return;
    if (kind === 'function' || isFunctionName(name)) refuse(`gives the function $${name} as a value`);
    if (name === 'states') refuse(`reads ${refusedField([], this.available)}`);
    this.variables.add(name);
  }

  #path(node: Node, place: Place): void {
    const [first, ...rest] = nodesOf(node.steps);
    if (first === undefined) return;
    let { scope } = place;
    if (first.type === 'variable' && first.value === 'states') {
      this.#statesField(first, rest);
      this.#selections(first, scope);
    } else {
      this.value(first, place);
    }
    scope = this.#positions(first, scope);
    for (const step of rest) {
      scope = this.#positions(step, scope);
      this.value(step, { scope, hasItem: true });
    }
    this.#selections(node, scope);
  }

  /** `@$name` and `#$name` bind an item or its position for the rest of the path. */
  #positions(step: Node, scope: Scope): Scope {
    let inner = scope;
    for (const name of [step.focus, step.index]) {
      if (step.type !== 'index' && typeof name === 'string') inner = withBinding(inner, name, 'value');
    }
    return inner;
  }

  #statesField(first: Node, rest: readonly Node[]): void {
    const steps = [first, ...rest];
    // A name counts only behind parts that are read as they are: a filter could give anything.
    const plain = steps.findIndex((step) => ![step.predicate, step.stages, step.focus, step.index].every(isAbsent));
    const named = rest.findIndex(({ type }) => type !== 'name');
    const end = Math.min(...[plain, named].map((index) => (index === -1 ? rest.length : index)));
    const names = rest.slice(0, end).map(({ value }) => textOf(value));
    const problem = refusedField(names, this.available);
    if (problem !== null) refuse(`reads ${problem}`);
  }

  /** Filters, positions and grouping of a step: they see the items that the step gives. */
  #selections(node: Node, scope: Scope): void {
    const place = { scope: this.#positions(node, scope), hasItem: true };
    for (const part of [...nodesOf(node.predicate), ...nodesOf(node.stages)]) this.value(part, place);
    if (node.group === undefined) return;
    for (const [key, value] of v.parse(v.object({ lhs: Pairs }), node.group).lhs) {
      this.value(key, place);
      this.value(value, place);
    }
  }

  #unary(node: Node, place: Place): void {
    if (node.value === '[') {
      for (const part of nodesOf(node.expressions)) this.value(part, place);
    } else if (node.value === '{') {
      for (const pair of v.parse(Pairs, node.lhs)) for (const part of pair) this.value(part, place);
    } else {
      this.value(nodeOf(node.expression), place);
    }
  }

  #condition(node: Node, place: Place): void {
    const [condition, then] = [nodeOf(node.condition), nodeOf(node.then)];
    // The parser turns both operators into conditions: a part that is written once stands in two places.
    const written = condition.type === 'function' ? nodesOf(condition.arguments)[0] : condition;
    if (written !== undefined && positionOf(written) !== null && positionOf(written) === positionOf(then)) {
      refuse(`uses ${written === condition ? '?:' : '??'}, which Step Functions does not have`);
    }
    this.value(condition, place);
    this.value(then, place);
    if (node.else !== undefined) this.value(nodeOf(node.else), place);
  }

  #block(node: Node, place: Place): void {
    let { scope } = place;
    const expressions = nodesOf(node.expressions);
    for (const [index, expression] of expressions.entries()) {
      const bind = v.safeParse(Bind, expression);
      if (!bind.success) {
        this.value(expression, { ...place, scope });
        continue;
      }
      const { lhs, rhs } = bind.output;
      if (!isFunction(rhs, scope)) {
        this.value(rhs, { ...place, scope });
        scope = withBinding(scope, lhs.value, 'value');
        continue;
      }
      if (index === expressions.length - 1) refuse(`gives the function $${lhs.value} as a value`);
      // A function sees its own name.
      scope = withBinding(scope, lhs.value, 'function');
      this.#callable(rhs, { ...place, scope });
    }
  }

  #call(node: Node, place: Place): void {
    const procedure = nodeOf(node.procedure);
    const name = procedure.type === 'variable' ? textOf(procedure.value) : null;
    const builtIn = name !== null && !place.scope.has(name) && isFunctionName(name);
    this.#callable(procedure, place);
    const parameters = nodesOf(node.arguments);
    for (const argument of parameters) {
      if (node.type === 'partial' && argument.type === 'operator') continue;
      const isCalled = !builtIn || higherOrderFunctions.has(name);
      if (isCalled && isFunction(argument, place.scope)) this.#callable(argument, place);
      else this.value(argument, place);
    }
    if (!builtIn) return;
    if (['random', 'uuid'].includes(name) && parameters.length > 0) {
      refuse(`gives $${name} an argument, which is not implemented`);
    }
    const algorithm = parameters[1];
    if (name === 'hash' && algorithm?.type === 'string' && !v.is(v.picklist(hashAlgorithms), algorithm.value)) {
      refuse(`hashes with ${textOf(algorithm.value)}, which is none of ${hashAlgorithms.join(', ')}`);
    }
  }
}

const isAbsent = (part: unknown): boolean => part === undefined;

/**
 * Names of the variables that an expression reads and does not bind itself.
 * @param available the parts of `$states` that the expression's field has besides those that all have
 * @throws ExpressionError
 */
export function checkExpression(tree: unknown, available: ReadonlySet<OptionalField>): ReadonlySet<string> {
  const check = new ExpressionCheck(available);
  check.value(nodeOf(tree), { scope: new Map(), hasItem: false });
  return check.variables;
}
