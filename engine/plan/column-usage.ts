import type { CallArgument, Expression } from '../../language/analysis/expression.ts';

/** Adds the slots that an expression reads to a set. */
export function markColumns(expression: Expression, slots: Set<number>): void {
  if (expression.kind === 'column') {
    slots.add(expression.index);
    return;
  }
  for (const child of childrenOf(expression)) markColumns(child, slots);
}

/** The expressions directly inside an expression, bodies of lambdas included. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'column':
    case 'lambda-parameter':
      return [];
    case 'arithmetic':
    case 'string-plus':
    case 'comparison':
    case 'and':
    case 'or':
      return [expression.left, expression.right];
    case 'negate':
    case 'not':
    case 'is-null':
    case 'cast':
      return [expression.operand];
    case 'between':
      return [expression.operand, expression.low, expression.high];
    case 'in':
      return [expression.operand, ...expression.list];
    case 'like':
      return [expression.operand, expression.pattern];
    case 'case':
      return [
        ...expression.whens.flatMap(({ when, then }) => [when, then]),
        ...(expression.otherwise === undefined ? [] : [expression.otherwise]),
      ];
    case 'call':
      return expression.args.flatMap(argumentExpression);
    case 'array':
      return expression.elements;
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expression.fields;
    case 'subscript':
      return [expression.base, expression.index];
    case 'field':
      return [expression.base];
    default:
      return expression satisfies never;
  }
}

function argumentExpression(argument: CallArgument): readonly Expression[] {
  if (argument.kind === 'value') return [argument.expression];
  return argument.kind === 'lambda' ? [argument.body] : [];
}
