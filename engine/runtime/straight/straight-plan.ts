import type { Expression } from '../../../language/binding/expression.ts';
import { childrenOf } from '../../../language/binding/expression-tree.ts';
import type { DataSource } from '../../../language/metastore/metastore.ts';
import type { LogicalPlan, PlanNode, SourceNode } from '../../plan/logical-plan.ts';

/** A query that makes of each record of a stream at most one record of a sink, and of nothing but that record. */
export interface StraightPlan {
  readonly source: SourceNode;
  /** What a row has to fulfil, in the order in which it is looked at. */
  readonly predicates: readonly Expression[];
  /** The values of the sink's row, over the row of the source. */
  readonly columns: readonly Expression[];
}

/**
 * The plan of a query as a straight line; undefined for one that is none, or that takes times from columns, or whose
 * keys have windows. Expressions that do not give the same when they are evaluated twice make no straight line: a row
 * that the short way gives up is evaluated anew.
 */
export function straightPlan({ root, output }: LogicalPlan, sink: DataSource): StraightPlan | undefined {
  const predicates: Expression[] = [];
  let node: PlanNode = root.input;
  for (; node.kind === 'filter'; node = node.input) predicates.unshift(node.predicate);
  if (node.kind !== 'source' || output.kind !== 'STREAM' || !isPlainStream(node.source) || !isPlainStream(sink))
    return undefined;
  const columns = root.columns.map(({ expression }) => expression);
  return [...predicates, ...columns].every(isRepeatable) ? { source: node, predicates, columns } : undefined;
}

const isPlainStream = ({ kind, window, timestamp }: DataSource): boolean =>
  kind === 'STREAM' && window === undefined && timestamp === undefined;

function isRepeatable(expression: Expression): boolean {
  if (expression.kind === 'call' && expression.definition.volatile === true) return false;
  return childrenOf(expression).every(isRepeatable);
}
