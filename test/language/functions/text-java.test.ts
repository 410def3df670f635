import { describe, expect, test } from 'vitest';
import { resultOf } from './evaluate.ts';

/** What the Java classes under ksqlDB's functions of texts give; an error is NULL. */
const RESULTS: readonly [group: string, results: Readonly<Record<string, string>>][] = [
  [
    'places of texts',
    {
      "INSTR('corporate floor', 'or', 1, 0)": '0',
      "INSTR('corporate floor', 'or', -1, -1)": '0',
      "INSTR('corporate floor', 'or', -3, 2)": '2',
      "INSTR('corporate floor', '', 3)": '3',
      "INSTR('corporate floor', '', -3)": '14',
      "INSTR('corporate floor', '', 1, 0)": '0',
    },
  ],
  [
    'hexadecimal texts',
    {
      "ENCODE('x''4578''', 'hex', 'ascii')": 'Ex',
      "ENCODE('X''4578''', 'hex', 'ascii')": 'Ex',
      "ENCODE('0x4578', 'hex', 'ascii')": 'Ex',
      "ENCODE('x4578', 'hex', 'ascii')": 'NULL',
      "ENCODE('x''457''', 'hex', 'ascii')": 'NULL',
    },
  ],
  [
    'what is no array',
    { "JSON_ITEMS('12')": 'NULL', "JSON_ITEMS('{}')": 'NULL', "JSON_ITEMS('null')": 'NULL', "JSON_ITEMS('[]')": '[]' },
  ],
  [
    'texts',
    {
      "INITCAP(' \u00a0ab cD\u3000e')": '\u00a0ab Cd\u3000e',
      "SPLIT_TO_MAP('a=;=b', ';', '=')": '{=b, a=}',
      "FROM_BYTES(TO_BYTES('EDA08041', 'hex'), 'utf8')": '\ufffdA',
      "LEN(FROM_BYTES(TO_BYTES('EFBBBF', 'hex'), 'utf8'))": '1',
    },
  ],
  [
    'regular expressions',
    {
      "ARRAY_LENGTH(REGEXP_EXTRACT_ALL('x*', 'a😀'))": '4',
      "REGEXP_REPLACE('a😀', '$', '-')": 'a😀-',
      "REGEXP_REPLACE('a😀', '^', '-')": '-a😀',
      "REGEXP_REPLACE('𝒳𝒴', '\\b', '-')": '-𝒳𝒴-',
      "REGEXP_REPLACE('e\u0301 \u0301', '\\b', '-')": '-e\u0301- \u0301',
      "REGEXP_SPLIT_TO_ARRAY('😀 a', '\\b')": '[😀 , a]',
      "REGEXP_SPLIT_TO_ARRAY('ab', '(?=b)')": '[a, b]',
      "REGEXP_EXTRACT('a{1}{2}', 'aa')": 'a',
      "REGEXP_EXTRACT('a**', 'aa')": 'NULL',
      "REGEXP_EXTRACT('a{x}', 'aa')": 'NULL',
    },
  ],
  [
    'JSON',
    {
      "IS_JSON_STRING('100%')": 'false',
      "IS_JSON_STRING('100 %')": 'true',
      "IS_JSON_STRING('[100%')": 'false',
      "IS_JSON_STRING('trueé')": 'false',
      "IS_JSON_STRING('true%')": 'true',
      "EXTRACTJSONFIELD('[[1, 2]]', '$.0[\"1\"]')": '2',
      "EXTRACTJSONFIELD('{\"é\": 1}', '$.é')": '1',
      "EXTRACTJSONFIELD(' ', '$')": '',
      "EXTRACTJSONFIELD(' ', '$.a')": 'NULL',
      "TO_JSON_STRING('\\u00e9')": '"\\\\u00e9"',
    },
  ],
  [
    'URLs',
    {
      "URL_EXTRACT_HOST('http://a..b/')": 'NULL',
      "URL_EXTRACT_HOST('http://1.2.3/')": 'NULL',
      "URL_EXTRACT_HOST('http://1.2.3.4/')": '1.2.3.4',
      "URL_EXTRACT_HOST('http://[::1.2.3.4]/')": '[::1.2.3.4]',
      "URL_EXTRACT_PATH('http://[1::2::3]/x')": 'NULL',
      "URL_EXTRACT_PATH('http://a_b:c/x')": '/x',
      "URL_EXTRACT_PATH('http://a/x[1]')": 'NULL',
      "URL_EXTRACT_QUERY('http://a/?x[1]')": 'x[1]',
      "URL_EXTRACT_PORT('http://a:2147483648/')": 'NULL',
      "URL_EXTRACT_PROTOCOL('x:?y')": 'x',
      "URL_EXTRACT_PROTOCOL('http://')": 'NULL',
    },
  ],
];

describe.each(RESULTS)('%s', (_, results) => {
  test.each(Object.entries(results))('%s', (call, result) => {
    expect(resultOf(call)).toBe(result);
  });
});
