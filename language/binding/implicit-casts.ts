import { castFor } from '../types/cast.ts';
import { isNumeric, type SqlType, sameType } from '../types/sql-type.ts';
import type { Expression } from './expression.ts';
import { isUntypedNull, typedNull } from './literals.ts';

/**
 * Puts a cast around an expression that is not of the type yet; it is not printed. NULL takes the type, number literals
 * are converted at once.
 */
export function implicitCast(expression: Expression, type: SqlType): Expression {
  if (isUntypedNull(expression)) return typedNull(expression, type);
  if (sameType(expression.type, type)) return expression;
  if (expression.kind === 'literal' && isNumeric(expression.type) && isNumeric(type)) {
    return { ...expression, type, value: castFor(expression.type, type)(expression.value) };
  }
  return {
    kind: 'cast',
    operand: expression,
    implicit: true,
    type,
    text: expression.text,
    ...(expression.range ? { range: expression.range } : {}),
  };
}
