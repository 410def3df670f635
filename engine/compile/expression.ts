import type { Expression } from '../../language/binding/expression.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import type { Row } from '../operators/operator.ts';
import { ExpressionEmitter, type OnEvaluationError } from './expression-emitter.ts';

/**
 * Compiles an expression to a function of the input row. An error makes the smallest guarded piece NULL, as ksqlDB does
 * (types-and-expressions: error containment), and is told to `onError`.
 */
export function compileExpression(expression: Expression, onError: OnEvaluationError): (row: Row) => SqlValue {
  if (expression.kind === 'column') {
    const { index } = expression;
    return (row) => row[index]!;
  }
  const emitter = new ExpressionEmitter(onError);
  const body = emitter.guardedFunction(expression, 'null');
  return emitter.finish(`return ${body};`);
}

/** Compiles a condition. NULL and errors count as false. */
export function compilePredicate(expression: Expression, onError: OnEvaluationError): (row: Row) => boolean {
  const emitter = new ExpressionEmitter(onError);
  const body = emitter.guardedFunction(expression, 'false');
  return emitter.finish(`return (r) => ${body}(r) === true;`);
}

/**
 * Compiles a list of expressions to a function that makes the output row. Each is guarded on its own: an error makes
 * its column NULL, the row goes on.
 *
 * @param onError told the index of the expression too.
 */
export function compileProjection(
  expressions: readonly Expression[],
  onError: (index: number, cause: unknown, row: Row) => void,
): (row: Row) => SqlValue[] {
  let current = 0;
  const emitter = new ExpressionEmitter((cause, row) => onError(current, cause, row));
  const track = emitter.callable((index: number) => {
    current = index;
  });
  const items = expressions.map((expression, index) => {
    if (expression.kind === 'column') return `r[${expression.index}]`;
    if (expression.kind === 'literal') return emitter.literal(expression.value);
    return `${emitter.guardedFunction(expression, 'null', `${track}(${index});`)}(r)`;
  });
  return emitter.finish(`return (r) => [${items.join(', ')}];`);
}
