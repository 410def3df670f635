import { AstUtils } from 'langium';
import type { Expression } from '../../language/binding/expression.ts';
import { type ParsedStatement, rangeOf } from '../../language/index.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import type { Script } from './script-store.ts';

export interface PlacedExpression {
  readonly expression: Expression;
  /** In offsets of the document. */
  readonly range: TextRange;
}

/** The innermost expression around an offset. */
export function expressionAt(script: Script, statement: ParsedStatement, offset: number): PlacedExpression | undefined {
  const expressions = script.analysis.expressions[statement.index];
  if (statement.node === undefined || expressions === undefined) return undefined;
  let best: PlacedExpression | undefined;
  for (const node of AstUtils.streamAst(statement.node)) {
    const expression = expressions.get(node);
    if (expression === undefined || node.$cstNode === undefined) continue;
    const range = rangeOf(node, statement);
    if (offset < range.start || offset > range.end) continue;
    if (best === undefined || range.end - range.start <= best.range.end - best.range.start)
      best = { expression, range };
  }
  return best;
}
