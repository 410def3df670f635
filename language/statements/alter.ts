import { bindType } from '../binding/type-names.ts';
import type * as ast from '../generated/ast.ts';
import type { DataSource } from '../metastore/metastore.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { Column } from '../types/schema.ts';
import { backQuoted } from '../types/sql-type.ts';

/** ALTER STREAM or TABLE … ADD COLUMN: the source with its new columns; undefined when it cannot be known offline. */
export function alteredSource(node: ast.AlterSource, context: StatementContext): DataSource | undefined {
  const source = context.findSource(node.name, { node, property: 'name' }, `Source ${node.name} does not exist.`);
  if (source === undefined || source.incomplete) return undefined;
  const range = context.rangeOfProperty(node, 'name');
  if (source.kind !== node.kind) {
    throw new AnalysisError(
      'source-kind',
      `Incompatible data source type is ${source.kind}, but statement was ALTER ${node.kind}`,
      { range },
    );
  }
  if (source.createdAs)
    throw new AnalysisError('alter-create-as', 'ALTER command is not supported for CREATE ... AS statements.', {
      range,
    });
  if (source.readOnly) {
    const kind = source.kind.toLowerCase();
    throw new AnalysisError(
      'alter-source',
      `Cannot alter ${kind} '${source.name}': ALTER operations are not supported on source ${kind}s.`,
      { range },
    );
  }
  const columns: Column[] = [...source.schema.columns];
  for (const change of node.changes) {
    const clash = columns.find(({ name }) => name === change.name);
    if (clash?.namespace === 'value') {
      throw new AnalysisError(
        'duplicate-column',
        `Cannot add column ${backQuoted(change.name)} to schema. A column with the same name already exists.`,
        { node: change },
      );
    }
    if (clash !== undefined)
      throw new AnalysisError(
        'duplicate-column',
        `Schema contains duplicate column names: ${backQuoted(change.name)}`,
        { node: change },
      );
    columns.push({ name: change.name, type: bindType(change.type, context.metastore.types), namespace: 'value' });
  }
  return { ...source, schema: { columns }, statementText: `${source.statementText}\n${context.statement.text}` };
}
