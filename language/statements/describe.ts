import type * as ast from '../generated/ast.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { closest } from '../text/suggestions.ts';

/** Checks DESCRIBE of a stream or table. */
export function checkDescribeSource(node: ast.DescribeSource, context: StatementContext): void {
  const message = `Could not find STREAM/TABLE '${node.name}' in the Metastore`;
  context.findSource(node.name, { node, property: 'name' }, message);
}

/** Checks DESCRIBE FUNCTION: function names ignore case, and quotes around them. */
export function checkDescribeFunction(node: ast.DescribeFunction, context: StatementContext): void {
  const name = node.name.replace(/[`"]/g, '').toUpperCase();
  if (context.functions.get(name) !== undefined) return;
  const range = context.rangeOfProperty(node, 'name');
  const suggestion = closest(name, context.functions.names());
  const fixes =
    suggestion === undefined ? [] : [{ title: `Change to ${suggestion}`, edits: [{ range, text: suggestion }] }];
  const message = `Can't find any functions with the name '${node.name}'`;
  throw new AnalysisError('unknown-function', message, { range, fixes });
}
