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
  refuse,
  textOf,
  type Scope,
} from './expression-syntax.ts';
import { higherOrderFunctions, refusedFunctions } from './jsonata-functions.ts';
import { refuseArguments, refuseNode, refuseShortCondition, refuseUnavailableField } from './refused-syntax.ts';
import { refusedField, type OptionalField } from './states-fields.ts';

interface Place {
  readonly scope: Scope;
  /**
   * Whether JSONata has a context item here, from which a name such as `a` reads. Step Functions starts without one.
   */
  readonly hasItem: boolean;
}

/**
 * Checks each part of an expression's syntax tree. It refuses what Step Functions refuses, and what would mean
 * something else here: reads of `$states` without a value, functions as values, names where there is no context item.
 */
class ExpressionCheck {
  readonly variables = new Set<string>();

  constructor(private readonly available: ReadonlySet<OptionalField>) {}

  /** Checks a part that gives data. @throws ExpressionError */
  checkValue(node: Node, place: Place): void {
    switch (node.type) {
      case 'string':
      case 'number':
      case 'value':
        break;
      case 'variable':
        this.#checkVariable(textOf(node.value), place);
        break;
      case 'name':
      case 'wildcard':
      case 'descendant':
        if (!place.hasItem) refuse(`reads ${textOf(node.value)}, but there is no item to read it from`);
        break;
      case 'path':
        this.#checkPath(node, place);
        break;
      case 'unary':
        this.#checkUnary(node, place);
        break;
      case 'binary':
        this.checkValue(nodeOf(node.lhs), place);
        this.checkValue(nodeOf(node.rhs), place);
        break;
      case 'condition':
        this.#checkCondition(node, place);
        break;
      case 'block':
        this.#checkBlock(node, place);
        break;
      case 'function':
        this.#checkCall(node, place);
        break;
      case 'apply':
        this.checkValue(nodeOf(node.lhs), place);
        this.#checkCallable(nodeOf(node.rhs), place);
        break;
      case 'sort':
        for (const term of v.parse(v.array(v.object({ expression: Node })), node.terms))
          this.checkValue(term.expression, place);
        break;
      case 'filter':
        this.checkValue(nodeOf(node.expr), place);
        break;
      case 'index':
        break;
      case 'lambda':
        // The parser wraps the last call of a function in a lambda, marked as a thunk.
        if (node.thunk !== true) refuse('uses a function as a value');
        this.checkValue(nodeOf(node.body), place);
        break;
      default:
        refuseNode(node);
    }
    if (node.type !== 'path') this.#checkSelections(node, place.scope);
  }

  /** Checks a part that is called, or that is an argument of a function that calls it. */
  #checkCallable(node: Node, place: Place): void {
    switch (node.type) {
      case 'variable': {
        const name = textOf(node.value);
        if (place.scope.has(name)) return;
        if (refusedFunctions.has(name)) refuse(`uses $${name}, which is not implemented`);
        if (!isFunctionName(name)) this.#checkVariable(name, place);
        break;
      }
      case 'lambda': {
        if (node.thunk === true) {
          this.checkValue(node, place);
          break;
        }
        const parameters = v.parse(v.array(v.object({ value: v.string() })), node.arguments);
        let scope = place.scope;
        for (const { value } of parameters) scope = withBinding(scope, value, 'value');
        this.checkValue(nodeOf(node.body), { ...place, scope });
        break;
      }
      case 'partial':
        this.#checkCall(node, place);
        break;
      case 'transform':
        for (const part of [node.pattern, node.update, node.delete]) {
          if (part !== undefined) this.checkValue(nodeOf(part), { ...place, hasItem: true });
        }
        break;
      case 'regex':
        break;
      case 'block': {
        const [only, ...others] = nodesOf(node.expressions);
        if (only !== undefined && others.length === 0) this.#checkCallable(only, place);
        else this.checkValue(node, place);
        break;
      }
      default:
        this.checkValue(node, place);
    }
  }

  #checkVariable(name: string, { scope, hasItem }: Place): void {
    if (name === '$') refuse('reads $$, which Step Functions does not support');
    if (name === '') {
      if (!hasItem) refuse('reads $, but there is no item');
      return;
    }
    const kind = scope.get(name);
    if (kind === 'value') return;
    if (kind === 'function' || isFunctionName(name)) refuse(`uses the function $${name} as a value`);
    if (name === 'states') refuse(`reads ${refusedField([], this.available)}`);
    this.variables.add(name);
  }

  #checkPath(node: Node, place: Place): void {
    const [first, ...rest] = nodesOf(node.steps);
    if (first === undefined) return;
    let { scope } = place;
    if (first.type === 'variable' && first.value === 'states') {
      refuseUnavailableField(first, rest, this.available);
      this.#checkSelections(first, scope);
    } else {
      this.checkValue(first, place);
    }
    scope = this.#withPositions(first, scope);
    for (const step of rest) {
      scope = this.#withPositions(step, scope);
      this.checkValue(step, { scope, hasItem: true });
    }
    this.#checkSelections(node, scope);
  }

  /** `@$name` binds the item, and `#$name` binds its position, for the rest of the path. */
  #withPositions(step: Node, scope: Scope): Scope {
    let inner = scope;
    for (const name of [step.focus, step.index]) {
      if (step.type !== 'index' && typeof name === 'string') inner = withBinding(inner, name, 'value');
    }
    return inner;
  }

  /** Checks the filters, positions and grouping of a step. They read the items that the step gives. */
  #checkSelections(node: Node, scope: Scope): void {
    const place = { scope: this.#withPositions(node, scope), hasItem: true };
    for (const part of [...nodesOf(node.predicate), ...nodesOf(node.stages)]) this.checkValue(part, place);
    if (node.group === undefined) return;
    for (const [key, value] of v.parse(v.object({ lhs: Pairs }), node.group).lhs) {
      this.checkValue(key, place);
      this.checkValue(value, place);
    }
  }

  #checkUnary(node: Node, place: Place): void {
    if (node.value === '[') {
      for (const part of nodesOf(node.expressions)) this.checkValue(part, place);
    } else if (node.value === '{') {
      for (const pair of v.parse(Pairs, node.lhs)) for (const part of pair) this.checkValue(part, place);
    } else {
      this.checkValue(nodeOf(node.expression), place);
    }
  }

  #checkCondition(node: Node, place: Place): void {
    const [condition, then] = [nodeOf(node.condition), nodeOf(node.then)];
    refuseShortCondition(condition, then);
    this.checkValue(condition, place);
    this.checkValue(then, place);
    if (node.else !== undefined) this.checkValue(nodeOf(node.else), place);
  }

  #checkBlock(node: Node, place: Place): void {
    let { scope } = place;
    const expressions = nodesOf(node.expressions);
    for (const [index, expression] of expressions.entries()) {
      const bind = v.safeParse(Bind, expression);
      if (!bind.success) {
        this.checkValue(expression, { ...place, scope });
        continue;
      }
      const { lhs, rhs } = bind.output;
      if (!isFunction(rhs, scope)) {
        this.checkValue(rhs, { ...place, scope });
        scope = withBinding(scope, lhs.value, 'value');
        continue;
      }
      if (index === expressions.length - 1) refuse(`uses the function $${lhs.value} as a value`);
      // A function may call itself.
      scope = withBinding(scope, lhs.value, 'function');
      this.#checkCallable(rhs, { ...place, scope });
    }
  }

  #checkCall(node: Node, place: Place): void {
    const procedure = nodeOf(node.procedure);
    const name = procedure.type === 'variable' ? textOf(procedure.value) : null;
    const builtIn = name !== null && !place.scope.has(name) && isFunctionName(name);
    this.#checkCallable(procedure, place);
    const parameters = nodesOf(node.arguments);
    for (const argument of parameters) {
      if (node.type === 'partial' && argument.type === 'operator') continue;
      const isCalled = !builtIn || higherOrderFunctions.has(name);
      if (isCalled && isFunction(argument, place.scope)) this.#checkCallable(argument, place);
      else this.checkValue(argument, place);
    }
    if (!builtIn) return;
    refuseArguments(name, parameters);
  }
}

/**
 * Checks an expression.
 * @param available the optional parts of `$states` that the expression may read
 * @returns the names of the variables that the expression reads and does not bind itself
 * @throws ExpressionError
 */
export function checkExpression(tree: unknown, available: ReadonlySet<OptionalField>): ReadonlySet<string> {
  const check = new ExpressionCheck(available);
  check.checkValue(nodeOf(tree), { scope: new Map(), hasItem: false });
  return check.variables;
}
