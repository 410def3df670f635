import type * as ast from '../generated/ast.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError } from '../text/analysis-error.ts';

/** Checks the parts of ASSERT TOPIC and ASSERT SCHEMA that are known without asking anyone. */
export function checkAssertion(node: ast.AssertTopic | ast.AssertSchema, context: StatementContext): void {
  if (node.$type === 'AssertTopic') return;
  const range = context.statementRange;
  if (node.subject === undefined && node.schemaId === undefined) {
    throw new AnalysisError('assert-schema', 'ASSERT SCHEMA statements much include a subject name or an id', {
      range,
    });
  }
  const id = node.schemaId;
  if (id !== undefined && !(id.$type === 'NumberLiteral' && /^\d+$/.test(id.value))) {
    throw new AnalysisError('assert-schema', 'ID must be an integer', { range });
  }
}
