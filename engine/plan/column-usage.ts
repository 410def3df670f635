import type { Expression } from '../../language/binding/expression.ts';
import { columnsOf } from '../../language/binding/expression-tree.ts';

/** Adds the slots that an expression reads to a set. */
export function markColumns(expression: Expression, slots: Set<number>): void {
  for (const { index } of columnsOf(expression)) slots.add(index);
}
