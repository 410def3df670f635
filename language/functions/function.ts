import type { SqlType, SqlValue } from '../types/sql-type.ts';

/**
 * One entry of the function catalogue. It serves hover, signature help, completion, the type checker, the runtime,
 * DESCRIBE FUNCTION, SHOW FUNCTIONS and the documentation, so nothing else has to know a function by name.
 */
export type FunctionDefinition = ScalarFunction | AggregateFunction | TableFunction;

export type FunctionCategory =
  | 'CONDITIONAL'
  | 'MATHEMATICAL'
  | 'STRING'
  | 'REGULAR EXPRESSION'
  | 'JSON'
  | 'DATE / TIME'
  | 'ARRAY'
  | 'MAP'
  | 'LAMBDA'
  | 'URL'
  | 'CONVERSIONS'
  | 'OTHER'
  | 'AGGREGATE'
  | 'TABLE';

interface FunctionBase {
  /** Upper case. */
  readonly name: string;
  /** The name as ksqlDB's messages spell it, where that is not upper case (`Abs`, `trunc`). */
  readonly spelling?: string;
  readonly category: FunctionCategory;
  /** One sentence. */
  readonly summary: string;
  /** Longer documentation in Markdown: edge cases, NULL handling. */
  readonly details?: string | undefined;
  readonly author?: string;
  /** Set when the function is deprecated: the name of its successor, for a hint and a quick fix. */
  readonly successor?: string;
  /** Run as tests and shown in the function reference; at least one. */
  readonly examples: readonly FunctionExample[];
}

/**
 * `call` is a KSQL expression over literals; `result` is the KSQL literal or constructor expression it must equal, or
 * NULL.
 */
export interface FunctionExample {
  readonly call: string;
  readonly result: string;
}

/**
 * The type of a parameter: a SQL type (a `DECIMAL` stands for any DECIMAL and is written `{ kind: 'ANY_DECIMAL' }`), a
 * generic such as `T` that binds consistently over the call, a collection of either, a lambda, a time unit keyword, or
 * ANY.
 */
export type ParameterType =
  | Exclude<SqlType, { kind: 'ARRAY' | 'MAP' | 'STRUCT' | 'DECIMAL' }>
  | Extract<SqlType, { kind: 'STRUCT' }>
  | { readonly kind: 'ANY_DECIMAL' }
  | { readonly kind: 'GENERIC'; readonly name: string }
  | { readonly kind: 'ANY' }
  | { readonly kind: 'INTERVAL_UNIT' }
  | { readonly kind: 'ARRAY'; readonly element: ParameterType }
  | { readonly kind: 'MAP'; readonly key: ParameterType; readonly value: ParameterType }
  | { readonly kind: 'LAMBDA'; readonly parameters: readonly ParameterType[]; readonly result: ParameterType };

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly description?: string;
  /**
   * At most one parameter of an overload; it may stand in the middle. Accepts zero or more values, or the text of one
   * array.
   */
  readonly variadic?: boolean;
  /** A JVM primitive in ksqlDB: a NULL argument is an evaluation error (NULL result and a processing-log entry). */
  readonly nonNull?: boolean;
}

/** The static type of an argument; `null` is the untyped NULL literal. */
export type ArgumentType = SqlType | null;

/**
 * How the return type of an overload follows from its arguments: a parameter type (generics are replaced by what they
 * were bound to) or a function of the argument types. It may throw {@link FunctionTypeError}.
 */
export type ReturnType = ParameterType | ((args: readonly ArgumentType[]) => SqlType);

/**
 * Thrown by a {@link ReturnType} that the arguments admit no type for. The message names the function and says what to
 * do.
 */
export class FunctionTypeError extends Error {}

/**
 * A lambda argument as an implementation gets it: an ordinary JavaScript function over SQL values.
 */
export type Lambda = (...args: SqlValue[]) => SqlValue;

/**
 * What an overload learns once, when a call is compiled: the static types after implicit casts, and the return type.
 */
export interface CallSite {
  readonly argumentTypes: readonly ArgumentType[];
  readonly returnType: SqlType;
  /** For lambda arguments (by argument index): the type of the lambda's body. */
  readonly lambdaResultTypes: readonly (SqlType | undefined)[];
  /** Values of `ksql.functions.<name>.*` settings, without the prefix. */
  readonly settings?: ReadonlyMap<string, string>;
}

/**
 * What functions need that no argument gives. The language has neither clock nor chance: whoever runs a function brings
 * them, and can bring others.
 */
export interface FunctionEnvironment {
  /** The time, in milliseconds since the epoch. */
  nowMs(): number;
  /** A number from 0 up to, not including, 1. */
  random(): number;
  randomUuid(): string;
  /** A whole number above all that were given before, also those that states kept from earlier runs hold. */
  nextInOrder(): number;
}

/** For who only asks what an overload gives: what it would need of the world is not there. */
export const NO_ENVIRONMENT: FunctionEnvironment = {
  nowMs: notHere,
  random: notHere,
  randomUuid: notHere,
  nextInOrder: notHere,
};

function notHere(): never {
  throw new TypeError('A function was run where it may only be asked about');
}

export interface ScalarOverload {
  readonly parameters: readonly Parameter[];
  readonly returns: ReturnType;
  readonly description?: string;
  /**
   * Builds the implementation for one call site. A variadic parameter's values arrive flattened in their places.
   * Interval units arrive as a string: DAYS, HOURS, MINUTES, SECONDS, MILLISECONDS. Throwing means an evaluation error:
   * the enclosing expression piece becomes NULL and the processing log gets the message.
   */
  readonly implement: (site: CallSite, environment: FunctionEnvironment) => (...args: any[]) => SqlValue;
  /** Set when the implementation takes NULL arguments itself. Otherwise any NULL argument gives NULL without a call. */
  readonly handlesNull?: boolean;
}

export interface ScalarFunction extends FunctionBase {
  readonly kind: 'scalar';
  readonly overloads: readonly ScalarOverload[];
  /** True for functions whose result changes from call to call (RANDOM, UUID, UNIX_TIMESTAMP): never folded. */
  readonly volatile?: boolean;
}

export interface TableOverload {
  readonly parameters: readonly Parameter[];
  readonly returns: ReturnType;
  readonly description?: string;
  /** Gives the rows (values of one column). NULL arguments are passed on. */
  readonly implement: (site: CallSite, environment: FunctionEnvironment) => (...args: any[]) => readonly SqlValue[];
}

export interface TableFunction extends FunctionBase {
  readonly kind: 'table';
  readonly overloads: readonly TableOverload[];
}

/**
 * The running part of an aggregate. `State` must be a plain SQL value of `stateType`, because it goes to the state
 * store and its changelog; implementations never mutate a state they were given (they return a new one).
 */
export interface Aggregator<State extends SqlValue = any> {
  readonly stateType: SqlType;
  readonly init: () => State;
  /** `args` are the column arguments (several for multi-argument aggregates such as CORRELATION); NULLs included. */
  readonly add: (state: State, ...args: any[]) => State;
  /** Undo of `add`; absent when the function cannot be applied to a table. */
  readonly remove?: (state: State, ...args: any[]) => State;
  /** Combines the states of two sessions, the earlier one first. */
  readonly merge: (first: State, second: State) => State;
  readonly result: (state: State) => SqlValue;
  /**
   * What `add` does where the state and its one argument are numbers, so that it can be done where the numbers are
   * kept. Absent for what only `add` itself can do.
   */
  readonly arithmetic?: Arithmetic | undefined;
}

/** Adding to a number: it counts what is not NULL, sums by its type, or has the greatest or least integer. */
export type Arithmetic = 'count' | 'sum of ints' | 'sum of longs' | 'sum of doubles' | 'greatest' | 'least';

export interface AggregateOverload {
  /** The column parameters. */
  readonly parameters: readonly Parameter[];
  /** Extra parameters that must be literals (`k` of TOPK), after the column parameters. */
  readonly initParameters?: readonly Parameter[] | undefined;
  readonly returns: ReturnType;
  readonly description?: string;
  /** @throws FunctionTypeError when an initial argument is not acceptable (`earliestN must be 1 or greater`). */
  readonly implement: (
    site: CallSite,
    initArgs: readonly SqlValue[],
    environment: Pick<FunctionEnvironment, 'nextInOrder'>,
  ) => Aggregator;
}

export interface AggregateFunction extends FunctionBase {
  readonly kind: 'aggregate';
  readonly overloads: readonly AggregateOverload[];
  /** Whether every overload can undo, i.e. may be applied to a table source. */
  readonly undoable: boolean;
}
