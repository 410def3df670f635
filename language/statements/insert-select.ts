import type * as ast from '../generated/ast.ts';
import type { DataSource } from '../metastore/metastore.ts';
import type { AnalyzedInsertSelect, AnalyzedQuery, OutputColumn } from '../query/analyzed.ts';
import { analyzeQuery, selectListRange } from '../query/query-analysis.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { textProperty } from '../settings/with-properties.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import { headerColumns, keyColumns, type Schema, schemaToString, valueColumns } from '../types/schema.ts';
import { type SqlType, sameType } from '../types/sql-type.ts';
import { withClause } from './with-entries.ts';

const RESERVED_IDS = ['INSERTQUERY_', 'CTAS_', 'CSAS_', 'CST_'];

/** Analyses INSERT INTO … SELECT. */
export function analyzeInsertSelect(
  node: ast.InsertSelect,
  context: StatementContext,
): AnalyzedInsertSelect | undefined {
  const clause = withClause(node.properties, 'insert', context);
  const queryId = textProperty(clause, 'QUERY_ID')?.toUpperCase();
  if (queryId !== undefined) checkQueryId(queryId, clause.rangeOf('QUERY_ID'), context);
  const target = checkInsertSelectTarget(node, context);
  const analysis = analyzeQuery({ query: node.query, kind: 'persistent', sinkName: node.target }, context);
  if (analysis === undefined || target === undefined || target.incomplete) return undefined;
  checkResult(target, analysis.query, context.rangeOfProperty(node, 'target'));
  const query = castToTarget(analysis.query, target, selectListRange(node.query, context));
  if (target.readOnly) {
    const range = context.rangeOfProperty(node, 'target');
    throw new AnalysisError('insert-target', `Cannot insert into read-only stream: ${target.name}`, { range });
  }
  const result = {
    kind: 'insert-select',
    target,
    query,
    statementText: context.statement.text,
  } as const;
  return queryId === undefined ? result : { ...result, queryId };
}

function checkQueryId(id: string, range: TextRange, context: StatementContext): void {
  if (!/^[A-Z0-9_]+$/.test(id))
    throw new AnalysisError('query-id', `Query IDs may contain only alphanumeric characters and '_'. Got: '${id}'`, {
      range,
    });
  if (RESERVED_IDS.some((prefix) => id.startsWith(prefix))) {
    throw new AnalysisError(
      'query-id',
      `Query IDs must not start with a reserved query ID prefix (${RESERVED_IDS.join(', ')}). Got '${id}'.`,
      { range },
    );
  }
  if (context.metastore.queries.has(id))
    throw new AnalysisError('query-id', `Query ID '${id}' already exists.`, { range });
}

/**
 * The stream that rows go to; undefined when it cannot be known without a connection. @throws AnalysisError for what
 * takes no rows
 */
export function checkInsertSelectTarget(node: ast.InsertSelect, context: StatementContext): DataSource | undefined {
  const target = context.findSource(node.target, { node, property: 'target' }, `Source ${node.target} does not exist.`);
  if (target === undefined) return undefined;
  const range = context.rangeOfProperty(node, 'target');
  if (target.kind === 'TABLE') {
    throw new AnalysisError(
      'insert-into-table',
      `INSERT INTO can only be used to insert into a stream. ${target.name} is a table.`,
      { range },
    );
  }
  if (headerColumns(target.schema).length > 0) {
    throw new AnalysisError('insert-target', `Cannot insert into ${target.name} because it has header columns`, {
      range,
    });
  }
  return target;
}

function checkResult(target: DataSource, query: AnalyzedQuery, range: TextRange): void {
  if (query.output.kind !== target.kind) {
    const message = `Incompatible data sink and query result. Data sink (${target.name}) type is KSTREAM but select query result is KTABLE.`;
    throw new AnalysisError('result-kind', message, { range });
  }
  if ((query.output.window === undefined) !== (target.window === undefined)) {
    throw new AnalysisError('insert-window', "Into can't change windowing", { range });
  }
}

/** The columns of both sides in pairs, keys first; undefined when they do not pair up. */
function pairs(result: Schema, target: Schema): readonly (readonly [string, SqlType, SqlType])[] | undefined {
  const paired: (readonly [string, SqlType, SqlType])[] = [];
  for (const part of [keyColumns, valueColumns]) {
    const [from, to] = [part(result), part(target)];
    if (from.length !== to.length) return undefined;
    for (let i = 0; i < from.length; i++) {
      if (from[i]!.name !== to[i]!.name) return undefined;
      paired.push([from[i]!.name, from[i]!.type, to[i]!.type]);
    }
  }
  return paired;
}

/** Names and types must be equal; a DECIMAL may be widened, and a literal that fits takes the column's DECIMAL type. */
function castToTarget(query: AnalyzedQuery, target: DataSource, range: TextRange): AnalyzedQuery {
  const { output } = query;
  const paired = pairs(output.schema, target.schema);
  const fits = paired?.every(
    ([name, from, to]) => sameType(from, to) || widens(from, to) || literalFits(columnOf(output.columns, name), to),
  );
  if (!fits) {
    const message = `Incompatible schema between results and sink.\nResult schema is ${schemaToString(output.schema)}\nSink schema is ${schemaToString(target.schema)}`;
    throw new AnalysisError('incompatible-schema', message, { range });
  }
  const columns = output.columns.map((column): OutputColumn => {
    const to = paired!.find(([name]) => name === column.name)![2];
    if (sameType(column.type, to)) return column;
    const expression = {
      kind: 'cast',
      operand: column.expression,
      type: to,
      text: column.expression.text,
      implicit: true,
    } as const;
    return { ...column, type: to, expression };
  });
  return { ...query, output: { ...output, columns, schema: target.schema } };
}

const columnOf = (columns: readonly OutputColumn[], name: string) => columns.find((column) => column.name === name)!;

function widens(from: SqlType, to: SqlType): boolean {
  return (
    from.kind === 'DECIMAL' &&
    to.kind === 'DECIMAL' &&
    to.scale >= from.scale &&
    to.precision - to.scale >= from.precision - from.scale
  );
}

function literalFits({ expression }: OutputColumn, to: SqlType): boolean {
  if (to.kind !== 'DECIMAL' || expression.kind !== 'literal') return false;
  const { kind } = expression.type;
  return kind === 'INTEGER' || kind === 'BIGINT' || kind === 'DOUBLE' || kind === 'DECIMAL';
}
