import { expect, test } from 'vitest';
import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import type { AggregateFunction, FunctionEnvironment, ScalarFunction } from '../../../language/functions/function.ts';
import { DATE, STRING } from '../../../language/types/sql-type.ts';

/** A world that stands still at the beginning of 2050. */
const environment: FunctionEnvironment = {
  nowMs: () => Date.UTC(2050, 0, 1),
  random: () => 0.25,
  randomUuid: () => '00000000-0000-4000-8000-000000000000',
  nextInOrder: (() => {
    let next = 7;
    return () => next++;
  })(),
};

const NO_ARGUMENTS = { argumentTypes: [], returnType: STRING, lambdaResultTypes: [] };

function call(name: string, ...args: readonly string[]): unknown {
  const { overloads } = FUNCTIONS.get(name) as ScalarFunction;
  const overload = overloads.find(({ parameters }) => parameters.length === args.length)!;
  return overload.implement(NO_ARGUMENTS, environment)(...args);
}

test('functions have the time and the chance of whoever runs them', () => {
  expect(call('UNIX_TIMESTAMP')).toBe(Date.UTC(2050, 0, 1));
  expect(call('UNIX_DATE')).toBe(Date.UTC(2050, 0, 1) / 86_400_000);
  expect(call('RANDOM')).toBe(0.25);
  expect(call('UUID')).toBe('00000000-0000-4000-8000-000000000000');
});

test('the century of a year of two digits follows from the time', () => {
  const dayOf = (year: number) => Date.UTC(year, 0, 1) / 86_400_000;
  // Less than 80 years ago, at most 19 ahead.
  expect(call('PARSE_DATE', '01.01.69', 'dd.MM.yy')).toBe(dayOf(2069));
  expect(call('PARSE_DATE', '01.01.70', 'dd.MM.yy')).toBe(dayOf(1970));
});

test('what keeps values in the order they came numbers them as it is told', () => {
  const { overloads } = FUNCTIONS.get('LATEST_BY_OFFSET') as AggregateFunction;
  const site = { argumentTypes: [DATE], returnType: DATE, lambdaResultTypes: [] };
  const { init, add, merge, result } = overloads[0]!.implement(site, [], environment);
  const older = add(init(), 1);
  const newer = add(init(), 2);
  expect([older, newer]).toEqual([
    [7, 1],
    [8, 2],
  ]);
  expect(result(merge(newer, older))).toBe(2);
});
