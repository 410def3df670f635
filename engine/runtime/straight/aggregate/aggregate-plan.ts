import type { Expression } from '../../../../language/binding/expression.ts';
import { ownAggregate } from '../../../compile/aggregated-table.ts';
import type { AggregateNode, LogicalPlan, SourceNode } from '../../../plan/logical-plan.ts';
import { filtersAbove, isPlainStream, isRepeatable } from '../straight-plan.ts';

/** A query that groups the records of a stream, and whose table is what the aggregate keeps. */
export interface AggregatePlan {
  readonly source: SourceNode;
  /** What a row has to fulfil, in the order in which it is looked at. */
  readonly predicates: readonly Expression[];
  readonly node: AggregateNode;
}

/** The plan of a query as an aggregate of records; undefined for one that is none, as for `straightPlan`. */
export function aggregatePlan(plan: LogicalPlan): AggregatePlan | undefined {
  const node = ownAggregate(plan);
  if (node === undefined) return undefined;
  const [predicates, source] = filtersAbove(node.input);
  if (source.kind !== 'source' || !isPlainStream(source.source)) return undefined;
  const { grouping, aggregates } = node;
  const evaluated = [...predicates, ...grouping.keys, ...aggregates.flatMap(({ args }) => args)];
  return evaluated.every(isRepeatable) ? { source, predicates, node } : undefined;
}
