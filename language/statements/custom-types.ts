import { bindType } from '../binding/type-names.ts';
import type * as ast from '../generated/ast.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { typeToString } from '../types/sql-type.ts';

/** Checks CREATE TYPE: the type makes sense, and its name is free. */
export function checkCreateType(node: ast.CreateType, context: StatementContext): void {
  bindType(node.type, context.metastore.types);
  const existing = context.metastore.types.get(node.name.toUpperCase());
  if (existing === undefined || node.ifNotExists) return;
  const message = `Cannot register custom type '${node.name}' since it is already registered with type: ${typeToString(existing)}`;
  throw new AnalysisError('type-taken', message, { range: context.rangeOfProperty(node, 'name') });
}

/** Checks DROP TYPE: the type is there. */
export function checkDropType(node: ast.DropType, context: StatementContext): void {
  if (node.ifExists || context.metastore.types.has(node.name.toUpperCase())) return;
  const message = `Type ${node.name} does not exist.`;
  const range = context.rangeOfProperty(node, 'name');
  if (!context.settings.offline) throw new AnalysisError('unknown-type', message, { range });
  context.report('unknown-type', message, range);
}
