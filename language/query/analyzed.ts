import type { AggregateCall, Expression, TableFunctionCall } from '../binding/expression.ts';
import type * as ast from '../generated/ast.ts';
import type { DataSource, FormatInfo, SourceKind, WindowInfo } from '../metastore/metastore.ts';
import type { TextRange } from '../text/text-range.ts';
import type { Cast } from '../types/cast.ts';
import type { Schema, Slot } from '../types/schema.ts';
import type { SqlType, SqlValue } from '../types/sql-type.ts';

/** A statement after analysis; produced only when it has no error diagnostic. */
export type AnalyzedStatement =
  | AnalyzedCreateSource
  | AnalyzedCreateAs
  | AnalyzedInsertSelect
  | AnalyzedInsertValues
  | AnalyzedSelect
  /**
   * Statements whose meaning is all in their syntax: SHOW, DESCRIBE, SET, TERMINATE … checked, but nothing to resolve.
   */
  | { readonly kind: 'simple'; readonly node: ast.Statement };

export interface AnalyzedCreateSource {
  readonly kind: 'create-source';
  readonly source: DataSource;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  /** The name is taken and IF NOT EXISTS was given: nothing happens but a warning. */
  readonly exists: boolean;
  /** The topic is to be made (it is known not to exist, or topics are unknown) with these settings. */
  readonly createTopic?: TopicSettings;
  /** The statement as ksqlDB prints it back, defaults injected. */
  readonly statementText: string;
}

export interface TopicSettings {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly cleanupPolicy: 'delete' | 'compact' | 'compact,delete';
  readonly retentionMs?: number;
}

export interface AnalyzedCreateAs {
  readonly kind: 'create-as';
  readonly sink: DataSource;
  readonly query: AnalyzedQuery;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly exists: boolean;
  readonly topic: TopicSettings;
  readonly statementText: string;
  /** For instance that a join of streams has no GRACE PERIOD. */
  readonly warnings: readonly string[];
}

export interface AnalyzedInsertSelect {
  readonly kind: 'insert-select';
  readonly target: DataSource;
  readonly query: AnalyzedQuery;
  readonly queryId?: string;
  readonly statementText: string;
}

export interface AnalyzedInsertValues {
  readonly kind: 'insert-values';
  readonly target: DataSource;
  /**
   * One per column that gets a value: `column` is a name of the schema or ROWTIME; the expression uses no columns and
   * its type is the column's (`coerce` brings the value to the column's type).
   */
  readonly values: readonly {
    readonly column: string;
    readonly expression: Expression;
    readonly coerce: Cast;
    /** Says that the column does not take a value of the expression. */
    readonly mismatchOf: (value: SqlValue) => string;
  }[];
  readonly statementText: string;
}

/** A push or pull query. */
export interface AnalyzedSelect {
  readonly kind: 'select';
  readonly query: AnalyzedQuery;
  readonly statementText: string;
}

/** `pull` on a table is a lookup in a state store, on a stream a bounded scan. */
export type QueryKind = 'persistent' | 'push' | 'pull';

/**
 * A query, resolved. The stages run in this order: relation (sources and joins), where, table functions, then either
 * grouping (window, aggregates, having) or partitioning, then the projection.
 *
 * Rows: `where`, `groupBy`, `partitionBy`, arguments of aggregates and of table functions are evaluated over
 * `relation.layout`. With table functions the layout is extended by one slot for each of them. With `grouping`, the
 * projection and `having` are evaluated over `grouping.layout`.
 */
export interface AnalyzedQuery {
  readonly kind: QueryKind;
  readonly relation: Relation;
  readonly where?: Expression;
  readonly tableFunctions: readonly TableFunctionCall[];
  readonly grouping?: Grouping;
  /** PARTITION BY; an empty list stands for PARTITION BY NULL. Absent also where it changes nothing. */
  readonly partitionBy?: readonly Expression[];
  readonly output: QueryOutput;
  readonly emit?: 'CHANGES' | 'FINAL';
  readonly limit?: number | undefined;
}

export type Relation = SourceRelation | JoinRelation;

export interface SourceRelation {
  readonly kind: 'source';
  readonly source: DataSource;
  readonly alias: string;
  /** {@link rowLayout} of the source. */
  readonly layout: readonly Slot[];
}

export type JoinType = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';

export interface JoinRelation {
  readonly kind: 'join';
  readonly join: 'stream-stream' | 'stream-table' | 'table-table' | 'foreign-key';
  readonly type: JoinType;
  readonly left: Relation;
  readonly right: Relation;
  /** Over `left.layout`. For a table on its primary key: that key column. */
  readonly leftKey: Expression;
  /** Over `right.layout`. */
  readonly rightKey: Expression;
  /** In which both sides have their keys; undefined where nothing decides it: that of the first source. */
  readonly keyFormat: FormatInfo | undefined;
  /** Whether the side has to be re-keyed (and so goes through a repartition topic). */
  readonly repartitionLeft: boolean;
  readonly repartitionRight: boolean;
  /** Milliseconds: right.ts is within [left.ts - beforeMs, left.ts + afterMs]. */
  readonly within?: { readonly beforeMs: number; readonly afterMs: number; readonly graceMs?: number | undefined };
  /**
   * Slots of the left, slots of the right, then the slots of the key of the result (role `key`): ROWKEY or the chosen
   * column's name; for a foreign-key join the left's primary key columns.
   */
  readonly layout: readonly Slot[];
  readonly resultKind: SourceKind;
  /** The first of the key slots at the end of `layout`. */
  readonly keySlot: number;
}

export interface Grouping {
  readonly keys: readonly Expression[];
  readonly window?: QueryWindow | undefined;
  readonly aggregates: readonly AggregateCall[];
  readonly having?: Expression;
  /** One slot per key (role `key`), one per aggregate, then ROWTIME, and WINDOWSTART, WINDOWEND when windowed. */
  readonly layout: readonly Slot[];
  /** False when the single grouping expression is the source's key column, unwindowed: no repartition topic. */
  readonly repartition: boolean;
}

export type QueryWindow = {
  readonly retentionMs?: number | undefined;
  readonly graceMs?: number | undefined;
} & (
  | { readonly type: 'TUMBLING'; readonly sizeMs: number }
  | { readonly type: 'HOPPING'; readonly sizeMs: number; readonly advanceMs: number }
  | { readonly type: 'SESSION'; readonly gapMs: number }
);

export interface QueryOutput {
  readonly kind: SourceKind;
  /**
   * Persistent: the sink's schema. Push and pull: the columns of the answer in projection order (all of them, keys
   * marked).
   */
  readonly schema: Schema;
  readonly window?: WindowInfo | undefined;
  /**
   * The columns, in the order of `schema.columns`. A persistent query takes key columns from the key of the change:
   * `keyIndex` says which part of it. Everything else is evaluated over the layout before the projection.
   */
  readonly columns: readonly OutputColumn[];
}

export interface OutputColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly keyIndex?: number;
  readonly expression: Expression;
  /** The select item that it comes from; absent for a key that is carried along without being selected. */
  readonly selected?: SelectItem;
}

/** A column of an answer as it is selected, before it is known which ones are keys. */
export interface SelectItem {
  readonly name: string;
  /** Over the row before the projection. */
  readonly expression: Expression;
  /** The user named it with AS. */
  readonly aliased: boolean;
  /** It comes from `*` or `source.*`. */
  readonly fromStar: boolean;
  /** In the statement. */
  readonly range: TextRange;
}
