import type { Expression, TableFunctionCall } from '../binding/expression.ts';
import { firstRepeated } from '../binding/expression-index.ts';
import { sameExpression } from '../binding/expression-tree.ts';
import type * as ast from '../generated/ast.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { bindExpression } from './expression-binding.ts';
import type { JoinTree } from './join-planning.ts';
import type { RowScope } from './row-scope.ts';
import type { StatementContext } from './statement-context.ts';

/**
 * The expressions of PARTITION BY: an empty list for PARTITION BY NULL, undefined without the clause.
 *
 * @throws AnalysisError for tables, windowed sources, and NULL among others
 */
export function analyzePartitionBy(
  clause: ast.PartitionBy | undefined,
  tree: JoinTree,
  scope: RowScope,
  context: StatementContext,
): readonly Expression[] | undefined {
  if (!clause) return undefined;
  const range = context.rangeOf(clause);
  const keys = clause.keys.map((node) => bindPartitionKey(node, scope, context));
  const isNull = (key: Expression) => key.kind === 'literal' && key.value === null;
  if (keys.length > 1 && keys.some(isNull)) {
    throw new AnalysisError('partition-by-null', 'Cannot PARTITION BY multiple columns including NULL', { range });
  }
  const repeated = firstRepeated(keys);
  if (repeated !== undefined) {
    const message = `Duplicate PARTITION BY expression: ${keys[repeated]!.text}`;
    throw new AnalysisError('duplicate-partition-by', message, { node: clause.keys[repeated] });
  }
  const byNull = isNull(keys[0]!);
  if (keepsKey(keys, tree)) return keys;
  if (tree.kind === 'TABLE') {
    const nameOf = (key: Expression) => (key.kind === 'column' && !scope.isJoin ? key.name : key.text);
    const key = tree.keyEquivalents[0] ? nameOf(tree.keyEquivalents[0]) : '';
    const message =
      'Cannot repartition a TABLE source. If this is a join, make sure that the criteria uses the ' +
      `TABLE's key column ${key} instead of [${keys.map(nameOf).join(', ')}]`;
    throw new AnalysisError('partition-table', message, { range });
  }
  if (tree.window) {
    const message =
      'Implicit repartitioning of windowed sources is not supported. See https://github.com/confluentinc/ksql/issues/4385.';
    throw new AnalysisError('windowed-repartition', message, { range });
  }
  return byNull ? [] : keys;
}

/**
 * Whether PARTITION BY names the key that there is: of streams that were joined, the first one, whose name the key has.
 */
export function keepsKey(
  [key, ...others]: readonly Expression[],
  { relation, kind, keyEquivalents }: JoinTree,
): boolean {
  if (key === undefined || others.length > 0) return false;
  const names = relation.kind === 'join' && kind === 'STREAM' ? keyEquivalents.slice(0, 1) : keyEquivalents;
  return names.some((name) => sameExpression(name, key));
}

function bindPartitionKey(node: ast.Expression, scope: RowScope, context: StatementContext): Expression {
  const tableFunctions: TableFunctionCall[] = [];
  const key = bindExpression(node, scope.with({ qualified: true }), context, {
    clause: 'PARTITION BY',
    tableFunctions,
  });
  if (tableFunctions[0]) {
    const message = `PARTITION BY does not support table functions: ${tableFunctions[0].definition.name} is a table function.`;
    throw new AnalysisError('table-function', message, { node });
  }
  return key;
}
