import { EMPTY_SKETCH, estimate, mergeSketches, offer } from '../java/digest/hyper-log-log.ts';
import { equalsFor, sortComparatorFor } from '../types/compare.ts';
import { array, BIGINT, INTEGER, map, type SqlType, type SqlValue, STRING, struct } from '../types/sql-type.ts';
import { ORDERED } from './aggregate-basic.ts';
import { p, t, variadic } from './define.ts';
import {
  type AggregateFunction,
  type AggregateOverload,
  type Aggregator,
  type CallSite,
  FunctionTypeError,
} from './function.ts';

const T = t.generic('T');

/** How many elements a collection takes; from the settings, else without a limit. */
function limitOf(site: CallSite): number {
  const text = site.settings?.get('limit');
  const limit = text === undefined ? -1 : Number(text);
  return limit < 0 || Number.isNaN(limit) ? Number.POSITIVE_INFINITY : limit;
}

type List = readonly SqlValue[];

const COLLECT_LIST: AggregateFunction = {
  kind: 'aggregate',
  name: 'COLLECT_LIST',
  category: 'AGGREGATE',
  summary: 'All values of a column in the order they came, NULLs included.',
  details: '`ksql.functions.collect_list.limit` limits the number of values.',
  undoable: true,
  overloads: [
    {
      parameters: [p('value', T)],
      returns: t.array(T),
      implement: (site) => {
        const type = site.argumentTypes[0]!;
        const equals = equalsFor(type);
        const limit = limitOf(site);
        return {
          stateType: array(type),
          init: () => [],
          add: (list: List, value) => (list.length >= limit ? list : [...list, value]),
          remove: (list: List, value) => {
            const at = list.findLastIndex((element) => equals(element, value));
            return at < 0 ? list : list.toSpliced(at, 1);
          },
          merge: (a: List, b: List) => [...a, ...b].slice(0, limit),
          result: (list) => list,
        };
      },
    },
  ],
  examples: [{ call: 'COLLECT_LIST(quantity)', result: 'ARRAY[1, 2, 3]' }],
};

const COLLECT_SET: AggregateFunction = {
  kind: 'aggregate',
  name: 'COLLECT_SET',
  category: 'AGGREGATE',
  summary: 'The distinct values of a column in the order they first came; NULL counts as a value.',
  details: '`ksql.functions.collect_set.limit` limits the number of values.',
  undoable: false,
  overloads: [
    {
      parameters: [p('value', T)],
      returns: t.array(T),
      implement: (site) => {
        const type = site.argumentTypes[0]!;
        const equals = equalsFor(type);
        const limit = limitOf(site);
        const add = (list: List, value: SqlValue) =>
          list.length >= limit || list.some((element) => equals(element, value)) ? list : [...list, value];
        return {
          stateType: array(type),
          init: () => [],
          add,
          merge: (a: List, b: List) => b.reduce(add, a),
          result: (list) => list,
        };
      },
    },
  ],
  examples: [{ call: 'COLLECT_SET(quantity)', result: 'ARRAY[1, 2, 3]' }],
};

/** What EARLIEST_BY_OFFSET and LATEST_BY_OFFSET share: a value with its place in the order of arrival. */
type Placed = readonly [sequence: number, value: SqlValue];

const placedType = (type: SqlType): SqlType =>
  struct([
    { name: 'SEQ', type: BIGINT },
    { name: 'VAL', type },
  ]);

/** Gives each value that comes a number above those before it. */
type Numbering = () => number;

function oneByOffset(
  wanted: 'earliest' | 'latest',
): (type: SqlType, next: Numbering, ignoreNulls: boolean) => Aggregator {
  const pick = (a: Placed | null, b: Placed | null) => {
    if (a === null || b === null) return a ?? b;
    return a[0] < b[0] === (wanted === 'earliest') ? a : b;
  };
  return (type, next, ignoreNulls) => ({
    stateType: placedType(type),
    init: () => null,
    add: (state: Placed | null, value) => {
      if (value === null && ignoreNulls) return state;
      if (state !== null && wanted === 'earliest') return state;
      return [next(), value];
    },
    merge: pick,
    result: (state: Placed | null) => (state === null ? null : state[1]),
  });
}

function manyByOffset(
  wanted: 'earliest' | 'latest',
): (type: SqlType, next: Numbering, count: number, ignoreNulls: boolean) => Aggregator {
  const cut = (list: readonly Placed[], count: number) =>
    wanted === 'earliest' ? list.slice(0, count) : list.slice(-count);
  return (type, next, count, ignoreNulls) => ({
    stateType: array(placedType(type)),
    init: () => [],
    add: (list: readonly Placed[], value) =>
      value === null && ignoreNulls ? list : cut([...list, [next(), value]], count),
    merge: (a: readonly Placed[], b: readonly Placed[]) => cut([...a, ...b], count),
    result: (list: readonly Placed[]) => list.map((placed) => placed[1]),
  });
}

function byOffset(wanted: 'earliest' | 'latest'): AggregateFunction {
  const name = wanted === 'earliest' ? 'EARLIEST_BY_OFFSET' : 'LATEST_BY_OFFSET';
  const one = oneByOffset(wanted);
  const many = manyByOffset(wanted);
  const value = p('value', T);
  const ignoreNulls = p('ignoreNulls', t.boolean, 'Whether NULLs are passed over; true if it is not given.');
  const count = p(wanted === 'earliest' ? 'earliestN' : 'latestN', t.int, 'How many values to keep.');
  const typeOf = (site: CallSite) => site.argumentTypes[0]!;
  const atLeastOne = (n: SqlValue): number => {
    if (typeof n !== 'number' || n < 1)
      throw new FunctionTypeError(`${wanted === 'earliest' ? 'earliestN' : 'latestN'} must be 1 or greater`);
    return n;
  };
  const overloads: AggregateOverload[] = [
    { parameters: [value], returns: T, implement: (site, _, { nextInOrder }) => one(typeOf(site), nextInOrder, true) },
    {
      parameters: [value],
      initParameters: [ignoreNulls],
      returns: T,
      implement: (site, [ignore], { nextInOrder }) => one(typeOf(site), nextInOrder, ignore === true),
    },
    {
      parameters: [value],
      initParameters: [count],
      returns: t.array(T),
      implement: (site, [n], { nextInOrder }) => many(typeOf(site), nextInOrder, atLeastOne(n!), true),
    },
    {
      parameters: [value],
      initParameters: [count, ignoreNulls],
      returns: t.array(T),
      implement: (site, [n, ignore], { nextInOrder }) =>
        many(typeOf(site), nextInOrder, atLeastOne(n!), ignore === true),
    },
  ];
  const adjective = wanted === 'earliest' ? 'first' : 'last';
  return {
    kind: 'aggregate',
    name,
    category: 'AGGREGATE',
    summary: `The ${adjective} value of a column, or the ${adjective} n, in the order in which rows were processed.`,
    details: 'NULLs are passed over unless `ignoreNulls` is false.',
    undoable: false,
    overloads,
    examples: [{ call: `${name}(quantity)`, result: wanted === 'earliest' ? '1' : '3' }],
  };
}

const HISTOGRAM_LIMIT = 1000;

const HISTOGRAM: AggregateFunction = {
  kind: 'aggregate',
  name: 'HISTOGRAM',
  category: 'AGGREGATE',
  summary: 'How often each value of a STRING column occurs; up to 1,000 different values.',
  details: 'As in ksqlDB, NULL counts as the text null, and only once however often it comes.',
  undoable: true,
  overloads: [
    {
      parameters: [p('value', t.string)],
      returns: t.map(t.string, t.bigint),
      implement: () => {
        const count = (state: ReadonlyMap<SqlValue, number>, key: SqlValue, by: number) => {
          if (!state.has(key) && state.size >= HISTOGRAM_LIMIT) return state;
          const next = new Map(state);
          const total = (next.get(key) ?? 0) + by;
          if (total < 1) next.delete(key);
          else next.set(key, total);
          return next;
        };
        return {
          stateType: map(STRING, BIGINT),
          init: () => new Map(),
          // ksqlDB's store gives a NULL key back as a text, so that the next NULL does not find it.
          add: (state, value) =>
            value !== null ? count(state, value, 1) : state.has('null') ? state : count(state, 'null', 1),
          remove: (state, value) => (value === null ? state : count(state, value, -1)),
          merge: (a, b: ReadonlyMap<SqlValue, number>) => [...b].reduce((sum, [key, by]) => count(sum, key, by), a),
          result: (state) => state,
        };
      },
    },
  ],
  examples: [{ call: 'HISTOGRAM(name)', result: "MAP('a' := 2, 'b' := 1)" }],
};

/** Inserts into a descending list of at most k; what equals the last of a full list does not replace it. */
function insertDescending<V>(list: readonly V[], value: V, k: number, compare: (a: V, b: V) => number): readonly V[] {
  let at = list.length;
  while (at > 0 && compare(list[at - 1]!, value) < 0) at--;
  if (at >= k) return list;
  const next = list.toSpliced(at, 0, value);
  return next.length > k ? next.slice(0, k) : next;
}

function topOf(
  site: CallSite,
  [k]: readonly SqlValue[],
  name: string,
): { k: number; compare: (a: any, b: any) => number } {
  if (typeof k !== 'number' || k === 0)
    throw new FunctionTypeError(`${name} needs the number of values to keep, 1 or more, as its last argument`);
  return { k: k < 0 ? Number.POSITIVE_INFINITY : k, compare: sortComparatorFor(site.argumentTypes[0]!) };
}

const TOP_COUNT = p('k', t.int, 'How many values to keep; all of them if it is negative.');

function topRows(site: CallSite): SqlType {
  const [first, ...others] = site.argumentTypes;
  return struct([
    { name: 'sort_col', type: first! },
    ...others.slice(0, -1).map((type, i) => ({ name: `col${i}`, type: type! })),
  ]);
}

const TOPK: AggregateFunction = {
  kind: 'aggregate',
  name: 'TOPK',
  category: 'AGGREGATE',
  summary: 'The k greatest values of a column, greatest first; with more columns, the rows that hold them.',
  details: 'With more columns the result holds structs with the fields `sort_col`, `col0`, `col1` …, in lower case.',
  undoable: false,
  overloads: [t.int, t.bigint, t.double, t.string].flatMap((type): AggregateOverload[] => [
    {
      parameters: [p('value', type)],
      initParameters: [TOP_COUNT],
      returns: t.array(type),
      implement: (site, init) => {
        const { k, compare } = topOf(site, init, 'TOPK');
        const add = (list: List, value: SqlValue) =>
          value === null ? list : insertDescending(list, value, k, compare);
        return {
          stateType: array(site.argumentTypes[0]!),
          init: () => [],
          add,
          merge: (a: List, b: List) => b.reduce(add, a),
          result: (list) => list,
        };
      },
    },
    {
      parameters: [p('sortColumn', type), p('column', t.any), variadic('columns', t.any)],
      initParameters: [TOP_COUNT],
      returns: (args) => array(topRows({ argumentTypes: args } as CallSite)),
      implement: (site, init) => {
        const { k, compare } = topOf(site, init, 'TOPK');
        const byFirst = (a: List, b: List) => compare(a[0], b[0]);
        const insert = (list: readonly List[], row: List) => insertDescending(list, row, k, byFirst);
        return {
          stateType: site.returnType,
          init: () => [],
          add: (list: readonly List[], ...row) => (row[0] === null ? list : insert(list, row)),
          merge: (a: readonly List[], b: readonly List[]) => b.reduce(insert, a),
          result: (list) => list,
        };
      },
    },
  ]),
  examples: [{ call: 'TOPK(quantity, 2)', result: 'ARRAY[3, 2]' }],
};

const TOPKDISTINCT: AggregateFunction = {
  kind: 'aggregate',
  name: 'TOPKDISTINCT',
  category: 'AGGREGATE',
  summary: 'The k greatest distinct values of a column, greatest first.',
  details: 'NULLs are passed over.',
  undoable: false,
  overloads: ORDERED.map((type) => ({
    parameters: [p('value', type)],
    initParameters: [TOP_COUNT],
    returns: (args) => array(args[0]!),
    implement: (site, init) => {
      const { k, compare } = topOf(site, init, 'TOPKDISTINCT');
      const add = (list: List, value: SqlValue) =>
        value === null || list.some((element) => compare(element, value) === 0)
          ? list
          : insertDescending(list, value, k, compare);
      return {
        stateType: array(site.argumentTypes[0]!),
        init: () => [],
        add,
        merge: (a: List, b: List) => b.reduce(add, a),
        result: (list) => list,
      };
    },
  })),
  examples: [{ call: 'TOPKDISTINCT(quantity, 2)', result: 'ARRAY[3, 2]' }],
};

type Counted = readonly [value: SqlValue, count: number];

const ATTR: AggregateFunction = {
  kind: 'aggregate',
  name: 'ATTR',
  category: 'AGGREGATE',
  summary: 'The value that a column has in every row of the group; NULL where there is more than one.',
  details: 'NULL counts as a value: together with another one the result is NULL.',
  undoable: true,
  overloads: [
    {
      parameters: [p('value', T)],
      returns: T,
      implement: (site) => {
        const type = site.argumentTypes[0]!;
        const equals = equalsFor(type);
        const change = (list: readonly Counted[], value: SqlValue, by: number): readonly Counted[] => {
          const at = list.findIndex(([known]) => equals(known, value));
          if (at < 0) return by > 0 ? [...list, [value, by]] : list;
          const count = list[at]![1] + by;
          return count < 1 ? list.toSpliced(at, 1) : list.with(at, [value, count]);
        };
        return {
          stateType: array(
            struct([
              { name: 'VALUE', type },
              { name: 'COUNT', type: INTEGER },
            ]),
          ),
          init: () => [],
          add: (list, value) => change(list, value, 1),
          remove: (list, value) => change(list, value, -1),
          merge: (a, b: readonly Counted[]) => b.reduce((list, [value, count]) => change(list, value, count), a),
          result: (list: readonly Counted[]) => (list.length === 1 ? list[0]![0] : null),
        };
      },
    },
  ],
  examples: [{ call: 'ATTR(name)', result: 'NULL' }],
};

const COUNT_DISTINCT: AggregateFunction = {
  kind: 'aggregate',
  name: 'COUNT_DISTINCT',
  category: 'AGGREGATE',
  summary:
    'About how many distinct values a column has (HyperLogLog, some 1% off for large counts); NULL is not counted.',
  details: 'As in ksqlDB, BYTES count by their length only: convert them with FROM_BYTES first.',
  undoable: false,
  overloads: [
    {
      parameters: [p('value', T)],
      returns: t.bigint,
      implement: (site) => {
        const type = site.argumentTypes[0]!;
        return {
          stateType: array(INTEGER),
          init: () => EMPTY_SKETCH,
          add: (sketch, value) => (value === null ? sketch : offer(sketch, value, type)),
          merge: mergeSketches,
          result: estimate,
        };
      },
    },
  ],
  examples: [{ call: 'COUNT_DISTINCT(name)', result: '2' }],
};

/** Aggregates that keep values rather than sums. */
export const COLLECTING_AGGREGATES: readonly AggregateFunction[] = [
  COLLECT_LIST,
  COLLECT_SET,
  byOffset('earliest'),
  byOffset('latest'),
  HISTOGRAM,
  TOPK,
  TOPKDISTINCT,
  ATTR,
  COUNT_DISTINCT,
];
