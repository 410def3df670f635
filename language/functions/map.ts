import { hashOrder } from '../types/java-hash.ts';
import { array, type SqlType, type SqlValue, STRING, struct } from '../types/sql-type.ts';
import { p, primitive, t } from './define.ts';
import type { ScalarFunction } from './function.ts';

type Entries = ReadonlyMap<string, SqlValue>;
const T = t.generic('T');
const MAP = t.map(t.string, T);

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export const MAP_FUNCTIONS: readonly ScalarFunction[] = [
  {
    kind: 'scalar',
    name: 'AS_MAP',
    category: 'MAP',
    summary: 'A map of the keys of one array and the values of another; missing values are NULL.',
    details: 'Values that have no key are dropped.',
    overloads: [
      {
        parameters: [p('keys', t.array(t.string)), p('values', t.array(T))],
        returns: MAP,
        implement: () => (keys: readonly string[], values: readonly SqlValue[]) =>
          new Map(keys.map((key, i) => [key, values[i] ?? null])),
      },
    ],
    examples: [{ call: "AS_MAP(ARRAY['a', 'b'], ARRAY[1, 2])['b']", result: '2' }],
  },
  {
    kind: 'scalar',
    name: 'ENTRIES',
    spelling: 'entries',
    category: 'MAP',
    summary: 'The entries of a map as structs with the fields K and V, sorted by key if asked for.',
    overloads: [t.int, t.bigint, t.double, t.boolean, t.string].map((type) => ({
      parameters: [p('map', t.map(t.string, type)), primitive('sorted', t.boolean)],
      returns: () =>
        array(
          struct([
            { name: 'K', type: STRING },
            { name: 'V', type: type as SqlType },
          ]),
        ),
      implement: () => (map: Entries, sorted: boolean) => {
        const entries = hashOrder(map, STRING).map(([key, value]) => [key, value] as const);
        return sorted ? entries.toSorted((a, b) => byText(a[0], b[0])) : entries;
      },
    })),
    examples: [{ call: "ENTRIES(MAP('a' := 1), true)[1]->V", result: '1' }],
  },
  {
    kind: 'scalar',
    name: 'MAP_KEYS',
    category: 'MAP',
    summary: 'The keys of a map.',
    details: "In the order of Java's HashMap.",
    spelling: 'map_keys',
    overloads: [
      {
        parameters: [p('input', MAP)],
        returns: t.array(t.string),
        implement: () => (map: Entries) => hashOrder(map, STRING).map(([key]) => key),
      },
    ],
    examples: [{ call: "MAP_KEYS(MAP('a' := 1))", result: "ARRAY['a']" }],
  },
  {
    kind: 'scalar',
    name: 'MAP_VALUES',
    category: 'MAP',
    summary: 'The values of a map.',
    details: "In the order of Java's HashMap.",
    spelling: 'map_values',
    overloads: [
      {
        parameters: [p('input', MAP)],
        returns: t.array(T),
        implement: () => (map: Entries) => hashOrder(map, STRING).map(([, value]) => value),
      },
    ],
    examples: [{ call: "MAP_VALUES(MAP('a' := 1))", result: 'ARRAY[1]' }],
  },
  {
    kind: 'scalar',
    name: 'MAP_UNION',
    spelling: 'map_union',
    category: 'MAP',
    summary: 'The entries of both maps; where both have a key, the second wins.',
    overloads: [
      {
        parameters: [p('map1', MAP), p('map2', MAP)],
        returns: MAP,
        handlesNull: true,
        implement: () => (left: Entries | null, right: Entries | null) =>
          left === null && right === null ? null : new Map([...(left ?? []), ...(right ?? [])]),
      },
    ],
    examples: [{ call: "MAP_UNION(MAP('a' := 1), MAP('a' := 2))['a']", result: '2' }],
  },
];
