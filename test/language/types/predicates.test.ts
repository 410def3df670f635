import { describe, expect, test } from 'vitest';
import { resultOf } from '../functions/evaluate.ts';

/** What predicates over values of unlike types give in ksqlDB 7.9.9; an error of the evaluation is NULL. */
const RESULTS: readonly (readonly [group: string, results: Readonly<Record<string, string>>])[] = [
  [
    'BETWEEN does not check its types',
    {
      "'hello' BETWEEN 1 AND 'x'": 'NULL',
      "'hello' BETWEEN 1 AND 2": 'NULL',
      "'hello' BETWEEN 'a' AND 'x'": 'true',
      "12.34 BETWEEN 1 AND 'x'": 'NULL',
      "12.34 BETWEEN 1 AND '50'": 'true',
      "12.34 BETWEEN '1' AND '12.339'": 'false',
    },
  ],
  [
    'IN takes text beside a DATE for something else',
    {
      "CAST('1970-01-01' AS DATE) IN ('1970-01-01')": 'false',
      "CAST('1970-01-01' AS DATE) NOT IN ('1970-01-01')": 'true',
      "CAST('1970-01-01' AS DATE) IN ('1970-01-01', CAST('1970-01-01' AS DATE))": 'true',
      "CAST('1970-01-01' AS DATE) IN (CONCAT('1970', '-01-01'))": 'false',
    },
  ],
  [
    'BYTES compare with nothing that is not BYTES',
    {
      "TO_BYTES('a', 'utf8') IS NOT DISTINCT FROM 1": 'NULL',
      "TO_BYTES('a', 'utf8') IS NOT DISTINCT FROM 'a'": 'NULL',
      "TO_BYTES('a', 'utf8') IS NOT DISTINCT FROM TO_BYTES('a', 'utf8')": 'true',
      "'a' IS NOT DISTINCT FROM 1": 'false',
    },
  ],
  [
    'NULL among the later values of a variadic parameter',
    { 'COALESCE(1, 2, NULL)': '1', 'COALESCE(CAST(NULL AS INT), CAST(NULL AS INT), NULL, 4)': '4' },
  ],
];

describe.each(RESULTS)('%s', (_, results) => {
  test.each(Object.entries(results))('%s', (text, result) => expect(resultOf(text)).toBe(result));
});

test.each([
  "5 BETWEEN 1 AND 'x'",
  "CAST('00:00:01' AS TIME) IN ('00:00:01')",
  "TO_BYTES('a', 'utf8') IS DISTINCT FROM 1",
  "TO_BYTES('a', 'utf8') IS NOT DISTINCT FROM 1.5",
  'COALESCE(1, NULL)',
  'COALESCE(1, NULL, 1)',
])('%s is refused', (text) => expect(() => resultOf(text)).toThrow());
