import type { Expression } from './expression.ts';
import { fingerprint, sameExpression } from './expression-tree.ts';

/** Finds what was kept for an expression that means the same, however many there are. */
export class ExpressionIndex<V> {
  readonly #entries = new Map<number, { readonly expression: Expression; readonly value: V }[]>();

  /** What was kept for the first expression that means the same; undefined where none does. */
  get(expression: Expression): V | undefined {
    return this.#entries.get(fingerprint(expression))?.find((entry) => sameExpression(entry.expression, expression))
      ?.value;
  }

  /** Keeps the value, unless there is one for an expression that means the same. */
  add(expression: Expression, value: V): void {
    const print = fingerprint(expression);
    const alike = this.#entries.get(print);
    if (alike === undefined) this.#entries.set(print, [{ expression, value }]);
    else if (!alike.some((entry) => sameExpression(entry.expression, expression))) alike.push({ expression, value });
  }
}

/** The place of the first expression that means the same as one before it; undefined where none does. */
export function firstRepeated(expressions: readonly Expression[]): number | undefined {
  const earlier = new ExpressionIndex<true>();
  for (const [i, expression] of expressions.entries()) {
    if (earlier.get(expression)) return i;
    earlier.add(expression, true);
  }
  return undefined;
}
