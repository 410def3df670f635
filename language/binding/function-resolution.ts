import type { FunctionDefinition, Parameter, ParameterType } from '../functions/function.ts';
import { AnalysisError, type LocatedNode } from '../text/analysis-error.ts';
import { widensTo } from '../types/implicit-cast.ts';
import type { SqlType } from '../types/sql-type.ts';
import { parametersOf, parameterTypeToString, signatureToString } from './function-signature.ts';
import { bindGenerics, type GenericBindings, hasGenerics } from './generics.ts';

/** An argument as far as it counts for the choice of an overload. */
export type ResolutionArgument =
  /** `null` is the untyped NULL literal, which any parameter accepts. */
  | { readonly kind: 'value'; readonly type: SqlType | null }
  | { readonly kind: 'lambda'; readonly parameterCount: number }
  | { readonly kind: 'unit' };

interface Overload {
  readonly parameters: readonly Parameter[];
  readonly initParameters?: readonly Parameter[] | undefined;
}

/** The overload that a call goes to, and the parameter that each argument is for. */
export interface Resolution<O> {
  readonly overload: O;
  /**
   * One per argument: its type. An argument that gives all values of a variadic parameter as one array has the array's
   * type.
   */
  readonly parameterTypes: readonly ParameterType[];
}

interface Candidate<O> extends Resolution<O> {
  /** The places of the arguments in ksqlDB's index of overloads; overloads that meet in one place hide one another. */
  readonly path: string;
  readonly rank: readonly number[];
}

/**
 * Chooses the overload of a function as ksqlDB's UdfIndex does: first those that accept the arguments as they are, then
 * (not for aggregates) those that accept them after implicit casts; among several the best ranked one.
 *
 * @throws AnalysisError `Function 'X' does not accept parameters (…)`, or `… cannot be resolved due to ambiguous method
 * parameters (…)`, both with the list of valid alternatives.
 */
export function resolveOverload<O extends Overload>(
  definition: FunctionDefinition & { readonly overloads: readonly O[] },
  args: readonly ResolutionArgument[],
  node: LocatedNode,
): Resolution<O> {
  const passes = definition.kind === 'aggregate' ? [false] : [false, true];
  for (const casts of passes) {
    const best = bestCandidate(definition, args, casts, node);
    if (best) return best;
  }
  const message =
    `Function '${definition.spelling ?? definition.name}' does not accept parameters ${argumentList(args)}.\n` +
    `Valid alternatives are:\n${alternatives(definition)}\n${DESCRIBE_HINT}`;
  const explanation = `${definition.name} does not take ${argumentList(args)}. It takes:\n${alternatives(definition)}`;
  throw new AnalysisError('function-arguments', message, { node, explanation });
}

const DESCRIBE_HINT = 'For detailed information on a function run: DESCRIBE FUNCTION <Function-Name>;';

function alternatives(definition: FunctionDefinition): string {
  return definition.overloads.map((overload) => signatureToString(definition, parametersOf(overload))).join('\n');
}

function bestCandidate<O extends Overload>(
  definition: FunctionDefinition & { readonly overloads: readonly O[] },
  args: readonly ResolutionArgument[],
  casts: boolean,
  node: LocatedNode,
): Candidate<O> | undefined {
  const byPath = new Map<string, Candidate<O>>();
  for (const overload of definition.overloads) {
    for (const candidate of candidatesOf(overload, args, casts)) {
      const other = byPath.get(candidate.path);
      if (!other || compareRanks(candidate.rank, other.rank) > 0) byPath.set(candidate.path, candidate);
    }
  }
  const candidates = [...byPath.values()].sort((a, b) => compareRanks(b.rank, a.rank));
  const [best, second] = candidates;
  if (!best || !second || compareRanks(best.rank, second.rank) > 0) return best;
  const message =
    `Function '${definition.spelling ?? definition.name}' cannot be resolved due to ambiguous method parameters ` +
    `${argumentList(args)}.\nUse CAST() to explicitly cast your parameters to one of the supported function calls.\n` +
    `Valid function calls are:\n${alternatives(definition)}\n${DESCRIBE_HINT}`;
  const explanation = `Which ${definition.name} is meant by ${argumentList(args)}? CAST the arguments to one of:\n${alternatives(definition)}`;
  throw new AnalysisError('function-ambiguous', message, { node, explanation });
}

/**
 * The ways in which an overload takes the arguments: a single value for a variadic parameter may also be the array of
 * all.
 */
function candidatesOf<O extends Overload>(
  overload: O,
  args: readonly ResolutionArgument[],
  casts: boolean,
): Candidate<O>[] {
  const parameters = parametersOf(overload);
  const variadic = parameters.findIndex((parameter) => parameter.variadic);
  const layouts: ParameterType[][] = [];
  if (variadic < 0) {
    if (parameters.length === args.length) layouts.push(parameters.map((parameter) => parameter.type));
  } else {
    const count = args.length - (parameters.length - 1);
    const element = parameters[variadic]!.type;
    const spread = (values: ParameterType[]) =>
      parameters.flatMap((parameter, i) => (i === variadic ? values : [parameter.type]));
    if (count >= 0) layouts.push(spread(Array.from({ length: count }, () => element)));
    if (count === 1) layouts.push(spread([{ kind: 'ARRAY', element }]));
  }
  const rank = rankOf(parameters, variadic);
  return layouts
    .filter((types) => acceptsAll(types, args, casts))
    .map((types) => ({ overload, parameterTypes: types, path: types.map(parameterTypeToString).join(';'), rank }));
}

/**
 * Greater is better, the first difference decides: not variadic; more parameters; fewer generic ones; a variadic
 * parameter that is not of any type; a variadic parameter further to the right.
 */
function rankOf(parameters: readonly Parameter[], variadic: number): readonly number[] {
  const generics = parameters.filter(({ type }) => hasGenerics(type) || type.kind === 'ANY').length;
  const anyVariadic = variadic >= 0 && parameters[variadic]!.type.kind === 'ANY';
  return [variadic < 0 ? 1 : 0, parameters.length, -generics, anyVariadic ? 0 : 1, variadic];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

function acceptsAll(types: readonly ParameterType[], args: readonly ResolutionArgument[], casts: boolean): boolean {
  const bindings: GenericBindings = new Map();
  return args.every((arg, i) => accepts(types[i]!, arg, bindings, casts));
}

function accepts(type: ParameterType, arg: ResolutionArgument, bindings: GenericBindings, casts: boolean): boolean {
  switch (arg.kind) {
    case 'unit':
      return type.kind === 'INTERVAL_UNIT';
    case 'lambda':
      return type.kind === 'LAMBDA' && type.parameters.length === arg.parameterCount;
    case 'value':
      if (type.kind === 'INTERVAL_UNIT' || type.kind === 'LAMBDA') return arg.type === null;
      if (arg.type === null) return true;
      return hasGenerics(type) ? bindGenerics(type, arg.type, bindings) : acceptsType(type, arg.type, casts);
    default:
      return arg satisfies never;
  }
}

/** @param type of a parameter, or of a field of its STRUCT, which has no generics */
function acceptsType(type: ParameterType | SqlType, argument: SqlType, casts: boolean): boolean {
  switch (type.kind) {
    case 'ANY':
      return true;
    case 'ANY_DECIMAL':
      return argument.kind === 'DECIMAL' || (casts && widensTo(argument.kind, 'DECIMAL'));
    case 'ARRAY':
      return argument.kind === 'ARRAY' && acceptsType(type.element, argument.element, casts);
    case 'MAP':
      return (
        argument.kind === 'MAP' &&
        acceptsType(type.key, argument.key, casts) &&
        acceptsType(type.value, argument.value, casts)
      );
    case 'STRUCT':
      return (
        argument.kind === 'STRUCT' &&
        argument.fields.length === type.fields.length &&
        type.fields.every(
          (field, i) =>
            argument.fields[i]!.name === field.name && acceptsType(field.type, argument.fields[i]!.type, casts),
        )
      );
    case 'GENERIC':
    case 'LAMBDA':
    case 'INTERVAL_UNIT':
      return false;
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return type.kind === argument.kind || (casts && widensTo(argument.kind, type.kind));
    default:
      return type satisfies never;
  }
}

/** `(INTEGER, ARRAY<STRING>, null, LAMBDA)`. To ksqlDB a unit of time has no type, as NULL has none. */
function argumentList(args: readonly ResolutionArgument[]): string {
  const texts = args.map((arg) => {
    if (arg.kind === 'unit') return 'null';
    if (arg.kind === 'lambda') return 'LAMBDA';
    return arg.type ? plainType(arg.type) : 'null';
  });
  return `(${texts.join(', ')})`;
}

/** The type with field names that are not quoted, as messages about functions print it. */
export function plainType(type: SqlType): string {
  switch (type.kind) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${plainType(type.element)}>`;
    case 'MAP':
      return `MAP<${plainType(type.key)}, ${plainType(type.value)}>`;
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${field.name} ${plainType(field.type)}`).join(', ')}>`;
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return type.kind;
    default:
      return type satisfies never;
  }
}
