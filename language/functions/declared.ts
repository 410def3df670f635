import { EvaluationError } from '../types/evaluation-error.ts';
import { parseType, TypeSyntaxError } from '../types/parse-type.ts';
import type { SqlType, SqlValue } from '../types/sql-type.ts';
import type { Aggregator, CallSite, FunctionDefinition, Parameter, ParameterType, ReturnType } from './function.ts';

/**
 * A user's function as it is declared, as plain data: what the analyser, completion and DESCRIBE FUNCTION need to know
 * of it. Types are SQL texts.
 */
export interface FunctionDeclaration {
  readonly kind: 'scalar' | 'aggregate' | 'table';
  /** Upper case. */
  readonly name: string;
  readonly summary: string;
  readonly details?: string | undefined;
  readonly overloads: readonly DeclaredOverload[];
  /** Where it is declared, relative to the folder of the functions. */
  readonly file: string;
}

export interface DeclaredOverload {
  /** The last one may take any number of values. */
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly variadic?: boolean }[];
  readonly returns: string;
  /** The type of an aggregate's state. */
  readonly state?: string | undefined;
  /** An aggregate that can undo, so that it may be used on tables. */
  readonly undoable?: boolean;
  /** It takes NULLs itself; else a NULL argument gives NULL without a call. */
  readonly nullable?: boolean;
}

/**
 * What of a function is called at some place of a statement: which part of it, and the types of what goes in and comes
 * out.
 */
export interface FunctionMethod {
  readonly name: string;
  readonly overload: number;
  readonly method: 'evaluate' | 'rows' | 'initialize' | 'add' | 'remove' | 'merge' | 'result';
  readonly argTypes: readonly SqlType[];
  readonly returns: SqlType;
}

/** Gives what carries calls of a method out; that throws EvaluationErrors. */
export type Binder = (method: FunctionMethod) => (...args: SqlValue[]) => SqlValue;

/** Where functions are only looked at, nobody calls them. */
export const NO_BINDER: Binder =
  ({ name }) =>
  () => {
    throw new EvaluationError(`${name} is declared, but cannot be called here.`);
  };

/**
 * The catalogue's entry for a declared function.
 *
 * @throws TypeSyntaxError when a type of the declaration is none
 */
export function declaredFunction(declaration: FunctionDeclaration, bind: Binder): FunctionDefinition {
  const { kind, name, summary, details, overloads, file } = declaration;
  const base = {
    name,
    category: 'OTHER' as const,
    summary,
    author: file,
    examples: [],
    details,
  };
  const declared = overloads.map((overload, index) => new Overload(name, overload, index, bind));
  switch (kind) {
    case 'scalar':
      return {
        ...base,
        kind,
        // What it gives may change from call to call, and nobody knows: it is never folded.
        volatile: true,
        overloads: declared.map((overload) => ({
          ...overload.signature,
          implement: (site) => overload.scalar(site),
          ...(overload.isNullable ? { handlesNull: true } : {}),
        })),
      };
    case 'table':
      return {
        ...base,
        category: 'TABLE',
        kind,
        overloads: declared.map((overload) => ({
          ...overload.signature,
          implement: (site) => overload.rows(site),
        })),
      };
    case 'aggregate':
      return {
        ...base,
        category: 'AGGREGATE',
        kind,
        undoable: overloads.every(({ undoable }) => undoable === true),
        overloads: declared.map((overload) => ({
          ...overload.signature,
          implement: (site) => overload.aggregator(site),
        })),
      };
    default:
      return kind satisfies never;
  }
}

/**
 * The entries of declarations by their names, for where nobody calls them. One with a type that is none is left out;
 * whoever loads it says why.
 */
export function declaredFunctions(
  declarations: readonly FunctionDeclaration[],
): ReadonlyMap<string, FunctionDefinition> {
  const definitions = new Map<string, FunctionDefinition>();
  for (const declaration of declarations) {
    try {
      definitions.set(declaration.name, declaredFunction(declaration, NO_BINDER));
    } catch (error) {
      if (!(error instanceof TypeSyntaxError)) throw error;
    }
  }
  return definitions;
}

/** One overload, its types read. */
class Overload {
  readonly #name: string;
  readonly #declared: DeclaredOverload;
  readonly #index: number;
  readonly #binder: Binder;
  readonly #returns: SqlType;
  readonly #state: SqlType | undefined;
  readonly signature: { readonly parameters: readonly Parameter[]; readonly returns: ReturnType };

  constructor(name: string, declared: DeclaredOverload, index: number, binder: Binder) {
    this.#name = name;
    this.#declared = declared;
    this.#index = index;
    this.#binder = binder;
    this.#returns = parseType(declared.returns);
    this.#state = declared.state === undefined ? undefined : parseType(declared.state);
    const parameters = declared.parameters.map(({ name: parameter, type, variadic }): Parameter => {
      const typed = { name: parameter, type: parameterType(parseType(type)) };
      return variadic ? { ...typed, variadic } : typed;
    });
    // A parameter type stands for DECIMALs of every precision; a result has one.
    const returns = holdsDecimal(this.#returns) ? () => this.#returns : parameterType(this.#returns);
    this.signature = { parameters, returns };
  }

  get isNullable(): boolean {
    return this.#declared.nullable === true;
  }

  scalar(site: CallSite): (...args: SqlValue[]) => SqlValue {
    return this.#bind('evaluate', this.#argumentTypes(site), this.#returns);
  }

  rows(site: CallSite): (...args: SqlValue[]) => readonly SqlValue[] {
    const call = this.#bind('rows', this.#argumentTypes(site), { kind: 'ARRAY', element: this.#returns });
    return (...args) => {
      if (!this.isNullable && args.includes(null)) return [];
      return (call(...args) ?? []) as readonly SqlValue[];
    };
  }

  aggregator(site: CallSite): Aggregator {
    const state = this.#state!;
    const argTypes = this.#argumentTypes(site);
    const change = (method: 'add' | 'remove') => {
      const call = this.#bind(method, [state, ...argTypes], state);
      return (before: SqlValue, ...args: SqlValue[]) =>
        !this.isNullable && args.includes(null) ? before : call(before, ...args);
    };
    return {
      stateType: state,
      init: this.#bind('initialize', [], state),
      add: change('add'),
      ...(this.#declared.undoable ? { remove: change('remove') } : {}),
      merge: this.#bind('merge', [state, state], state),
      result: this.#bind('result', [state], this.#returns),
    };
  }

  #bind(method: FunctionMethod['method'], argTypes: readonly SqlType[], returns: SqlType) {
    return this.#binder({ name: this.#name, overload: this.#index, method, argTypes, returns });
  }

  /** As they are declared, but with the precision and scale of the call. */
  #argumentTypes({ argumentTypes }: CallSite): readonly SqlType[] {
    const { parameters } = this.#declared;
    return argumentTypes.map((type, i) => type ?? parseType(parameters[Math.min(i, parameters.length - 1)]!.type));
  }
}

function holdsDecimal(type: SqlType): boolean {
  switch (type.kind) {
    case 'DECIMAL':
      return true;
    case 'ARRAY':
      return holdsDecimal(type.element);
    case 'MAP':
      return holdsDecimal(type.key) || holdsDecimal(type.value);
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'STRUCT':
      return false;
    default:
      return type satisfies never;
  }
}

/** A parameter takes every DECIMAL, whatever precision its declaration names. */
function parameterType(type: SqlType): ParameterType {
  switch (type.kind) {
    case 'DECIMAL':
      return { kind: 'ANY_DECIMAL' };
    case 'ARRAY':
      return { kind: 'ARRAY', element: parameterType(type.element) };
    case 'MAP':
      return { kind: 'MAP', key: parameterType(type.key), value: parameterType(type.value) };
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'STRUCT':
      return type;
    default:
      return type satisfies never;
  }
}
