import { equalsFor } from '../types/compare.ts';
import type { SqlValue } from '../types/sql-type.ts';
import { p, t, variadic } from './define.ts';
import type { ScalarFunction } from './function.ts';

const T = t.generic('T');

export const CONDITIONAL_FUNCTIONS: readonly ScalarFunction[] = [
  {
    kind: 'scalar',
    name: 'COALESCE',
    category: 'CONDITIONAL',
    summary: 'The first of its arguments that is not NULL.',
    details: 'All arguments must have the same type; cast NULL where it comes first.',
    overloads: [
      {
        parameters: [p('first', T), variadic('others', T)],
        returns: T,
        handlesNull: true,
        implement:
          () =>
          (...values: SqlValue[]) =>
            values.find((value) => value !== null) ?? null,
      },
    ],
    examples: [{ call: "COALESCE(CAST(NULL AS STRING), 'b', 'c')", result: "'b'" }],
  },
  {
    kind: 'scalar',
    name: 'IFNULL',
    category: 'CONDITIONAL',
    summary: 'The first argument, or the second where the first is NULL.',
    overloads: [
      {
        parameters: [p('expression', T), p('altValue', T)],
        returns: T,
        handlesNull: true,
        implement: () => (value: SqlValue, alternative: SqlValue) => value ?? alternative,
      },
    ],
    examples: [{ call: "IFNULL('a', 'b')", result: "'a'" }],
  },
  {
    kind: 'scalar',
    name: 'NULLIF',
    category: 'CONDITIONAL',
    summary: 'NULL where both arguments are equal, else the first.',
    overloads: [
      {
        parameters: [p('expression1', T), p('expression2', T)],
        returns: T,
        handlesNull: true,
        implement: (site) => {
          const equals = equalsFor(site.returnType);
          return (a: SqlValue, b: SqlValue) => (a === null || equals(a, b) ? null : a);
        },
      },
    ],
    examples: [
      { call: "NULLIF('a', 'a')", result: 'NULL' },
      { call: "NULLIF('a', 'b')", result: "'a'" },
    ],
  },
];
