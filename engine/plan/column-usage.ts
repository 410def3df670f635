import type { Expression } from '../../language/analysis/expression.ts';
import { columnsOf } from '../../language/analysis/expression-tree.ts';

/** Adds the slots that an expression reads to a set. */
export function markColumns(expression: Expression, slots: Set<number>): void {
  for (const { index } of columnsOf(expression)) slots.add(index);
}
