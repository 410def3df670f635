import type {
  AggregateFunction,
  AggregateOverload,
  CallSite,
  ScalarFunction,
  ScalarOverload,
  TableFunction,
  TableOverload,
} from '../functions/function.ts';
import type { TextRange } from '../text/text-range.ts';
import type { SqlType, SqlValue } from '../types/sql-type.ts';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'IS DISTINCT FROM' | 'IS NOT DISTINCT FROM';

/**
 * An expression after analysis: names resolved to slots of the input row, overloads chosen, implicit casts made
 * explicit, a type on every node. It is what plans hold and what the compiler turns into code.
 *
 * `type` of the untyped NULL literal is STRING by convention; `untyped` marks it. Booleans are two-valued in
 * comparisons (a NULL side gives FALSE); everything else on NULL operands is an evaluation error that makes the guarded
 * piece NULL, as ksqlDB does (types-and-expressions: arithmetic, comparison).
 */
export type Expression =
  | (Node & { readonly kind: 'literal'; readonly value: SqlValue; readonly untyped?: boolean })
  /** A slot of the operator's input row. */
  | (Node & {
      readonly kind: 'column';
      readonly index: number;
      readonly name: string;
      readonly source?: string | undefined;
    })
  /** A parameter of an enclosing lambda. */
  | (Node & { readonly kind: 'lambda-parameter'; readonly name: string })
  /**
   * Operands already widened to the type the operator works in, except DECIMAL operands, which keep their own scale.
   */
  | (Node & {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  /** STRING + STRING: NULL prints as 'null'. */
  | (Node & { readonly kind: 'string-plus'; readonly left: Expression; readonly right: Expression })
  | (Node & { readonly kind: 'negate'; readonly operand: Expression })
  /** The operands keep their types; the compiler picks the comparison for the pair. */
  | (Node & {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression })
  | (Node & { readonly kind: 'not'; readonly operand: Expression })
  | (Node & { readonly kind: 'is-null'; readonly operand: Expression; readonly negated: boolean })
  | (Node & {
      readonly kind: 'between';
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
    })
  | (Node & {
      readonly kind: 'in';
      readonly operand: Expression;
      readonly list: readonly Expression[];
      readonly negated: boolean;
    })
  | (Node & {
      readonly kind: 'like';
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly escape?: string | undefined;
      readonly negated: boolean;
    })
  /** Searched CASE. */
  | (Node & {
      readonly kind: 'case';
      readonly whens: readonly { readonly when: Expression; readonly then: Expression }[];
      readonly otherwise?: Expression;
    })
  /** `implicit` casts were put in by the analyser and are not printed. */
  | (Node & { readonly kind: 'cast'; readonly operand: Expression; readonly implicit?: boolean })
  | (Node & {
      readonly kind: 'call';
      readonly definition: ScalarFunction;
      readonly overload: ScalarOverload;
      readonly site: CallSite;
      readonly args: readonly CallArgument[];
    })
  | (Node & { readonly kind: 'array'; readonly elements: readonly Expression[] })
  | (Node & {
      readonly kind: 'map';
      readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
    })
  | (Node & { readonly kind: 'struct'; readonly fields: readonly Expression[] })
  /** `base[index]` of an ARRAY (1-based, negative from the end) or a MAP. */
  | (Node & { readonly kind: 'subscript'; readonly base: Expression; readonly index: Expression })
  /** `base->field`. */
  | (Node & { readonly kind: 'field'; readonly base: Expression; readonly index: number; readonly name: string });

interface Node {
  readonly type: SqlType;
  /** The text as ksqlDB's formatter prints it; used in generated messages and for structural equality. */
  readonly text: string;
  readonly range?: TextRange;
}

export type CallArgument =
  | { readonly kind: 'value'; readonly expression: Expression }
  | {
      readonly kind: 'lambda';
      readonly parameters: readonly string[];
      readonly parameterTypes: readonly SqlType[];
      readonly body: Expression;
    }
  | { readonly kind: 'unit'; readonly unit: 'DAYS' | 'HOURS' | 'MINUTES' | 'SECONDS' | 'MILLISECONDS' };

/** A table function in a projection, e.g. EXPLODE(tags). */
export interface TableFunctionCall {
  readonly definition: TableFunction;
  readonly overload: TableOverload;
  readonly site: CallSite;
  readonly args: readonly CallArgument[];
  readonly type: SqlType;
  readonly text: string;
}

/** A call of an aggregate, e.g. COUNT(*), whose result is a slot of the grouped row. */
export interface AggregateCall {
  readonly definition: AggregateFunction;
  readonly overload: AggregateOverload;
  readonly site: CallSite;
  /** Column arguments, over the input layout. COUNT(*) has ROWTIME as its argument. */
  readonly args: readonly Expression[];
  readonly initArgs: readonly SqlValue[];
  readonly type: SqlType;
  readonly text: string;
}
