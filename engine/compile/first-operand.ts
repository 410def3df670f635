import type { Expression } from '../../language/binding/expression.ts';
import { childrenOf } from '../../language/binding/expression-tree.ts';
import { isGuardedArgument } from './call-emitter.ts';

/** The part of an expression that is always evaluated, and before all others; undefined where there is none. */
export function firstOperand(expression: Expression): Expression | undefined {
  if (expression.kind === 'call' && expression.args[0]?.kind !== 'value') return undefined;
  return childrenOf(expression)[0];
}

/** Whether an error in the first operand makes only that operand NULL. */
export function guardsFirstOperand(expression: Expression): boolean {
  switch (expression.kind) {
    case 'cast':
    case 'array':
    case 'map':
    case 'struct':
      return true;
    case 'call':
      return expression.args[0]?.kind === 'value' && isGuardedArgument(expression.args[0].expression);
    default:
      return false;
  }
}
