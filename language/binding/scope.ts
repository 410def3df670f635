import type { LocatedNode } from '../text/analysis-error.ts';
import type { SqlType } from '../types/sql-type.ts';

/** A column that a name stands for. */
export interface ResolvedColumn {
  /** The slot of the operator's input row. */
  readonly index: number;
  readonly name: string;
  readonly type: SqlType;
  /** The alias of the source that the column belongs to. */
  readonly source?: string | undefined;
  /** How ksqlDB prints the reference; the name by default. */
  readonly text?: string;
}

/**
 * The columns that the names of an expression can stand for: those of a source, of a join, of a grouped row, or none.
 */
export interface Scope {
  /** @throws AnalysisError when there is no such column, or more than one. */
  resolve(name: string, qualifier: string | undefined, node: LocatedNode): ResolvedColumn;
  /** Whether any source has a column of this name. */
  hasColumn(name: string): boolean;
  /**
   * The ROWTIME of the row itself: the argument of an aggregate or table function that is called without any, as
   * COUNT(*).
   */
  rowtime(node: LocatedNode): ResolvedColumn;
}
