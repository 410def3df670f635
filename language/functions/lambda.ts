import { EvaluationError } from '../types/evaluation-error.ts';
import { hashOrder } from '../types/java-hash.ts';
import type { MapType, SqlType, SqlValue } from '../types/sql-type.ts';
import { p, t } from './define.ts';
import type { CallSite, Lambda, ScalarFunction } from './function.ts';

type List = readonly SqlValue[];
type Entries = ReadonlyMap<SqlValue, SqlValue>;
const T = t.generic('T');
const K = t.generic('K');
const V = t.generic('V');
const R = t.generic('R');
const S = t.generic('S');

function transformMap(map: Entries, keyOf: Lambda, valueFrom: Lambda): SqlValue {
  const result = new Map<SqlValue, SqlValue>();
  for (const [key, value] of map) {
    const newKey = keyOf(key, value);
    const newValue = valueFrom(key, value);
    if (result.has(newKey)) throw new EvaluationError(`Duplicate key ${String(newKey)} in the result of TRANSFORM`);
    if (newValue === null) throw new EvaluationError('A value in the result of TRANSFORM is NULL');
    result.set(newKey, newValue);
  }
  return result;
}

export const LAMBDA_FUNCTIONS: readonly ScalarFunction[] = [
  {
    kind: 'scalar',
    name: 'TRANSFORM',
    category: 'LAMBDA',
    summary: 'Applies a function to every element of an array, or two to the keys and values of a map.',
    details: 'A map must not get the same key twice, nor a value that is NULL.',
    spelling: 'transform',
    overloads: [
      {
        parameters: [p('array', t.array(T)), p('lambda', t.lambda([T], R))],
        returns: t.array(R),
        implement: () => (list: List, change: Lambda) => list.map((value) => change(value)),
      },
      {
        parameters: [p('map', t.map(K, V)), p('keyLambda', t.lambda([K, V], R)), p('valueLambda', t.lambda([K, V], T))],
        returns: t.map(R, T),
        implement: () => transformMap,
      },
    ],
    examples: [{ call: 'TRANSFORM(ARRAY[1, 2], x => x * 10)', result: 'ARRAY[10, 20]' }],
  },
  {
    kind: 'scalar',
    name: 'FILTER',
    category: 'LAMBDA',
    summary: 'The elements or entries for which a condition holds.',
    details:
      'The condition must not be NULL, and neither must a value of a map that is kept: both make the whole result NULL.',
    spelling: 'filter',
    overloads: [
      {
        parameters: [p('array', t.array(T)), p('lambda', t.lambda([T], t.boolean))],
        returns: t.array(T),
        implement: () => (list: List, test: Lambda) => list.filter((value) => holds(test(value))),
      },
      {
        parameters: [p('map', t.map(K, V)), p('lambda', t.lambda([K, V], t.boolean))],
        returns: t.map(K, V),
        implement: () => (map: Entries, test: Lambda) => filterMap(map, test),
      },
    ],
    examples: [{ call: 'FILTER(ARRAY[1, 5, 2], x => x > 1)', result: 'ARRAY[5, 2]' }],
  },
  {
    kind: 'scalar',
    name: 'REDUCE',
    category: 'LAMBDA',
    summary: 'Folds an array or a map into one value, from an initial one.',
    details: 'NULL as the initial value gives NULL, a NULL collection the initial value.',
    spelling: 'reduce',
    overloads: [
      {
        parameters: [p('array', t.array(T)), p('initial', S), p('lambda', t.lambda([S, T], S))],
        returns: S,
        handlesNull: true,
        implement: () => (list: List | null, initial: SqlValue, step: Lambda) =>
          initial === null || list === null ? initial : list.reduce((state, value) => step(state, value), initial),
      },
      {
        parameters: [p('map', t.map(K, V)), p('initial', S), p('lambda', t.lambda([S, K, V], S))],
        returns: S,
        handlesNull: true,
        implement: (site) => (map: Entries | null, initial: SqlValue, step: Lambda) =>
          initial === null || map === null
            ? initial
            : hashOrder(map, keyType(site)).reduce<SqlValue>((state, [key, value]) => step(state, key, value), initial),
      },
    ],
    examples: [{ call: 'REDUCE(ARRAY[1, 2, 3], 0, (s, x) => s + x)', result: '6' }],
  },
];

const keyType = (site: CallSite): SqlType => (site.argumentTypes[0] as MapType).key;

/** @throws EvaluationError when an entry that is kept has no value: Java's Collectors.toMap takes none. */
function filterMap(map: Entries, test: Lambda): SqlValue {
  const kept = new Map<SqlValue, SqlValue>();
  for (const [key, value] of map) {
    if (!holds(test(key, value))) continue;
    if (value === null) throw new EvaluationError('A value in the result of FILTER is NULL');
    kept.set(key, value);
  }
  return kept;
}

function holds(value: SqlValue): boolean {
  if (value === null) throw new EvaluationError('The condition of FILTER is NULL');
  return value === true;
}
