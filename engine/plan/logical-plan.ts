import type { AggregateCall, Expression, TableFunctionCall } from '../../language/binding/expression.ts';
import type { DataSource, SourceKind } from '../../language/metastore/metastore.ts';
import type { Grouping, JoinRelation, OutputColumn, QueryOutput, QueryWindow } from '../../language/query/analyzed.ts';
import type { Slot } from '../../language/types/schema.ts';

/**
 * The steps of a query, from its sources to its output, as plain data. `context` is ksqlDB's name of a step, which the
 * processing log, EXPLAIN and the names of internal topics use.
 */
export type PlanNode =
  | SourceNode
  | FilterNode
  | FlatMapNode
  | SelectKeyNode
  | JoinNode
  | AggregateNode
  | ProjectNode
  | RepartitionNode;

interface Step {
  readonly context: string;
  /** What comes out of the step. */
  readonly output: SourceKind;
  readonly layout: readonly Slot[];
}

export interface SourceNode extends Step {
  readonly kind: 'source';
  readonly source: DataSource;
  readonly alias: string;
  /** Which slots of the layout the rest of the plan reads. */
  readonly needed: readonly boolean[];
  /**
   * Name of the store that keeps the rows of a table; absent for streams and for tables that nothing has to look up.
   */
  readonly store?: string;
}

export interface FilterNode extends Step {
  readonly kind: 'filter';
  readonly input: PlanNode;
  readonly predicate: Expression;
}

export interface FlatMapNode extends Step {
  readonly kind: 'flat-map';
  readonly input: PlanNode;
  readonly functions: readonly TableFunctionCall[];
}

export interface SelectKeyNode extends Step {
  readonly kind: 'select-key';
  readonly input: PlanNode;
  /** Empty for PARTITION BY NULL. */
  readonly keys: readonly Expression[];
}

export interface JoinNode extends Step {
  readonly kind: 'join';
  readonly relation: JoinRelation;
  readonly left: PlanNode;
  readonly right: PlanNode;
  /** Prefix of the names of its stores. */
  readonly store: string;
  /**
   * Whether the joined rows are kept, for a next step that looks them up or has to know the row before every change.
   */
  readonly keepsResult: boolean;
}

export interface AggregateNode extends Step {
  readonly kind: 'aggregate';
  readonly input: PlanNode;
  readonly grouping: Grouping;
  readonly aggregates: readonly AggregateCall[];
  readonly window?: QueryWindow | undefined;
  readonly final: boolean;
  readonly store: string;
}

export interface ProjectNode extends Step {
  readonly kind: 'project';
  readonly input: PlanNode;
  /** The value columns of a sink, or all columns of an answer. */
  readonly columns: readonly OutputColumn[];
}

/** The last step of a part of a plan whose rows go to a topic that spreads them anew. */
export interface RepartitionNode extends Step {
  readonly kind: 'repartition';
  readonly input: PlanNode;
  /** The new key, over the layout of the input. */
  readonly keys: readonly Expression[];
  /**
   * The columns of the topic's values: over the layout of the input, or a part of the new key where `keyIndex` says
   * which.
   */
  readonly columns: readonly OutputColumn[];
  /** Rows of a group; those that belong to none go no further. Rows that are to be joined all go on. */
  readonly isGrouping: boolean;
}

/** A planned query, or a part of one. */
export interface LogicalPlan {
  readonly root: ProjectNode | RepartitionNode;
  readonly sources: readonly SourceNode[];
  readonly output: QueryOutput;
  readonly persistent: boolean;
  /**
   * Topics between the steps, as ksqlDB names them after the application id. A PARTITION BY at the end has none: its
   * rows go to the sink by their new key.
   */
  readonly repartitions: readonly string[];
}
