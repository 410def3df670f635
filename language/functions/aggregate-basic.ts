import { sortComparatorFor } from '../types/compare.ts';
import { powerOfTen } from '../types/decimal.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { addInt, addLong, divideLong, type Long, multiplyLong, subtractInt, subtractLong } from '../types/integer.ts';
import { BIGINT, type DecimalType, DOUBLE, type SqlType, struct } from '../types/sql-type.ts';
import { p, t } from './define.ts';
import type {
  AggregateFunction,
  AggregateOverload,
  Aggregator,
  ArgumentType,
  Arithmetic,
  Parameter,
  ParameterType,
} from './function.ts';

/** One overload for each type, with one column argument. */
export function overTypes(
  types: readonly ParameterType[],
  implement: (type: SqlType) => Aggregator,
  returns?: (args: readonly ArgumentType[]) => SqlType,
  initParameters?: readonly Parameter[],
): AggregateOverload[] {
  return types.map((type) => ({
    parameters: [p('value', type)],
    returns: returns ?? ((args) => args[0]!),
    implement: (site) => implement(site.argumentTypes[0]!),
    initParameters,
  }));
}

/** The types that have an order. */
export const ORDERED = [t.int, t.bigint, t.double, t.decimal, t.date, t.time, t.timestamp, t.string, t.bytes] as const;

const COUNT: AggregateFunction = {
  kind: 'aggregate',
  name: 'COUNT',
  category: 'AGGREGATE',
  summary: 'Counts rows: COUNT(*) all of them, COUNT(column) those in which the column is not NULL.',
  undoable: true,
  overloads: [
    {
      parameters: [p('value', t.generic('T'), 'What must not be NULL for a row to count.')],
      returns: BIGINT as ParameterType,
      implement: () => ({
        stateType: BIGINT,
        init: () => 0,
        add: (count: number, value) => (value === null ? count : count + 1),
        remove: (count: number, value) => (value === null ? count : count - 1),
        merge: (a: number, b: number) => a + b,
        result: (count) => count,
        arithmetic: 'count',
      }),
    },
  ],
  examples: [{ call: 'COUNT(*)', result: '3' }],
};

/** Adds values of a type: integers wrap, decimals must stay within their type. */
function sumOf(type: SqlType): { readonly zero: any; add(a: any, b: any): any; subtract(a: any, b: any): any } {
  switch (type.kind) {
    case 'INTEGER':
      return { zero: 0, add: addInt, subtract: subtractInt };
    case 'BIGINT':
      return { zero: 0, add: addLong, subtract: subtractLong };
    case 'DOUBLE':
      return { zero: 0, add: (a: number, b: number) => a + b, subtract: (a: number, b: number) => a - b };
    case 'DECIMAL': {
      const fits = (value: bigint): bigint => fitOrFail(value, type);
      return { zero: 0n, add: (a: bigint, b: bigint) => fits(a + b), subtract: (a: bigint, b: bigint) => fits(a - b) };
    }
    case 'BOOLEAN':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      throw new TypeError(`No sum of ${type.kind}`);
    default:
      return type satisfies never;
  }
}

function fitOrFail(value: bigint, { precision, scale }: DecimalType): bigint {
  const limit = powerOfTen(precision);
  if (value < limit && value > -limit) return value;
  throw new EvaluationError(
    `Numeric field overflow: A field with precision ${precision} and scale ${scale} must round to an absolute value less than 10^${precision - scale}.`,
  );
}

const SUMS: Partial<Record<SqlType['kind'], Arithmetic>> = {
  INTEGER: 'sum of ints',
  BIGINT: 'sum of longs',
  DOUBLE: 'sum of doubles',
};

function summing(type: SqlType): Aggregator {
  const { zero, add, subtract } = sumOf(type);
  return {
    stateType: type,
    init: () => zero,
    add: (sum, value) => (value === null ? sum : add(sum, value)),
    remove: (sum, value) => (value === null ? sum : subtract(sum, value)),
    merge: (a, b) => add(a, b),
    result: (sum) => sum,
    arithmetic: SUMS[type.kind],
  };
}

const SUM: AggregateFunction = {
  kind: 'aggregate',
  name: 'SUM',
  category: 'AGGREGATE',
  summary: 'The sum of a column; 0 where no row has a value.',
  details: 'INTEGER and BIGINT wrap around. A DECIMAL sum that leaves its type fails the query.',
  undoable: true,
  overloads: overTypes([t.int, t.bigint, t.double, t.decimal], summing),
  examples: [{ call: 'SUM(quantity)', result: '6' }],
};

const SUM_LIST: AggregateFunction = {
  kind: 'aggregate',
  name: 'SUM_LIST',
  spelling: 'sum_list',
  category: 'AGGREGATE',
  summary: 'The sum of all elements of an ARRAY column; NULL elements are passed over.',
  undoable: true,
  overloads: [t.double, t.int, t.bigint].map((element) => ({
    parameters: [p('list', t.array(element))],
    returns: element,
    implement: () => {
      const type = element as SqlType;
      const { zero, add, subtract } = sumOf(type);
      const total = (list: readonly any[]) =>
        list.reduce((sum, value) => (value === null ? sum : add(sum, value)), zero);
      return {
        stateType: type,
        init: () => zero,
        add: (sum, list) => (list === null ? sum : add(sum, total(list))),
        remove: (sum, list) => (list === null ? sum : subtract(sum, total(list))),
        merge: (a, b) => add(a, b),
        result: (sum) => sum,
      };
    },
  })),
  examples: [{ call: 'SUM_LIST(quantities)', result: '6' }],
};

const averageState = (type: SqlType) =>
  struct([
    { name: 'SUM', type },
    { name: 'COUNT', type: BIGINT },
  ]);

const AVG: AggregateFunction = {
  kind: 'aggregate',
  name: 'AVG',
  spelling: 'avg',
  category: 'AGGREGATE',
  summary: 'The average of a column; 0.0 where no row has a value.',
  details: 'Integers are summed as integers, which wrap around, and divided as DOUBLE.',
  undoable: true,
  overloads: overTypes(
    [t.int, t.bigint, t.double],
    (type) => {
      const { zero, add, subtract } = sumOf(type);
      return {
        stateType: averageState(type),
        init: () => [zero, 0],
        add: (state, value) => (value === null ? state : [add(state[0], value), state[1] + 1]),
        remove: (state, value) => (value === null ? state : [subtract(state[0], value), state[1] - 1]),
        merge: (a, b) => [add(a[0], b[0]), a[1] + b[1]],
        result: (state) => (state[1] === 0 ? 0 : Number(state[0]) / state[1]),
      };
    },
    () => DOUBLE,
  ),
  examples: [{ call: 'AVG(quantity)', result: '2E0' }],
};

function extreme(wanted: 1 | -1): (type: SqlType) => Aggregator {
  return (type) => {
    const compare = sortComparatorFor(type);
    const better = (a: any, b: any) => (a === null ? b : b === null || compare(a, b) * wanted >= 0 ? a : b);
    const isInteger = type.kind === 'INTEGER' || type.kind === 'BIGINT';
    const arithmetic = isInteger ? (wanted === 1 ? 'greatest' : 'least') : undefined;
    return { stateType: type, init: () => null, add: better, merge: better, result: (state) => state, arithmetic };
  };
}

const MAX: AggregateFunction = {
  kind: 'aggregate',
  name: 'MAX',
  category: 'AGGREGATE',
  summary: 'The greatest value of a column; NULL where no row has one.',
  details: 'Texts are compared by their UTF-16 units, BYTES as signed bytes.',
  undoable: false,
  overloads: overTypes(ORDERED, extreme(1)),
  examples: [{ call: 'MAX(quantity)', result: '3' }],
};

const MIN: AggregateFunction = {
  kind: 'aggregate',
  name: 'MIN',
  category: 'AGGREGATE',
  summary: 'The least value of a column; NULL where no row has one.',
  details: 'Texts are compared by their UTF-16 units, BYTES as signed bytes.',
  undoable: false,
  overloads: overTypes(ORDERED, extreme(-1)),
  examples: [{ call: 'MIN(quantity)', result: '1' }],
};

const sqrtOf = (value: number) => Math.sqrt(value);

/**
 * What the running variance needs to know of a type. ksqlDB computes it from integers as Java does, wrapping around.
 */
interface Spread {
  /** How far `count` times a value is from the sum of so many values. */
  shift(count: number, value: any, sum: any): number;
  /** Integers are divided as such. */
  mean(sum: any, count: number): number;
}

const FLOATING_SPREAD: Spread = {
  shift: (count, value: number, sum: number) => count * value - sum,
  mean: (sum: number, count) => sum / count,
};

const INTEGER_SPREAD: Spread = {
  shift: (count, value: Long, sum: Long) => Number(subtractLong(multiplyLong(value, count), sum)),
  mean: (sum: Long, count) => Number(divideLong(sum, count)),
};

/**
 * Welford-like running variance as ksqlDB keeps it: the sum, the count, and M2 computed from them.
 */
function deviation(finish: (variance: number) => number): (type: SqlType) => Aggregator {
  return (type) => {
    const { zero, add, subtract } = sumOf(type);
    const { shift, mean } = type.kind === 'DOUBLE' ? FLOATING_SPREAD : INTEGER_SPREAD;
    /** What the last of `count` values, whose sum is given, adds to M2. */
    const share = (count: number, value: any, sum: any) => {
      const distance = shift(count, value, sum);
      return (distance * distance) / (count * (count - 1));
    };
    return {
      stateType: struct([
        { name: 'SUM', type },
        { name: 'COUNT', type: BIGINT },
        { name: 'M2', type: DOUBLE },
      ]),
      init: () => [zero, 0, 0],
      add: (state, value) => {
        if (value === null) return state;
        const count = state[1] + 1;
        const sum = add(state[0], value);
        return [sum, count, count < 2 ? state[2] : state[2] + share(count, value, sum)];
      },
      remove: (state, value) => {
        if (value === null) return state;
        const count = state[1];
        // ksqlDB takes nothing off M2 with the last value: what rounding has left in it stays.
        const m2 = count < 2 ? state[2] : state[2] - share(count, value, state[0]);
        return [subtract(state[0], value), count - 1, m2];
      },
      merge: (a, b) => {
        const count = a[1] + b[1];
        if (a[1] === 0) return b;
        if (b[1] === 0) return a;
        const delta = mean(a[0], a[1]) - mean(b[0], b[1]);
        return [add(a[0], b[0]), count, a[2] + b[2] + (delta * delta * a[1] * b[1]) / count];
      },
      result: (state) => (state[1] < 2 ? 0 : finish(state[2] / (state[1] - 1))),
    };
  };
}

const STDDEV_SAMP: AggregateFunction = {
  kind: 'aggregate',
  name: 'STDDEV_SAMP',
  category: 'AGGREGATE',
  summary: 'The sample variance of a column. (ksqlDB keeps this under the name it first had; see STDDEV_SAMPLE.)',
  successor: 'STDDEV_SAMPLE',
  undoable: true,
  overloads: overTypes(
    [t.int, t.bigint, t.double],
    deviation((variance) => variance),
    () => DOUBLE,
  ),
  examples: [{ call: 'STDDEV_SAMP(quantity)', result: '1E0' }],
};

const STDDEV_SAMPLE: AggregateFunction = {
  kind: 'aggregate',
  name: 'STDDEV_SAMPLE',
  category: 'AGGREGATE',
  summary: 'The sample standard deviation of a column; 0.0 with fewer than two values.',
  undoable: true,
  overloads: overTypes([t.int, t.bigint, t.double], deviation(sqrtOf), () => DOUBLE),
  examples: [{ call: 'STDDEV_SAMPLE(quantity)', result: '1E0' }],
};

const CORRELATION_FIELDS = ['X_SUM', 'Y_SUM', 'X_SQUARED_SUM', 'Y_SQUARED_SUM', 'XY_SUM'];

const CORRELATION: AggregateFunction = {
  kind: 'aggregate',
  name: 'CORRELATION',
  category: 'AGGREGATE',
  summary: "Pearson's correlation of two columns; NaN with fewer than two pairs or where a column does not vary.",
  details: 'Pairs of which one value is NULL are passed over.',
  undoable: true,
  overloads: [t.double, t.int, t.bigint].map((type) => ({
    parameters: [p('x', type), p('y', type)],
    returns: t.double,
    implement: () => ({
      stateType: struct([
        ...CORRELATION_FIELDS.map((name) => ({ name, type: DOUBLE })),
        { name: 'COUNT', type: BIGINT },
      ]),
      init: () => [0, 0, 0, 0, 0, 0],
      add: (state, x: Long | null, y: Long | null) => accumulate(state, x, y, 1),
      remove: (state, x: Long | null, y: Long | null) => accumulate(state, x, y, -1),
      merge: (a, b) => a.map((value: number, i: number) => value + b[i]),
      result: ([sx, sy, sxx, syy, sxy, n]) =>
        (n * sxy - sx * sy) / Math.sqrt((n * sxx - sx * sx) * (n * syy - sy * sy)),
    }),
  })),
  examples: [{ call: 'CORRELATION(quantity, quantity)', result: '1E0' }],
};

function accumulate(state: readonly number[], left: Long | null, right: Long | null, sign: 1 | -1): readonly number[] {
  if (left === null || right === null) return state;
  const x = Number(left);
  const y = Number(right);
  const [sx, sy, sxx, syy, sxy, n] = state as [number, number, number, number, number, number];
  return [sx + sign * x, sy + sign * y, sxx + sign * x * x, syy + sign * y * y, sxy + sign * x * y, n + sign];
}

/** Aggregates of numbers and of order. */
export const BASIC_AGGREGATES: readonly AggregateFunction[] = [
  COUNT,
  SUM,
  SUM_LIST,
  AVG,
  MAX,
  MIN,
  STDDEV_SAMP,
  STDDEV_SAMPLE,
  CORRELATION,
];
