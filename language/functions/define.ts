import { BIGINT, BOOLEAN, BYTES, DATE, DOUBLE, INTEGER, STRING, TIME, TIMESTAMP } from '../types/sql-type.ts';
import type {
  FunctionCategory,
  FunctionEnvironment,
  FunctionExample,
  Parameter,
  ParameterType,
  ScalarFunction,
  ScalarOverload,
} from './function.ts';

/** Shorthands for parameter types; they keep a function one compact object. */
export const t = {
  boolean: BOOLEAN as ParameterType,
  int: INTEGER as ParameterType,
  bigint: BIGINT as ParameterType,
  double: DOUBLE as ParameterType,
  decimal: { kind: 'ANY_DECIMAL' } as ParameterType,
  string: STRING as ParameterType,
  bytes: BYTES as ParameterType,
  date: DATE as ParameterType,
  time: TIME as ParameterType,
  timestamp: TIMESTAMP as ParameterType,
  any: { kind: 'ANY' } as ParameterType,
  unit: { kind: 'INTERVAL_UNIT' } as ParameterType,
  generic: (name: string): ParameterType => ({ kind: 'GENERIC', name }),
  array: (element: ParameterType): ParameterType => ({ kind: 'ARRAY', element }),
  map: (key: ParameterType, value: ParameterType): ParameterType => ({ kind: 'MAP', key, value }),
  lambda: (parameters: readonly ParameterType[], result: ParameterType): ParameterType => ({
    kind: 'LAMBDA',
    parameters,
    result,
  }),
} as const;

/** A parameter. */
export const p = (name: string, type: ParameterType, description?: string): Parameter =>
  description === undefined ? { name, type } : { name, type, description };

/** A parameter that is a JVM primitive in ksqlDB: NULL is an error. */
export const primitive = (name: string, type: ParameterType, description?: string): Parameter => ({
  ...p(name, type, description),
  nonNull: true,
});

/** A parameter that takes any number of values. */
export const variadic = (name: string, type: ParameterType, description?: string): Parameter => ({
  ...p(name, type, description),
  variadic: true,
});

/** What a scalar function may have besides. Messages spell its name in lower case where nothing else is said. */
type More = Partial<Pick<ScalarFunction, 'details' | 'spelling' | 'successor' | 'volatile'>>;

/** A builder of scalar functions of one category. */
export const scalarIn =
  (category: FunctionCategory) =>
  (
    name: string,
    summary: string,
    overloads: readonly ScalarOverload[],
    examples: FunctionExample | readonly FunctionExample[],
    more: More = {},
  ): ScalarFunction => ({
    kind: 'scalar',
    name,
    spelling: name.toLowerCase(),
    category,
    summary,
    overloads,
    examples: [examples].flat(),
    ...more,
  });

/** An overload whose implementation needs to know nothing of the call. */
export const overload = (
  parameters: readonly Parameter[],
  returns: ParameterType,
  run: (...args: any[]) => any,
): ScalarOverload => ({ parameters, returns, implement: () => run });

/** An overload that needs something which no argument gives. */
export const environmental = (
  parameters: readonly Parameter[],
  returns: ParameterType,
  runIn: (environment: FunctionEnvironment) => (...args: any[]) => any,
): ScalarOverload => ({ parameters, returns, implement: (_, environment) => runIn(environment) });

/** An overload that takes NULL arguments itself. */
export const nullable = (
  parameters: readonly Parameter[],
  returns: ParameterType,
  run: (...args: any[]) => any,
): ScalarOverload => ({ ...overload(parameters, returns, run), handlesNull: true });
