import { isInteger } from '../binding/literals.ts';
import type * as ast from '../generated/ast.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError } from '../text/analysis-error.ts';

/** Checks PRINT: its figures are whole numbers. Whether the topic exists is asked when it runs. */
export function checkPrint(node: ast.PrintTopic, context: StatementContext): void {
  for (const property of ['interval', 'limit'] as const) {
    const value = node[property];
    if (value === undefined || isInteger(value)) continue;
    const message = `Value must be integer for command: ${property.toUpperCase()}`;
    throw new AnalysisError('not-an-integer', message, { range: context.rangeOfProperty(node, property) });
  }
}
