import type { AggregateCall, Expression } from '../binding/expression.ts';
import { ExpressionIndex, firstRepeated } from '../binding/expression-index.ts';
import { sameExpression } from '../binding/expression-tree.ts';
import { requireTyped } from '../binding/literals.ts';
import { NO_ENVIRONMENT } from '../functions/function.ts';
import type * as ast from '../generated/ast.ts';
import { formatProblem } from '../settings/formats.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import type { Column } from '../types/schema.ts';
import { AggregateCalls } from './aggregate-calls.ts';
import { withoutWindowBounds } from './aggregation.ts';
import type { QueryKind, SelectItem } from './analyzed.ts';
import type { GeneratedNames } from './column-names.ts';
import { bindExpression } from './expression-binding.ts';
import type { JoinTree } from './join-planning.ts';
import { rejectKafkaValues } from './relation-analysis.ts';
import type { RowScope } from './row-scope.ts';
import { columnName } from './select-list.ts';
import type { StatementContext } from './statement-context.ts';

/**
 * The expressions of GROUP BY, or undefined when there is no such clause.
 *
 * @throws AnalysisError for aggregates in it, expressions that occur twice, and sources that cannot be grouped
 */
export function analyzeGroupBy(
  query: ast.Query,
  tree: JoinTree,
  scope: RowScope,
  context: StatementContext,
): readonly Expression[] | undefined {
  if (!query.groupBy) return undefined;
  const range = context.rangeOf(query.groupBy);
  rejectKafkaValues(tree.sources, 'GROUP BY', range);
  const keys = query.groupBy.keys.map((node) => bindGroupKey(node, scope, context));
  const repeated = firstRepeated(keys);
  if (repeated !== undefined) {
    const message = `Duplicate GROUP BY expression: ${keys[repeated]!.text}`;
    throw new AnalysisError('duplicate-group-by', message, { node: query.groupBy.keys[repeated] });
  }
  if (tree.window) checkWindowedFormat(keys, tree, range);
  const windowKey = tree.window && keys.length === 1 && tree.keyEquivalents.some((k) => sameExpression(k, keys[0]!));
  if (windowKey) {
    const message =
      'Group by on windowed should always require rekey: a windowed source cannot be grouped by its own key. ' +
      'Group by another expression as well.';
    throw new AnalysisError('windowed-group-by-key', message, { range });
  }
  return keys;
}

/** The windowed keys of a source cannot be written in another format, which a new key may call for. */
function checkWindowedFormat(keys: readonly Expression[], tree: JoinTree, range: TextRange): void {
  const columns = keys.map(({ text, type }): Column => ({ name: text, type, namespace: 'key' }));
  const problem = formatProblem(tree.sources[0]!.source.keyFormat, columns, 'Key');
  if (problem === undefined) return;
  const message = `Should not convert format of windowed key: the grouping expressions make a key that the source's format does not support.\n${problem}`;
  throw new AnalysisError('windowed-key-format', message, { range });
}

function bindGroupKey(node: ast.Expression, scope: RowScope, context: StatementContext): Expression {
  const aggregates = new AggregateCalls();
  const key = bindExpression(node, scope, context, { clause: 'GROUP BY', aggregates });
  const [aggregate] = aggregates.list;
  if (aggregate) {
    const { name } = aggregate.definition;
    const message = `GROUP BY does not support aggregate functions: ${name} is an aggregate function.`;
    throw new AnalysisError('aggregate-in-group-by', message, { node });
  }
  return withoutWindowBounds(requireTyped(key), scope.width);
}

/**
 * Checks that the aggregates of a grouped query can be computed over its source.
 *
 * @throws AnalysisError without aggregates, and for functions that a table's changes cannot undo
 */
export function checkAggregates(
  query: ast.Query,
  tree: JoinTree,
  aggregates: readonly AggregateCall[],
  context: StatementContext,
): void {
  if (aggregates.length === 0) {
    const message = 'GROUP BY requires aggregate functions in either the SELECT or HAVING clause.';
    throw new AnalysisError('group-by-without-aggregate', message, { range: context.rangeOf(query.groupBy) });
  }
  const range = context.rangeOf(query.items[0]);
  for (const call of aggregates) {
    for (const argument of call.args) withoutWindowBounds(argument, tree.relation.layout.length);
  }
  const fixed = tree.kind === 'TABLE' ? aggregates.filter(({ definition }) => !definition.undoable) : [];
  if (fixed.length > 0) {
    const names = [...new Set(fixed.map(({ definition }) => definition.name))];
    const listed = names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
    const message =
      `The aggregation function${names.length > 1 ? 's' : ''} ${listed} cannot be applied to a table source, ` +
      'only to a stream source.';
    throw new AnalysisError('aggregate-on-table', message, { range });
  }
  checkStates(aggregates, tree, range);
}

/** A persistent query needs something to group by; others may put all rows into one group. */
export function checkGrouped(query: ast.Query, kind: QueryKind, aggregates: readonly AggregateCall[]): void {
  if (query.groupBy || kind !== 'persistent') return;
  const calls = aggregates.map(({ text }) => text).join(', ');
  const message = `CREATE TABLE AS SELECT statement does not support aggregate function [${calls}] without a GROUP BY clause.`;
  throw new AnalysisError('aggregate-without-group-by', message, { node: query.items[0] });
}

/** What aggregates keep between records is written in the value format of the left-most source. */
function checkStates(aggregates: readonly AggregateCall[], tree: JoinTree, range: TextRange): void {
  const columns = aggregates.map(
    ({ overload, site, initArgs }, i): Column => ({
      name: `KSQL_AGG_VARIABLE_${i}`,
      type: overload.implement(site, initArgs, NO_ENVIRONMENT).stateType,
      namespace: 'value',
    }),
  );
  const { valueFormat } = tree.sources[0]!.source;
  if (formatProblem(valueFormat, columns, 'Value') === undefined) return;
  const message =
    'One of the functions used in the statement has an intermediate type that the value format can not handle. ' +
    `Please remove the function or change the format. The format of ${tree.sources[0]!.source.name} is ${valueFormat.name}.`;
  throw new AnalysisError('aggregate-state', message, { range });
}

/**
 * The name of each grouping expression in the result: of the select item that is it, else its own, else a generated
 * one.
 */
export function groupKeyNames(
  keys: readonly Expression[],
  items: readonly SelectItem[],
  names: GeneratedNames,
  scope: RowScope,
): readonly string[] {
  const selectedBy = new ExpressionIndex<SelectItem>();
  for (const item of items) selectedBy.add(item.expression, item);
  return keys.map((key) => {
    const selected = selectedBy.get(key);
    if (selected) return selected.name;
    if (key.kind === 'column') return columnName(key.name, key.source, scope);
    return key.kind === 'field' ? names.forField(key.name) : names.nextColumn();
  });
}
