import type { AggregateFunction, FunctionDefinition } from '../functions/function.ts';
import type { LocatedNode } from '../text/analysis-error.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { AggregateCall, Expression, TableFunctionCall } from './expression.ts';

/** The functions that expressions can call: the catalogue and those of the user. */
export interface FunctionCatalogue {
  /** By upper-case name. */
  get(name: string): FunctionDefinition | undefined;
  /** Upper-case names, for suggestions. */
  names(): Iterable<string>;
}

/** What {@link bindExpression} needs to know besides the columns. */
export interface BindContext {
  readonly functions: FunctionCatalogue;
  /** Custom types, by name. */
  readonly types: ReadonlyMap<string, SqlType>;
  /**
   * Takes an aggregate call, its arguments bound and its overload chosen, and gives the expression that stands for its
   * result. Absent where aggregates cannot stand: then they are unknown functions, as in ksqlDB.
   */
  readonly onAggregate?: (call: AggregateCall, node: LocatedNode) => Expression;
  /** The same for table functions. */
  readonly onTableFunction?: (call: TableFunctionCall, node: LocatedNode) => Expression;
  /**
   * Called before the arguments of an aggregate are looked at, where the mere presence of one is a fault that has its
   * own words (GROUP BY, for instance). It may throw an AnalysisError.
   */
  readonly beforeAggregate?: (definition: AggregateFunction, node: LocatedNode) => void;
  /** Told the type of every node, innermost first; for hovers. */
  readonly onTyped?: (node: LocatedNode, expression: Expression) => void;
  /**
   * In WHERE and HAVING a string literal compared with ROWTIME, WINDOWSTART or WINDOWEND is a timestamp, and replaced
   * by the milliseconds that it stands for.
   */
  readonly timestampLiterals?: boolean;
  /** False when `ksql.lambdas.enabled` is. */
  readonly lambdas?: boolean;
  /** Settings by their full name; functions get those of `ksql.functions.<name>.`. */
  readonly properties?: ReadonlyMap<string, string>;
}
