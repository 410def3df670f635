import type {
  AggregateFunction,
  ArgumentType,
  CallSite,
  FunctionDefinition,
  ParameterType,
  ReturnType,
  ScalarFunction,
  TableFunction,
} from '../functions/function.ts';
import { FunctionTypeError, NO_ENVIRONMENT } from '../functions/function.ts';
import type * as ast from '../generated/ast.ts';
import { propertyRange } from '../parser/property-range.ts';
import { AnalysisError, type LocatedNode, rangeOf } from '../text/analysis-error.ts';
import { identifierText } from '../text/identifier-text.ts';
import { closest } from '../text/suggestions.ts';
import { type SqlType, type SqlValue, STRING, typeToString } from '../types/sql-type.ts';
import type { Binder } from './binder.ts';
import type { CallArgument, Expression } from './expression.ts';
import { type Resolution, type ResolutionArgument, resolveOverload } from './function-resolution.ts';
import { parametersOf, parameterTypeToString } from './function-signature.ts';
import { bindGenerics, concreteType, type GenericBindings, genericNames, hasGenerics } from './generics.ts';
import { implicitCast } from './implicit-casts.ts';
import { bindLambda, checkLambdaOrder } from './lambdas.ts';
import { isUntypedNull, typedNull } from './literals.ts';

/** One `||` of a chain, its left side being all that stands before. */
export interface Concatenation extends LocatedNode {
  readonly $type: 'Concatenation';
  readonly left: Expression;
  readonly right: Expression;
}

type CallNode = ast.FunctionCall | Concatenation;

/** An argument before the overload is known: lambdas wait for it. */
type PendingArgument =
  | { readonly kind: 'value'; readonly expression: Expression }
  | { readonly kind: 'lambda'; readonly node: ast.Lambda }
  | Extract<CallArgument, { kind: 'unit' }>;

type AnyResolution = Resolution<FunctionDefinition['overloads'][number]>;

/** What is the same for scalar, aggregate and table functions once the overload is chosen. */
interface BoundCall {
  readonly site: CallSite;
  readonly args: readonly CallArgument[];
  readonly type: SqlType;
  readonly text: string;
}

/**
 * A function call, or `||`, which is a call of CONCAT. Calls of aggregate and table functions go to the hooks of the
 * context.
 *
 * @throws AnalysisError for an unknown function, for arguments that no overload takes, and for what the function's own
 * checks refuse
 */
export function bindCall(node: CallNode, binder: Binder): Expression {
  const name = node.$type === 'FunctionCall' ? node.name : 'CONCAT';
  const definition = binder.context.functions.get(name.toUpperCase());
  switch (definition?.kind) {
    case 'scalar':
      return bindScalar(definition, node, binder);
    case 'aggregate':
      if (!binder.context.onAggregate && !binder.context.beforeAggregate) break;
      return bindAggregate(definition, node, binder);
    case 'table':
      if (!binder.context.onTableFunction) break;
      return bindTableFunction(definition, node, binder);
    case undefined:
      break;
    default:
      return definition satisfies never;
  }
  throw unknownFunction(name, definition, node, binder);
}

function unknownFunction(
  name: string,
  definition: FunctionDefinition | undefined,
  node: CallNode,
  binder: Binder,
): AnalysisError {
  const range = node.$type === 'FunctionCall' ? propertyRange(node, 'name') : rangeOf(node);
  if (definition) {
    const kind = definition.kind === 'aggregate' ? 'an aggregate' : 'a table';
    const message = `Can't find any functions with the name '${name}': it is ${kind} function, which cannot be used here.`;
    return new AnalysisError('function-not-allowed', message, { range });
  }
  const suggestion = closest(name, binder.context.functions.names());
  const hint = suggestion === undefined ? '' : `\nDid you mean ${suggestion}?`;
  const fixes =
    suggestion !== undefined && range
      ? [{ title: `Change to ${suggestion}`, edits: [{ range, text: suggestion }] }]
      : [];
  return new AnalysisError('unknown-function', `Can't find any functions with the name '${name}'${hint}`, {
    range,
    fixes,
  });
}

function bindScalar(definition: ScalarFunction, node: CallNode, binder: Binder): Expression {
  const pending = pendingArguments(definition, node, binder);
  const resolution = resolveOverload(definition, pending.map(resolutionArgument), node);
  const { overload } = resolution;
  const { site, args, type, text } = completeCall(definition, resolution, pending, node, binder);
  return { kind: 'call', definition, overload, site, args, type, text };
}

function bindAggregate(definition: AggregateFunction, node: CallNode, binder: Binder): Expression {
  const { context, surroundings } = binder;
  context.beforeAggregate?.(definition, node);
  if (!context.onAggregate) throw unknownFunction(definition.name, definition, node, binder);
  if (surroundings.within) {
    const message =
      surroundings.within.kind === 'aggregate'
        ? `Aggregate functions can not be nested: ${surroundings.within.name}(${definition.name}())`
        : 'Table functions cannot be used with aggregations.';
    throw new AnalysisError('nested-aggregate', message, { node });
  }
  if (surroundings.lambdaParameters.size > 0) {
    const message = `An aggregate function cannot be called in a lambda: ${definition.name}`;
    throw new AnalysisError('aggregate-in-lambda', message, { node });
  }
  const inner = binder.inside({ within: { kind: 'aggregate', name: definition.name } });
  const pending = argumentsOrRowtime(definition, node, inner);
  const resolution = resolveOverload(definition, pending.map(resolutionArgument), node);
  const { overload } = resolution;
  const { site, args, type, text } = completeCall(definition, resolution, pending, node, inner);
  const columns = args.length - (overload.initParameters?.length ?? 0);
  refuseNullColumns(definition, pending.slice(0, columns), node);
  const expressions = args.map((arg) => expressionOf(arg));
  const initArgs = expressions
    .slice(columns)
    .map((expression, i) => literalArgument(expression, columns + i, definition));
  functionTypes(() => overload.implement(site, initArgs, NO_ENVIRONMENT), node);
  return context.onAggregate(
    { definition, overload, site, args: expressions.slice(0, columns), initArgs, type, text },
    node,
  );
}

/** What is aggregated becomes a column before the aggregation, and a column has a type. */
function refuseNullColumns(definition: AggregateFunction, pending: readonly PendingArgument[], node: CallNode): void {
  if (!pending.some((argument) => argument.kind === 'value' && isUntypedNull(argument.expression))) return;
  const message =
    `NULL expression not supported: the type of the NULL given to ${definition.name} cannot be inferred. ` +
    'Please explicitly cast it to a required type, e.g. CAST(null AS VARCHAR).';
  throw new AnalysisError('untyped-null', message, { node });
}

function expressionOf(argument: CallArgument): Expression {
  if (argument.kind === 'value') return argument.expression;
  throw new TypeError(`An aggregate function has a parameter of the kind ${argument.kind}`);
}

/** The value of a parameter that an aggregate wants to know when it is planned. */
function literalArgument(expression: Expression, index: number, definition: AggregateFunction): SqlValue {
  const literal = expression.kind === 'cast' && expression.implicit ? expression.operand : expression;
  if (literal.kind === 'literal' && literal.value !== null) return literal.value;
  const message =
    `Parameter ${index + 1} passed to function ${definition.name} must be a literal constant, but was expression: ` +
    `'${expression.text}'`;
  throw new AnalysisError('aggregate-literal', message, { range: expression.range });
}

function bindTableFunction(definition: TableFunction, node: CallNode, binder: Binder): Expression {
  const { context, surroundings } = binder;
  if (surroundings.within) {
    const outer = surroundings.within;
    const message =
      outer.kind === 'table'
        ? `Table functions cannot be nested: \`${outer.name}\`(\`${definition.name}\`())`
        : 'Table functions cannot be used with aggregations.';
    throw new AnalysisError('nested-table-function', message, { node });
  }
  if (surroundings.inCase) {
    throw new AnalysisError('table-function-in-case', `Table functions cannot be used in CASE: ${definition.name}`, {
      node,
    });
  }
  const inner = binder.inside({ within: { kind: 'table', name: definition.name } });
  const pending = argumentsOrRowtime(definition, node, inner);
  const resolution = resolveOverload(definition, pending.map(resolutionArgument), node);
  const call = completeCall(definition, resolution, pending, node, inner);
  return context.onTableFunction!({ definition, overload: resolution.overload, ...call }, node);
}

/** COUNT(*) and any other aggregate or table function without arguments is called with ROWTIME. */
function argumentsOrRowtime(definition: FunctionDefinition, node: CallNode, binder: Binder): PendingArgument[] {
  const pending = pendingArguments(definition, node, binder);
  if (pending.length > 0) return pending;
  const { index, name, type, source } = binder.scope.rowtime(node);
  const expression: Expression = {
    kind: 'column',
    index,
    name,
    type,
    text: name,
    source,
  };
  return [{ kind: 'value', expression }];
}

function pendingArguments(definition: FunctionDefinition, node: CallNode, binder: Binder): PendingArgument[] {
  if (node.$type === 'Concatenation') {
    return [node.left, node.right].map((expression) => ({ kind: 'value', expression }));
  }
  checkLambdaOrder(node, binder);
  return node.args.map((arg, i) => {
    if (arg.$type === 'Lambda') return { kind: 'lambda', node: arg };
    if (arg.$type === 'IntervalUnit') return { kind: 'unit', unit: unitNamed(arg.unit)! };
    const unit = singularUnit(arg, definition, i, binder);
    return unit ? { kind: 'unit', unit } : { kind: 'value', expression: binder.bind(arg) };
  });
}

type Unit = Extract<CallArgument, { kind: 'unit' }>['unit'];
const UNITS: readonly Unit[] = ['DAYS', 'HOURS', 'MINUTES', 'SECONDS', 'MILLISECONDS'];
const unitNamed = (name: string): Unit | undefined => UNITS.find((unit) => unit === name || unit === `${name}S`);

/**
 * DAY, HOUR, MINUTE and SECOND are names like any other in the grammar. Where the function wants a unit and no column
 * has this name, they stand for one; ksqlDB itself takes only the plural.
 */
function singularUnit(
  node: ast.Expression,
  definition: FunctionDefinition,
  index: number,
  binder: Binder,
): Unit | undefined {
  if (node.$type !== 'ColumnReference' || binder.scope.hasColumn(node.name)) return undefined;
  const wanted = definition.overloads.some(({ parameters }) => parameters[index]?.type.kind === 'INTERVAL_UNIT');
  return wanted ? unitNamed(node.name) : undefined;
}

function resolutionArgument(pending: PendingArgument): ResolutionArgument {
  switch (pending.kind) {
    case 'value':
      return { kind: 'value', type: isUntypedNull(pending.expression) ? null : pending.expression.type };
    case 'lambda':
      return { kind: 'lambda', parameterCount: pending.node.parameters.length };
    case 'unit':
      return { kind: 'unit' };
    default:
      return pending satisfies never;
  }
}

/** Binds generics and lambdas, casts the arguments, and finds the type of the result. */
function completeCall(
  definition: FunctionDefinition,
  resolution: AnyResolution,
  pending: readonly PendingArgument[],
  node: CallNode,
  binder: Binder,
): BoundCall {
  const { overload, parameterTypes } = resolution;
  const bindings: GenericBindings = new Map();
  for (const [i, argument] of pending.entries()) {
    if (argument.kind !== 'value' || isUntypedNull(argument.expression)) continue;
    if (hasGenerics(parameterTypes[i]!)) bindGenerics(parameterTypes[i]!, argument.expression.type, bindings);
  }
  refuseUnknownGenerics(definition, resolution, pending, node);
  const elements = valueTypes(resolution, pending.length);
  const lambdaResultTypes: (SqlType | undefined)[] = [];
  const args = pending.map((argument, i): CallArgument => {
    const completed = completeArgument(argument, parameterTypes[i]!, elements[i]!, bindings, binder);
    lambdaResultTypes.push(completed.kind === 'lambda' ? completed.body.type : undefined);
    return completed;
  });
  const argumentTypes = args.map((arg) => (arg.kind === 'value' ? arg.expression.type : null));
  const knownTypes = argumentTypes.map((type, i) => (isNullArgument(pending[i]!) ? null : type));
  const type = resultType(definition, overload.returns, knownTypes, bindings, node);
  const settings = functionSettings(definition.name, binder.context.properties);
  const site: CallSite = { argumentTypes, returnType: type, lambdaResultTypes, ...(settings && { settings }) };
  return { site, args, type, text: `${definition.name}(${args.map(argumentText).join(', ')})` };
}

/**
 * What `ksql.functions.<name>.` settings there are for a function, by what follows the prefix; undefined without any.
 */
function functionSettings(
  name: string,
  properties: ReadonlyMap<string, string> | undefined,
): ReadonlyMap<string, string> | undefined {
  const prefix = `ksql.functions.${name.toLowerCase()}.`;
  const found = [...(properties ?? [])].filter(([property]) => property.startsWith(prefix));
  return found.length === 0
    ? undefined
    : new Map(found.map(([property, value]) => [property.slice(prefix.length), value]));
}

const isNullArgument = (argument: PendingArgument): boolean =>
  argument.kind === 'value' && isUntypedNull(argument.expression);

/** The declared type of each argument: for an array that was taken for a variadic parameter, that of a single value. */
function valueTypes({ overload, parameterTypes }: AnyResolution, count: number): readonly ParameterType[] {
  const parameters = parametersOf(overload);
  const variadic = count === parameters.length ? parameters.findIndex((parameter) => parameter.variadic) : -1;
  return parameterTypes.map((type, i) => (i === variadic ? parameters[i]!.type : type));
}

function completeArgument(
  argument: PendingArgument,
  parameterType: ParameterType,
  valueType: ParameterType,
  bindings: GenericBindings,
  binder: Binder,
): CallArgument {
  switch (argument.kind) {
    case 'unit':
      return argument;
    case 'lambda':
      return bindLambda(argument.node, parameterType, bindings, binder);
    case 'value': {
      const { expression } = argument;
      if (parameterType !== valueType) return { kind: 'value', expression: arrayAsValue(expression, valueType) };
      const given = isUntypedNull(expression) ? null : expression.type;
      if (given === null)
        return { kind: 'value', expression: typedNull(expression, nullType(parameterType, bindings)) };
      const type = concreteType(parameterType, bindings, given) ?? given;
      return { kind: 'value', expression: implicitCast(expression, type) };
    }
    default:
      return argument satisfies never;
  }
}

/** The type that NULL gets in the place of a parameter; a generic that nothing has bound is as good as a STRING. */
function nullType(type: ParameterType, bindings: GenericBindings): SqlType {
  const defaulted = new Map(bindings);
  for (const name of genericNames(type)) if (!defaulted.has(name)) defaulted.set(name, STRING);
  return concreteType(type, defaulted) ?? STRING;
}

/**
 * ksqlDB lets one array stand for the values of a variadic parameter, and then casts it to a single value: to text, the
 * only thing that an array can be cast to.
 */
function arrayAsValue(expression: Expression, valueType: ParameterType): Expression {
  if (valueType.kind === 'STRING') return implicitCast(expression, STRING);
  const message =
    `Cast of ${typeToString(expression.type)} to ${parameterTypeToString(valueType)} is not supported: the values of a ` +
    'variadic parameter have to be given one by one.';
  throw new AnalysisError('cast-not-supported', message, { range: expression.range });
}

/**
 * ksqlDB cannot tell the type of a result that follows from a generic parameter when the NULL literal is given for it.
 * It looks at one argument for each parameter, and so not at the second and later values of a variadic one at the end.
 */
function refuseUnknownGenerics(
  definition: FunctionDefinition,
  { overload, parameterTypes }: AnyResolution,
  pending: readonly PendingArgument[],
  node: CallNode,
): void {
  const { returns } = overload;
  if (typeof returns === 'function' || !hasGenerics(returns)) return;
  const index = pending
    .slice(0, parametersOf(overload).length)
    .findIndex(
      (argument, i) =>
        argument.kind === 'value' && isUntypedNull(argument.expression) && hasGenerics(parameterTypes[i]!),
    );
  if (index < 0) return;
  const message =
    `The type of the NULL given to ${definition.name} for ${parameterTypeToString(parameterTypes[index]!)} cannot be ` +
    'inferred. Please explicitly cast it to a required type, e.g. CAST(null AS VARCHAR).';
  throw new AnalysisError('untyped-null', message, { node });
}

function resultType(
  definition: FunctionDefinition,
  returns: ReturnType,
  argumentTypes: readonly ArgumentType[],
  bindings: GenericBindings,
  node: CallNode,
): SqlType {
  if (typeof returns === 'function') {
    // An untyped NULL among the arguments may leave the rule without an answer.
    const type: SqlType | null | undefined = functionTypes(() => returns(argumentTypes), node);
    if (type) return type;
    throw new AnalysisError('function-arguments', `The result type of ${definition.name} cannot be inferred.`, {
      node,
    });
  }
  const type = concreteType(
    returns,
    bindings,
    argumentTypes.find((argument) => argument?.kind === 'DECIMAL'),
  );
  if (type) return type;
  throw new AnalysisError('function-arguments', `The result type of ${definition.name} cannot be inferred.`, { node });
}

/** Runs the type rules of a function; what they refuse becomes a fault of the call. */
function functionTypes<T>(rules: () => T, node: LocatedNode): T {
  try {
    return rules();
  } catch (error) {
    if (error instanceof FunctionTypeError) throw new AnalysisError('function-arguments', error.message, { node });
    throw error;
  }
}

function argumentText(argument: CallArgument): string {
  switch (argument.kind) {
    case 'value':
      return argument.expression.text;
    case 'lambda':
      return `(${argument.parameters.map(identifierText).join(', ')}) => ${argument.body.text}`;
    case 'unit':
      return argument.unit;
    default:
      return argument satisfies never;
  }
}
