import ts from 'typescript';

/** One change of one place of a source file, that the compiler accepts and that should make a test fail. */
export interface Mutant {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** Replaces the text from `start` to `end`. */
  readonly replacement: string;
  readonly line: number;
  /** The line of the source before and after the change, for people. */
  readonly before: string;
  readonly after: string;
}

const swapped: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
  [ts.SyntaxKind.SlashToken]: '*',
  [ts.SyntaxKind.PlusEqualsToken]: '-=',
  [ts.SyntaxKind.MinusEqualsToken]: '+=',
};

const swappedMethods: Readonly<Record<string, string>> = { some: 'every', every: 'some', min: 'max', max: 'min' };

/**
 * All mutants of a source file, in the order of their places: another operator, a condition that is always true or false, no
 * negation, the right side of `??`, another boolean or number, `some` for `every`, `min` for `max`, or a statement left out.
 * Types, imports and texts are not changed.
 */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const mutants: Mutant[] = [];
  const replace = (node: ts.Node, replacement: string): void => {
    const start = node.getStart(source);
    const end = node.getEnd();
    const { line } = source.getLineAndCharacterOfPosition(start);
    const changed = `${text.slice(0, start)}${replacement}${text.slice(end)}`;
    const shown = (of: string): string => (of.split('\n')[line] ?? '').trim();
    mutants.push({ file, start, end, replacement, line: line + 1, before: shown(text), after: shown(changed) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    mutate(node, replace);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants;
}

function mutate(node: ts.Node, replace: (node: ts.Node, replacement: string) => void): void {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    if (kind === ts.SyntaxKind.QuestionQuestionToken) replace(node, `(${node.right.getText()})`);
    const other = swapped[kind];
    if (other !== undefined && !hasText(node)) replace(node.operatorToken, other);
  } else if (ts.isIfStatement(node)) {
    replace(node.expression, 'true');
    replace(node.expression, 'false');
  } else if (ts.isConditionalExpression(node)) {
    replace(node.condition, 'true');
    replace(node.condition, 'false');
  } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    replace(node, node.operand.getText());
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) replace(node, 'false');
  else if (node.kind === ts.SyntaxKind.FalseKeyword) replace(node, 'true');
  else if (ts.isNumericLiteral(node)) replace(node, `(${node.text} + 1)`);
  else if (ts.isPropertyAccessExpression(node)) {
    const other = swappedMethods[node.name.text];
    if (other !== undefined && ts.isCallExpression(node.parent) && node.parent.expression === node) {
      replace(node.name, other);
    }
  } else if (ts.isContinueStatement(node) || (ts.isExpressionStatement(node) && hasEffect(node.expression))) {
    replace(node, ';');
  }
}

/** A `+` that joins texts has no opposite. */
const hasText = ({ left, right }: ts.BinaryExpression): boolean =>
  [left, right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side));

/** Calls and assignments. Without the call of the base class's constructor, a class cannot be used at all. */
function hasEffect(expression: ts.Expression): boolean {
  if (ts.isAwaitExpression(expression)) return hasEffect(expression.expression);
  if (ts.isCallExpression(expression)) return expression.expression.kind !== ts.SyntaxKind.SuperKeyword;
  return ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.EqualsToken;
}

export const applied = (text: string, { start, end, replacement }: Mutant): string =>
  `${text.slice(0, start)}${replacement}${text.slice(end)}`;
