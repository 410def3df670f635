import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import type { AggregateFunction } from '../../../language/functions/function.ts';
import { NO_ENVIRONMENT } from '../../../language/functions/function.ts';
import { BIGINT, DOUBLE, type SqlType, type SqlValue, STRING } from '../../../language/types/sql-type.ts';
import { resultOf } from './evaluate.ts';

/** What the Java collections under ksqlDB's functions give; an error is NULL. */
const RESULTS: readonly [call: string, result: string][] = [
  ["ARRAY_JOIN(ARRAY[CAST('0.0000001' AS DECIMAL(9, 8)), CAST('0' AS DECIMAL(9, 8))])", '1.0E-7,0E-8'],
  ['ARRAY_MAX(ARRAY[ARRAY[1]])', 'NULL'],
  ['ARRAY_MIN(ARRAY[CAST(NULL AS ARRAY<INT>)])', 'NULL'],
  ['ARRAY_MAX(ARRAY[STRUCT(A := 1), STRUCT(A := 2)])', 'NULL'],
  ['ARRAY_SORT(ARRAY[ARRAY[2], NULL])', '[[2], null]'],
  ['ARRAY_SORT(ARRAY[ARRAY[2], NULL, ARRAY[1]])', 'NULL'],
  ['ARRAY_SORT(ARRAY[TRUE, NULL, FALSE])', '[false, true, null]'],
  ["CAST(ARRAY[CAST('0001-01-01' AS DATE), CAST('1582-10-14' AS DATE)] AS STRING)", '[0001-01-03, 1582-10-04]'],
  ["CAST(ARRAY[CAST('1500-03-01' AS DATE), CAST('1582-10-15' AS DATE)] AS STRING)", '[1500-02-20, 1582-10-15]'],
  ["CAST(ARRAY[CAST('1500-03-11T01:02:03.120' AS TIMESTAMP)] AS STRING)", '[1500-03-01 01:02:03.12]'],
  ['CAST(0E0 / 0 IN (1E0, 0E0 / 0) AS STRING)', 'true'],
  ['CAST(0E0 / 0 = 0E0 / 0 AS STRING)', 'false'],
];

test.each(RESULTS)('%s', (call, result) => {
  expect(resultOf(call)).toBe(result);
});

describe('STDDEV_SAMP', () => {
  const MOST = 2n ** 63n - 1n;
  const { overloads } = FUNCTIONS.get('STDDEV_SAMP') as AggregateFunction;
  const aggregatorOf = (type: SqlType) => {
    const overload = overloads.find(({ parameters }) => parameters[0]!.type === type)!;
    return overload.implement({ argumentTypes: [type], returnType: DOUBLE, lambdaResultTypes: [] }, [], NO_ENVIRONMENT);
  };
  const stateOf = (type: SqlType, values: readonly SqlValue[]) => {
    const aggregator = aggregatorOf(type);
    return values.reduce((state: SqlValue, value) => aggregator.add(state, value), aggregator.init());
  };

  test('computes with BIGINT as Java does, wrapping around', () => {
    expect(aggregatorOf(BIGINT).result(stateOf(BIGINT, [MOST, MOST]))).toBe(0);
    expect(aggregatorOf(BIGINT).result(stateOf(BIGINT, [2n ** 53n, 2n ** 53n + 3n]))).toBe(4.5);
  });

  test('merges integers by their whole means', () => {
    const { merge, result } = aggregatorOf(BIGINT);
    expect(result(merge(stateOf(BIGINT, [7, 8]), stateOf(BIGINT, [8])))).toBe(0.25 + 1 / 3);
  });

  test('keeps what rounding has left once all values are taken back', () => {
    const { add, remove, result } = aggregatorOf(DOUBLE);
    const values = [0.1, 0.3, 0.7];
    const filled = stateOf(DOUBLE, values);
    const emptied = values.reduce((state: SqlValue, value) => remove!(state, value), filled);
    const [, count, left] = emptied as readonly [number, number, number];
    expect(count).toBe(0);
    expect(left).not.toBe(0);
    expect(Math.abs(left)).toBeLessThan(1e-15);
    expect(result(emptied)).toBe(0);
    const again = values.reduce((state: SqlValue, value) => add(state, value), emptied);
    expect((again as readonly number[])[2]).toBeCloseTo((filled as readonly number[])[2]!, 14);
  });
});

test('HISTOGRAM counts NULL once, as the text null', () => {
  const { overloads } = FUNCTIONS.get('HISTOGRAM') as AggregateFunction;
  const { init, add, result } = overloads[0]!.implement(
    { argumentTypes: [STRING], returnType: overloads[0]!.returns as SqlType, lambdaResultTypes: [] },
    [],
    NO_ENVIRONMENT,
  );
  const state = [null, 'a', null, 'a'].reduce<SqlValue>((before, value) => add(before, value), init());
  expect(result(state)).toEqual(
    new Map([
      ['null', 1],
      ['a', 2],
    ]),
  );
});
