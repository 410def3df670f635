import { type Comparator, equalsFor, orderable, sortComparatorFor } from '../types/compare.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { addLong, type Long } from '../types/integer.ts';
import type { ArrayType, SqlType, SqlValue } from '../types/sql-type.ts';
import { javaToString } from '../types/value-to-string.ts';
import { p, primitive, scalarIn, t } from './define.ts';
import type { CallSite, Parameter, ReturnType, ScalarFunction, ScalarOverload } from './function.ts';

type List = readonly SqlValue[];
const T = t.generic('T');
const LIST = t.array(T);

const array = scalarIn('ARRAY');
const elementOf = (site: CallSite): SqlType => (site.argumentTypes[0] as ArrayType).element;

/** An overload whose implementation needs to know when two elements are equal. */
function withEquality(
  parameters: readonly Parameter[],
  returns: ReturnType,
  run: (equals: (a: SqlValue, b: SqlValue) => boolean) => (...args: any[]) => SqlValue,
  handlesNull = false,
): ScalarOverload {
  const base = { parameters, returns, implement: (site: CallSite) => run(equalsFor(elementOf(site))) };
  return handlesNull ? { ...base, handlesNull } : base;
}

function distinct(list: List, equals: (a: SqlValue, b: SqlValue) => boolean): List {
  return list.filter((value, i) => list.findIndex((other) => equals(other, value)) === i);
}

/** The order of the elements. Those that have none fail as soon as there is something to compare, as Java's do. */
function orderOf(site: CallSite): Comparator {
  const type = elementOf(site);
  if (type.kind === 'BOOLEAN' || orderable(type, type)) return sortComparatorFor(type);
  return () => {
    throw new EvaluationError(`Elements of type ${type.kind} have no order.`);
  };
}

const two = [p('left', LIST), p('right', LIST)] as const;

function extreme(name: string, wanted: 1 | -1): ScalarFunction {
  return array(
    name,
    `The ${wanted > 0 ? 'greatest' : 'least'} element; NULL elements are passed over.`,
    [
      {
        parameters: [p('input', LIST)],
        returns: T,
        implement: (site) => {
          const compare = orderOf(site);
          // The first element is compared with itself, since ksqlDB takes even a single one for something that has an
          // order.
          const better = (value: SqlValue, best: SqlValue) =>
            compare(value, best ?? value) * wanted > 0 || best === null;
          return (list: List) =>
            list.reduce((best, value) => (value !== null && better(value, best) ? value : best), null);
        },
      },
    ],
    { call: `${name}(ARRAY[1, 3, 2])`, result: wanted > 0 ? '3' : '1' },
  );
}

const DIRECTIONS: Readonly<Record<string, 1 | -1>> = { ASC: 1, ASCENDING: 1, DESC: -1, DESCENDING: -1 };

function sorting(site: CallSite): (list: List | null, direction?: string | null) => SqlValue {
  const compare = orderOf(site);
  return (list, direction = 'ASC') => {
    const sign = direction === null ? undefined : DIRECTIONS[direction.toUpperCase()];
    if (list === null || sign === undefined) return null;
    return list.toSorted((a, b) =>
      a === null || b === null ? Number(a === null) - Number(b === null) : compare(a, b) * sign,
    );
  };
}

/**
 * Elements as ARRAY_JOIN prints them: numbers, booleans and texts only; arrays without any of another type are fine.
 */
function joinElements(site: CallSite): (list: List | null, delimiter?: string | null) => SqlValue {
  const type = elementOf(site);
  const print = ['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL', 'STRING'].includes(type.kind)
    ? (value: SqlValue) => javaToString(value, type)
    : () => {
        throw new EvaluationError(`Elements of type ${type.kind} cannot be joined to a text.`);
      };
  return (list, delimiter = ',') =>
    list?.map((value) => (value === null ? 'null' : print(value))).join(delimiter ?? '') ?? null;
}

const MAX_SERIES = 2 ** 27;

function series(from: Long, to: Long, step?: number): List {
  const forwards = to >= from;
  const by = step ?? (forwards ? 1 : -1);
  if (by === 0) throw new EvaluationError('GENERATE_SERIES step cannot be zero');
  if (from !== to && by > 0 !== forwards) {
    throw new EvaluationError(`GENERATE_SERIES step has wrong sign: it does not lead from ${from} to ${to}`);
  }
  const length = Math.floor(Number(BigInt(to) - BigInt(from)) / by) + 1;
  if (length > MAX_SERIES) throw new EvaluationError('GENERATE_SERIES has too many elements');
  let next: Long = from;
  return Array.from({ length }, (_, i) => {
    if (i > 0) next = addLong(next, by);
    return next;
  });
}

const seriesOverloads = (type: typeof t.int): ScalarOverload[] => [
  { parameters: [primitive('start', type), primitive('end', type)], returns: t.array(type), implement: () => series },
  {
    parameters: [primitive('start', type), primitive('end', type), primitive('step', t.int)],
    returns: t.array(type),
    implement: () => series,
  },
];

/** As List.subList of Java, whose bounds beyond the list ksqlDB takes for NULL, but not those in the wrong order. */
function slice(list: List | null, from: number | null, to: number | null): SqlValue {
  if (list === null) return null;
  const start = (from ?? 1) - 1;
  const end = to ?? list.length;
  if (start < 0 || end > list.length) return null;
  if (start > end) throw new EvaluationError(`SLICE cannot end at ${end} if it begins at ${start + 1}`);
  return list.slice(start, end);
}

export const ARRAY_FUNCTIONS: readonly ScalarFunction[] = [
  array(
    'ARRAY_CONCAT',
    'The elements of both arrays; a NULL array counts as empty, two give NULL.',
    [
      {
        parameters: two,
        returns: LIST,
        handlesNull: true,
        implement: () => (left: List | null, right: List | null) =>
          left === null && right === null ? null : [...(left ?? []), ...(right ?? [])],
      },
    ],
    { call: 'ARRAY_CONCAT(ARRAY[1], ARRAY[2])', result: 'ARRAY[1, 2]' },
  ),
  array(
    'ARRAY_CONTAINS',
    'Whether an array holds an element.',
    [
      withEquality(
        [p('array', LIST), p('element', T)],
        t.boolean,
        (equals) => (list: List | null, value: SqlValue) => list?.some((element) => equals(element, value)) ?? false,
        true,
      ),
    ],
    { call: 'ARRAY_CONTAINS(ARRAY[1, 2], 2)', result: 'true' },
    { details: 'A NULL array holds nothing; NULL can be looked for.', spelling: 'ARRAY_CONTAINS' },
  ),
  array(
    'ARRAY_DISTINCT',
    'The elements without repetitions, in the order they first occur.',
    [withEquality([p('array', LIST)], LIST, (equals) => (list: List) => distinct(list, equals))],
    { call: 'ARRAY_DISTINCT(ARRAY[1, 1, 2])', result: 'ARRAY[1, 2]' },
  ),
  array(
    'ARRAY_EXCEPT',
    'The distinct elements of the first array that the second does not hold.',
    [
      withEquality(
        two,
        LIST,
        (equals) => (left: List, right: List) =>
          distinct(left, equals).filter((value) => !right.some((other) => equals(other, value))),
      ),
    ],
    { call: 'ARRAY_EXCEPT(ARRAY[1, 2], ARRAY[2])', result: 'ARRAY[1]' },
    { details: 'A NULL array gives NULL.' },
  ),
  array(
    'ARRAY_INTERSECT',
    'The distinct elements that both arrays hold.',
    [
      withEquality(
        two,
        LIST,
        (equals) => (left: List, right: List) =>
          distinct(left, equals).filter((value) => right.some((other) => equals(other, value))),
      ),
    ],
    { call: 'ARRAY_INTERSECT(ARRAY[1, 2], ARRAY[2, 3])', result: 'ARRAY[2]' },
    { details: 'A NULL array gives NULL.' },
  ),
  array(
    'ARRAY_UNION',
    'The distinct elements of both arrays.',
    [withEquality(two, LIST, (equals) => (left: List, right: List) => distinct([...left, ...right], equals))],
    { call: 'ARRAY_UNION(ARRAY[1, 2], ARRAY[2, 3])', result: 'ARRAY[1, 2, 3]' },
    { details: 'A NULL array gives NULL.' },
  ),
  array(
    'ARRAY_JOIN',
    'The elements as one text, with a delimiter between them (a comma if none is given).',
    [
      { parameters: [p('array', LIST)], returns: t.string, implement: joinElements },
      {
        parameters: [p('array', LIST), p('delimiter', t.string)],
        returns: t.string,
        handlesNull: true,
        implement: joinElements,
      },
    ],
    { call: "ARRAY_JOIN(ARRAY[1, 2], '-')", result: "'1-2'" },
    { details: 'NULL elements are written null. Elements must be numbers, booleans or texts.' },
  ),
  array(
    'ARRAY_LENGTH',
    'How many elements an array has.',
    [{ parameters: [p('array', LIST)], returns: t.int, implement: () => (list: List) => list.length }],
    {
      call: 'ARRAY_LENGTH(ARRAY[1, 2])',
      result: '2',
    },
  ),
  extreme('ARRAY_MAX', 1),
  extreme('ARRAY_MIN', -1),
  array(
    'ARRAY_REMOVE',
    'The array without the elements that equal a value.',
    [
      withEquality(
        [p('array', LIST), p('element', T)],
        LIST,
        (equals) => (list: List | null, value: SqlValue) => list?.filter((element) => !equals(element, value)) ?? null,
        true,
      ),
    ],
    { call: 'ARRAY_REMOVE(ARRAY[1, 2, 1], 1)', result: 'ARRAY[2]' },
    { details: 'NULL elements can be removed, too.' },
  ),
  array(
    'ARRAY_SORT',
    "The elements in order, ascending or as said ('ASC', 'DESC'); NULLs come last.",
    [
      { parameters: [p('array', LIST)], returns: LIST, implement: sorting },
      {
        parameters: [p('array', LIST), p('direction', t.string)],
        returns: LIST,
        handlesNull: true,
        implement: sorting,
      },
    ],
    { call: "ARRAY_SORT(ARRAY[1, 3, 2], 'DESC')", result: 'ARRAY[3, 2, 1]' },
    {
      details:
        'NULL, or another direction, gives NULL. (ksqlDB sorts the array itself, so that other expressions of the row see it sorted; here it stays as it is.)',
    },
  ),
  array(
    'SLICE',
    'Part of an array, from one place to another, both from 1 and both included.',
    [
      {
        parameters: [p('in', LIST), p('from', t.int), p('to', t.int)],
        returns: LIST,
        handlesNull: true,
        implement: () => slice,
      },
    ],
    { call: 'SLICE(ARRAY[1, 2, 3], 2, 3)', result: 'ARRAY[2, 3]' },
    { details: 'NULL stands for the beginning or the end. Places outside of the array give NULL.' },
  ),
  array(
    'GENERATE_SERIES',
    'The numbers from one to another, both included.',
    [...seriesOverloads(t.int), ...seriesOverloads(t.bigint)],
    {
      call: 'GENERATE_SERIES(1, 5, 2)',
      result: 'ARRAY[1, 3, 5]',
    },
    { details: 'The step is 1 or -1 where none is given; a step of 0, or away from the end, is an error.' },
  ),
];
