import type { Expression } from '../../../language/binding/expression.ts';
import { childrenOf } from '../../../language/binding/expression-tree.ts';
import type { DataSource } from '../../../language/metastore/metastore.ts';
import type { JoinNode, LogicalPlan, PlanNode, SourceNode } from '../../plan/logical-plan.ts';

/**
 * A query that makes of each record of a stream at most one record of a sink, and of nothing but that record and,
 * where it joins, a row of a table.
 */
export interface StraightPlan {
  readonly source: SourceNode;
  /** What a row has to fulfil, in the order in which it is looked at. */
  readonly predicates: readonly Expression[];
  readonly join?: StraightJoin | undefined;
  /** What the key of the sink's row is made of, where it is not that of the source: the parts of PARTITION BY. */
  readonly keys?: readonly Expression[] | undefined;
  /** The values of the sink's row, over the row of the source, or the joined one. */
  readonly columns: readonly Expression[];
}

/** A look-up of the present row of a table. The joined row begins with the one of the source. */
export interface StraightJoin {
  readonly node: JoinNode;
  /** Where the rows of the table are kept. */
  readonly store: string;
  /** What a joined row has to fulfil. */
  readonly predicates: readonly Expression[];
}

/**
 * The plan of a query as a straight line; undefined for one that is none, or that takes times from columns, or whose
 * keys have windows. Expressions that do not give the same when they are evaluated twice make no straight line: a row
 * that the short way gives up is evaluated anew.
 */
export function straightPlan({ root, output }: LogicalPlan, sink: DataSource): StraightPlan | undefined {
  if (root.kind !== 'project') return undefined;
  const keyed = root.input.kind === 'select-key' ? root.input : undefined;
  const [predicates, below] = filtersAbove(keyed?.input ?? root.input);
  const join = below.kind === 'join' ? straightJoin(below, predicates) : undefined;
  const [first, source] = join === undefined ? [predicates, below] : filtersAbove(join.node.left);
  if (source.kind !== 'source' || output.kind !== 'STREAM' || !isPlainStream(source.source) || !isPlainStream(sink))
    return undefined;
  const columns = root.columns.map(({ expression }) => expression);
  const joining = join === undefined ? [] : [...join.predicates, join.node.relation.leftKey];
  if (![...first, ...columns, ...joining, ...(keyed?.keys ?? [])].every(isRepeatable)) return undefined;
  return { source, predicates: first, join, keys: keyed?.keys, columns };
}

/** The filters that end a plan, in the order in which they are looked at, and what is below them. */
export function filtersAbove(end: PlanNode): readonly [predicates: readonly Expression[], below: PlanNode] {
  const predicates: Expression[] = [];
  let node = end;
  for (; node.kind === 'filter'; node = node.input) predicates.unshift(node.predicate);
  return [predicates, node];
}

function straightJoin(node: JoinNode, predicates: readonly Expression[]): StraightJoin | undefined {
  const { relation, right } = node;
  if (relation.join !== 'stream-table' || right.kind !== 'source' || right.store === undefined) return undefined;
  return right.source.window === undefined ? { node, store: right.store, predicates } : undefined;
}

/** Whether its records are rows as they stand, at their own times. */
export const isPlainStream = ({ kind, window, timestamp }: DataSource): boolean =>
  kind === 'STREAM' && window === undefined && timestamp === undefined;

/** Whether an expression gives the same when it is evaluated twice. */
export function isRepeatable(expression: Expression): boolean {
  if (expression.kind === 'call' && expression.definition.volatile === true) return false;
  return childrenOf(expression).every(isRepeatable);
}
