import type { BindContext } from '../../../language/binding/bind-context.ts';
import { bindExpression } from '../../../language/binding/binder.ts';
import type { AggregateCall, Expression } from '../../../language/binding/expression.ts';
import type { Scope } from '../../../language/binding/scope.ts';
import type {
  AggregateFunction,
  FunctionDefinition,
  Parameter,
  ParameterType,
  ReturnType,
  ScalarFunction,
  TableFunction,
} from '../../../language/functions/function.ts';
import { parseScript } from '../../../language/parser/parse-script.ts';
import { AnalysisError } from '../../../language/text/analysis-error.ts';
import { parseType } from '../../../language/types/parse-type.ts';
import { BIGINT, type SqlType } from '../../../language/types/sql-type.ts';

/** A parameter of a fixture function, by the text of its type; `T…` is variadic. */
export function parameter(type: ParameterType | string, variadic = false): Parameter {
  return { name: 'p', type: typeof type === 'string' ? parameterType(type) : type, ...(variadic ? { variadic } : {}) };
}

export const generic = (name: string): ParameterType => ({ kind: 'GENERIC', name });
export const arrayOf = (element: ParameterType): ParameterType => ({ kind: 'ARRAY', element });

function parameterType(text: string): ParameterType {
  if (text === 'DECIMAL') return { kind: 'ANY_DECIMAL' };
  if (/^[TKVRS]$/.test(text)) return generic(text);
  return parseType(text) as ParameterType;
}

type OverloadText = readonly [parameters: readonly (Parameter | string)[], returns: ReturnType | string];

const overloadOf = ([parameters, returns]: OverloadText) => ({
  parameters: parameters.map((p) => (typeof p === 'string' ? parameter(p) : p)),
  returns: typeof returns === 'string' ? parameterType(returns) : returns,
});

const described = (name: string) => ({ name, summary: name, examples: [] });

export const scalar = (name: string, ...overloads: OverloadText[]): ScalarFunction => ({
  ...described(name),
  kind: 'scalar',
  category: 'OTHER',
  overloads: overloads.map((overload) => ({ ...overloadOf(overload), implement: () => () => null })),
});

export const table = (name: string, ...overloads: OverloadText[]): TableFunction => ({
  ...described(name),
  kind: 'table',
  category: 'TABLE',
  overloads: overloads.map((overload) => ({ ...overloadOf(overload), implement: () => () => [] })),
});

export const aggregate = (
  name: string,
  initParameters: readonly string[],
  ...overloads: OverloadText[]
): AggregateFunction => ({
  ...described(name),
  kind: 'aggregate',
  category: 'AGGREGATE',
  undoable: false,
  overloads: overloads.map((overload) => ({
    ...overloadOf(overload),
    initParameters: initParameters.map((type) => parameter(type)),
    implement: () => ({ stateType: BIGINT, init: () => 0, add: () => 0, merge: () => 0, result: () => 0 }),
  })),
});

/** The AST of an expression, parsed as the only item of a projection. */
export function parseExpression(text: string) {
  const [statement] = parseScript(`SELECT ${text} AS X FROM S;`, { dialect: 'latest' }).statements;
  const node = statement?.node;
  if (node?.$type !== 'Query' || node.items[0]?.$type !== 'SelectExpression') {
    throw new Error(`Not an expression: ${text}: ${statement?.diagnostics.map((d) => d.message).join()}`);
  }
  return node.items[0].expression;
}

/** A row of columns `{ NAME: 'TYPE' }`, with ROWTIME behind them. */
export function scopeOf(columns: Readonly<Record<string, string>>): Scope {
  const all: [string, SqlType][] = Object.entries(columns).map(([name, type]) => [name, parseType(type)]);
  all.push(['ROWTIME', BIGINT]);
  const resolve: Scope['resolve'] = (name, _qualifier, node) => {
    const index = all.findIndex(([column]) => column === name);
    if (index < 0) throw new AnalysisError('unknown-column', `column '${name}' cannot be resolved.`, { node });
    return { index, name, type: all[index]![1] };
  };
  return {
    resolve,
    hasColumn: (name) => all.some(([column]) => column === name),
    rowtime: (node) => resolve('ROWTIME', undefined, node),
  };
}

export interface Fixture {
  readonly columns: Readonly<Record<string, string>>;
  readonly functions: readonly FunctionDefinition[];
}

/** Binds the text of an expression; aggregate calls end up in `aggregates` and become slot 100. */
export function bindText(
  text: string,
  fixture: Fixture,
  context: Partial<BindContext> = {},
  aggregates: AggregateCall[] = [],
): Expression {
  const byName = new Map(fixture.functions.map((definition) => [definition.name, definition]));
  return bindExpression(parseExpression(text), scopeOf(fixture.columns), {
    functions: { get: (name) => byName.get(name), names: () => byName.keys() },
    types: new Map(),
    onAggregate: (call) => {
      aggregates.push(call);
      return { kind: 'column', index: 100, name: call.text, type: call.type, text: call.text };
    },
    onTableFunction: ({ type, text: printed }) => ({ kind: 'column', index: 200, name: printed, type, text: printed }),
    ...context,
  });
}
