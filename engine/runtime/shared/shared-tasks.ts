import type { TopicPartition } from '../../broker/broker.ts';
import type { Placement } from '../../broker/groups/group-membership.ts';
import type { MaterializedTable } from '../../compile/materialized-table.ts';
import type { Row } from '../../operators/operator.ts';
import type { TaskPosition } from '../task/query-run.ts';

/** What this engine has of a task. */
export interface LocalTask {
  /** The number of the sub-topology and the partition, as Kafka Streams writes it: `0_3`. */
  readonly id: string;
  /** Whether it does the task, or only keeps its state ready. */
  readonly isActive: boolean;
  /** Whether its state is still being read from the changelog. */
  readonly isRestoring: boolean;
  /**
   * Whether its table is no older than what any engine had of it before: it is done here for certain, and has processed
   * what there was when it came here, or for longer than others go on without a commit.
   */
  readonly isCurrent: boolean;
  /** The part of the query's table that it keeps; absent where the task keeps none. */
  readonly table: MaterializedTable | undefined;
  /** Up to where its state has the changelog of the table, and where that ends; 0 of 0 where there is none. */
  readonly changelog: { readonly position: number; readonly endOffset: number };
  /** How far it has read its topics; empty for one that only keeps state. */
  readonly positions: readonly TaskPosition[];
  readonly stateBytes: number;
}

/** Where the tasks of a query are that several engines share. */
export interface SharedTasks {
  /** Which of the placements is this engine. */
  readonly process: string;
  /** What each engine had when tasks were last given out; empty before. */
  readonly placements: readonly Placement[];
  /** What this engine has. */
  readonly local: readonly LocalTask[];
  /** The tasks that keep the query's table, a part each; empty where it keeps none. */
  readonly tableTasks: readonly string[];
  /** The task that has a key of the query's table. */
  taskOfKey(key: Row): string | undefined;
  /** What any of its tasks reads, and the names of the stores that it keeps, as ksqlDB has them. */
  partsOf(task: string): TaskParts;
}

export interface TaskParts {
  readonly inputs: readonly TopicPartition[];
  /** Such as `Aggregate-Aggregate-Materialize`; without those that ksqlDB does not have. */
  readonly stores: readonly string[];
}
