import type { BindContext } from '../binding/bind-context.ts';
import { bindExpression } from '../binding/binder.ts';
import type { Expression } from '../binding/expression.ts';
import type { Scope } from '../binding/scope.ts';
import type * as ast from '../generated/ast.ts';
import type { DataSource } from '../metastore/metastore.ts';
import { propertyRange } from '../parser/property-range.ts';
import type { AnalyzedInsertValues } from '../query/analyzed.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError, type LocatedNode } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import { coercerFor } from '../types/coerce.ts';
import { type Column, headerColumns, keyColumns } from '../types/schema.ts';
import { BIGINT, backQuoted, type SqlType, type SqlValue, typeToString } from '../types/sql-type.ts';
import { textPrinterFor } from '../types/value-to-string.ts';

/** Analyses INSERT INTO … VALUES. Undefined when the target cannot be known without a connection. */
export function analyzeInsertValues(
  node: ast.InsertValues,
  context: StatementContext,
): AnalyzedInsertValues | undefined {
  if (!context.isEnabled('ksql.insert.into.values.enabled')) {
    throw new AnalysisError(
      'insert-disabled',
      "The server has disabled INSERT INTO ... VALUES functionality. To enable it, restart your ksqlDB server with 'ksql.insert.into.values.enabled'=true",
    );
  }
  checkValueCount(node);
  const target = findTarget(node, context);
  if (target === undefined || target.incomplete) return undefined;
  checkTarget(node, target, context);
  const failed = `Failed to insert values into '${target.name}'. `;
  const columns = namedColumns(node, target, failed);
  if (columns.length !== node.values.length) {
    const message = `${failed}Expected a value for each column. Expected Columns: [${columns.map(({ name }) => backQuoted(name)).join(', ')}]. Got [${node.values.map((value) => value.$cstNode?.text).join(', ')}]`;
    throw new AnalysisError('value-count', message, { node: node.values[0] });
  }
  checkKeys(target, columns, failed, context.rangeOfProperty(node, 'target'));
  const values = columns.map((column, i) => boundValue(column, node.values[i]!, failed, context));
  const list = node.columns.length === 0 ? '' : ` (${node.columns.map(backQuoted).join(', ')})`;
  const statementText = `INSERT INTO ${backQuoted(target.name)}${list} VALUES (${node.values.map(() => "'[value]'").join(', ')});`;
  return { kind: 'insert-values', target, values, statementText };
}

/** @throws AnalysisError where as many values are wanted as columns are named, and others are there */
export function checkValueCount({ columns, values }: ast.InsertValues): void {
  if (columns.length === 0 || columns.length === values.length) return;
  const message = `Expected number columns and values to match: ${columns.length}, ${values.length}`;
  throw new AnalysisError('value-count', message, { node: values[0] });
}

function findTarget(node: ast.InsertValues, context: StatementContext): DataSource | undefined {
  const message = `Cannot insert values into an unknown stream/table: ${backQuoted(node.target)}`;
  return context.findSource(node.target, { node, property: 'target' }, message);
}

function checkTarget(node: ast.InsertValues, target: DataSource, context: StatementContext): void {
  const range = context.rangeOfProperty(node, 'target');
  if (target.window !== undefined)
    throw new AnalysisError('insert-target', 'Cannot insert values into windowed stream/table!', { range });
  if (target.readOnly) {
    throw new AnalysisError(
      'insert-target',
      `Cannot insert values into read-only ${target.kind.toLowerCase()}: ${target.name}`,
      { range },
    );
  }
  const headers = headerColumns(target.schema).map(({ name }) => name);
  const wanted = node.columns.length === 0 ? headers : headers.filter((name) => node.columns.includes(name));
  if (wanted.length > 0)
    throw new AnalysisError('insert-headers', `Cannot insert into HEADER columns: ${wanted.join(', ')}`, { range });
}

type Target = Pick<Column, 'name' | 'type'>;

function namedColumns(node: ast.InsertValues, target: DataSource, failed: string): readonly Target[] {
  const { columns } = target.schema;
  if (node.columns.length === 0)
    return [...keyColumns(target.schema), ...columns.filter(({ namespace }) => namespace === 'value')];
  return node.columns.map((name, i) => {
    const range = propertyRange(node, 'columns', i);
    if (name === 'ROWTIME') return { name, type: BIGINT };
    if (name === 'ROWPARTITION' || name === 'ROWOFFSET') {
      throw new AnalysisError('insert-column', `${failed}Inserting into column ${backQuoted(name)} is not allowed.`, {
        range,
      });
    }
    const column = columns.find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    throw new AnalysisError('unknown-column', `${failed}Column name ${backQuoted(name)} does not exist.`, { range });
  });
}

function checkKeys(target: DataSource, columns: readonly Target[], failed: string, range: TextRange): void {
  if (target.kind !== 'TABLE') return;
  const missing = keyColumns(target.schema).filter(({ name }) => !columns.some((column) => column.name === name));
  if (missing.length === 0) return;
  const message = `${failed}Value for primary key column(s) ${missing.map(({ name }) => name).join(', ')} is required for tables`;
  throw new AnalysisError('missing-key', message, { range });
}

function boundValue(
  column: Target,
  node: ast.Expression,
  failed: string,
  context: StatementContext,
): AnalyzedInsertValues['values'][number] {
  const expression = bindExpression(node, withoutColumns(failed), bindContext(context));
  // NULL has a place in every column, also where a CAST gives it a type.
  const isNull = expression.kind === 'literal' && expression.value === null;
  const coerce = isNull ? (value: null) => value : coercerFor(expression.type, column.type, 'STRICT');
  if (coerce !== undefined) {
    checkLiteral(column, expression, coerce as (value: unknown) => unknown, node, failed);
    const { type } = expression;
    return {
      column: column.name,
      expression,
      coerce: coerce as AnalyzedInsertValues['values'][number]['coerce'],
      mismatchOf: (value: SqlValue) => insertMismatch(column, type, textPrinterFor(type)(value)),
    };
  }
  throw mismatch(column, expression, expression.type, node, failed);
}

/** A literal that the column cannot take is known to be wrong before anything runs. */
function checkLiteral(
  column: Target,
  expression: Expression,
  coerce: (value: unknown) => unknown,
  node: ast.Expression,
  failed: string,
): void {
  if (expression.kind !== 'literal' || expression.value === null) return;
  try {
    coerce(expression.value);
  } catch {
    throw mismatch(column, expression, expression.type, node, failed);
  }
}

function mismatch(
  column: Target,
  expression: Expression,
  type: SqlType,
  node: ast.Expression,
  failed: string,
): AnalysisError {
  const literal = expression.kind === 'literal';
  const value = literal ? textPrinterFor(type)(expression.value) : expression.text.replace(/^ARRAY(?=\[)/, '');
  return new AnalysisError('value-type', `${failed}${insertMismatch(column, type, value)}`, { node });
}

/** The forms in which texts are taken for a point in time. */
const TEXT_FORMS: Partial<Record<SqlType['kind'], string>> = {
  DATE: '. Date format must be yyyy-mm-dd',
  TIME: '. Time format must be hh:mm:ss[.S]',
  TIMESTAMP: '. Timestamp format must be yyyy-mm-ddThh:mm:ss[.S]',
};

/** Says that a column does not take a value of a type; `value` is its text. */
function insertMismatch(column: Target, type: SqlType, value: string): string {
  const hint = type.kind === 'STRING' ? (TEXT_FORMS[column.type.kind] ?? '') : '';
  return `Expected type ${typeToString(column.type)} for field ${backQuoted(column.name)} but got ${type.kind}(${value})${hint}`;
}

/** Values are computed without a row: no column can be named. */
function withoutColumns(failed: string): Scope {
  const reject = (name: string, node: LocatedNode): never => {
    const message = `${failed}Unsupported column reference in insert value: ${name}`;
    throw new AnalysisError('column-in-values', message, { node });
  };
  return {
    resolve: (name, _qualifier, node) => reject(name, node),
    hasColumn: () => false,
    rowtime: (node) => reject('ROWTIME', node),
  };
}

function bindContext(context: StatementContext): BindContext {
  return {
    functions: context.functions,
    types: context.metastore.types,
    lambdas: context.isEnabled('ksql.lambdas.enabled'),
    properties: context.settings.properties,
  };
}
