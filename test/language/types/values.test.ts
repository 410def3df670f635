import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../../language/types/base64.ts';
import { castable, castFor } from '../../../language/types/cast.ts';
import { coerceJson, coercerFor } from '../../../language/types/coerce.ts';
import {
  comparable,
  comparisonFor,
  equalsFor,
  orderable,
  sortComparatorFor,
  valueEquality,
} from '../../../language/types/compare.ts';
import { implicitlyCastable, widerNumber } from '../../../language/types/implicit-cast.ts';
import { hashOrder, stringHash } from '../../../language/types/java-hash.ts';
import { parseType } from '../../../language/types/parse-type.ts';
import { sqlLiteral } from '../../../language/types/sql-literal.ts';
import { type SqlValue, STRING, typeToString } from '../../../language/types/sql-type.ts';
import { parseDate, parseTime, parseTimestamp, timestampToString } from '../../../language/types/temporal-text.ts';

const type = (text: string) => parseType(text);
const day = (text: string) => parseDate(text);
const at = (text: string) => parseTimestamp(text);

/** from, value, to, expected; `Error` where the cast throws. */
const casts: [string, SqlValue, string, SqlValue | typeof Error][] = [
  ['INT', 5, 'BIGINT', 5],
  ['BIGINT', 2 ** 31, 'INT', -(2 ** 31)],
  ['BIGINT', 2n ** 62n, 'DOUBLE', 2 ** 62],
  ['DECIMAL(4,2)', -199n, 'INT', -1],
  ['DECIMAL(4,2)', 250n, 'STRING', '2.50'],
  ['DECIMAL(4,2)', 255n, 'DECIMAL(3,1)', 26n],
  ['DOUBLE', 1e10, 'INT', 2147483647],
  ['DOUBLE', 1e10, 'STRING', '1.0E10'],
  ['DOUBLE', Number.NaN, 'DECIMAL(4,2)', Error],
  ['STRING', ' TRU ', 'BOOLEAN', true],
  ['STRING', 'y', 'BOOLEAN', true],
  ['STRING', 'on', 'BOOLEAN', false],
  ['STRING', '1.0', 'INT', Error],
  ['STRING', 'NaN', 'DOUBLE', Error],
  ['STRING', ' 2020-01-01', 'DATE', day('2020-01-01')],
  ['STRING', '2020-02', 'DATE', day('2020-02-01')],
  ['STRING', '2020-02-30', 'DATE', Error],
  ['STRING', '10:11:12Z', 'TIME', Error],
  ['STRING', '10:11', 'TIME', parseTime('10:11:00')],
  ['STRING', '2020-02-29T', 'TIMESTAMP', at('2020-02-29T00:00:00.000')],
  ['STRING', '2020-02-29T10+01:00', 'TIMESTAMP', at('2020-02-29T09:00')],
  ['STRING', '2020-02T10:00', 'TIMESTAMP', Error],
  ['STRING', 'AQ', 'BYTES', new Uint8Array([1])],
  ['STRING', 'A Q=', 'BYTES', Error],
  ['DATE', -1, 'TIMESTAMP', -86_400_000],
  ['TIMESTAMP', -1, 'DATE', -1],
  ['TIMESTAMP', -1, 'TIME', 86_399_999],
  ['TIME', 3_600_500, 'STRING', '01:00'],
  ['TIME', 3_601_000, 'STRING', '01:00:01'],
  ['TIMESTAMP', 0, 'STRING', '1970-01-01T00:00:00.000'],
  ['ARRAY<INT>', [1, null], 'STRING', '[1, null]'],
  ['ARRAY<INT>', [1, null], 'ARRAY<STRING>', ['1', null]],
  [
    'MAP<STRING, INT>',
    new Map<SqlValue, SqlValue>([
      ['b', 2],
      ['a', null],
    ]),
    'STRING',
    '{a=null, b=2}',
  ],
  ['STRUCT<A INT, B STRING>', [1, null], 'STRING', 'Struct{A=1}'],
  ['STRUCT<A INT, B STRING>', [1, 'x'], 'STRUCT<B STRING, C INT>', ['x', null]],
];

describe('casts', () => {
  test.each(casts)('%s: %s to %s', (from, value, to, expected) => {
    expect(castable(type(from), type(to))).toBe(true);
    const cast = castFor(type(from), type(to));
    if (expected === Error) expect(() => cast(value)).toThrow();
    else expect(cast(value)).toEqual(expected);
    expect(cast(null)).toBeNull();
  });

  test.each([
    ['BOOLEAN', 'INT'],
    ['BYTES', 'STRING'],
    ['DATE', 'TIME'],
    ['INT', 'TIMESTAMP'],
    ['ARRAY<BOOLEAN>', 'ARRAY<INT>'],
    ['MAP<STRING, INT>', 'STRUCT<A INT>'],
    ['STRUCT<A BOOLEAN>', 'STRUCT<A INT>'],
  ])('no cast of %s to %s', (from, to) => expect(castable(type(from), type(to))).toBe(false));

  test('a timestamp reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: at('0001-01-01'), max: at('9999-12-31') }), (ms) => {
        expect(parseTimestamp(timestampToString(ms))).toBe(ms);
      }),
    );
  });

  test('base64 reads back, with and without padding', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = encodeBase64(bytes);
        expect(decodeBase64(text)).toEqual(bytes);
        expect(decodeBase64(text.replaceAll('=', ''))).toEqual(bytes);
      }),
    );
  });
});

describe('comparison', () => {
  const cases: [string, SqlValue, string, string, SqlValue, boolean][] = [
    ['INT', 1, '=', 'BIGINT', 1, true],
    ['BIGINT', 2n ** 53n + 1n, '=', 'DOUBLE', 2 ** 53, true],
    ['BIGINT', 2n ** 62n, '>', 'INT', 5, true],
    ['DECIMAL(3,1)', 10n, '=', 'DECIMAL(4,2)', 100n, true],
    ['DECIMAL(3,1)', 10n, '<', 'DOUBLE', 1.5, true],
    ['INT', 2, '>=', 'DECIMAL(3,1)', 20n, true],
    ['DOUBLE', Number.NaN, '=', 'DOUBLE', Number.NaN, false],
    ['DOUBLE', Number.NaN, '<>', 'DOUBLE', 1, false],
    ['INT', null, '=', 'INT', null, false],
    ['INT', null, '<>', 'INT', 1, false],
    ['INT', null, 'IS DISTINCT FROM', 'INT', 1, true],
    ['INT', null, 'IS DISTINCT FROM', 'INT', null, false],
    ['INT', 1, 'IS NOT DISTINCT FROM', 'BIGINT', 1, true],
    ['STRING', '2020-01-01', '=', 'DATE', 18262, true],
    ['DATE', 18262, '<', 'TIMESTAMP', 18262 * 86_400_000 + 1, true],
    ['STRING', '10:00', '<', 'TIME', 36_000_001, true],
    ['TIMESTAMP', 0, '=', 'STRING', '1970', true],
    ['BYTES', new Uint8Array([255]), '<', 'BYTES', new Uint8Array([1]), true],
    ['STRING', '\ud83d\ude00', '<', 'STRING', '\uffee', true],
    ['ARRAY<INT>', [1, null], '=', 'ARRAY<INT>', [1, null], true],
    ['ARRAY<INT>', [1], '=', 'ARRAY<BIGINT>', [1], false],
  ];
  test.each(cases)('%s %s %s %s %s is %s', (left, a, operator, right, b, expected) => {
    expect(comparisonFor(operator as '=', type(left), type(right))(a, b)).toBe(expected);
  });

  test('pairs', () => {
    expect(comparable(type('INT'), type('STRING'))).toBe(false);
    expect(comparable(type('TIME'), type('TIMESTAMP'))).toBe(false);
    expect(comparable(type('DATE'), type('TIMESTAMP'))).toBe(true);
    expect(orderable(type('BOOLEAN'), type('BOOLEAN'))).toBe(false);
    expect(orderable(type('BYTES'), type('BYTES'))).toBe(true);
  });

  test('equality is deep, and tells classes apart', () => {
    const maps = equalsFor(type('MAP<STRING, ARRAY<DOUBLE>>'));
    expect(maps(new Map([['a', [Number.NaN]]]), new Map([['a', [Number.NaN]]]))).toBe(true);
    expect(maps(new Map([['a', [0]]]), new Map([['a', [-0]]]))).toBe(false);
    expect(valueEquality(type('DECIMAL(3,1)'), type('DECIMAL(4,2)'))(10n, 100n)).toBe(false);
    expect(equalsFor(type('STRUCT<A BYTES>'))([new Uint8Array([1])], [new Uint8Array([1])])).toBe(true);
  });

  test('sorting puts NaN last', () => {
    expect([Number.NaN, 1, -1].sort(sortComparatorFor(type('DOUBLE')))).toEqual([-1, 1, Number.NaN]);
  });
});

describe('coercion', () => {
  test('STRICT widens and never rounds', () => {
    expect(coercerFor(type('INT'), type('DECIMAL(4,1)'), 'STRICT')!(12)).toBe(120n);
    expect(coercerFor(type('DECIMAL(3,2)'), type('DECIMAL(3,1)'), 'STRICT')!(150n)).toBe(15n);
    expect(() => coercerFor(type('DECIMAL(3,2)'), type('DECIMAL(3,1)'), 'STRICT')!(155n)).toThrow('without rounding');
    expect(coercerFor(type('DOUBLE'), type('DECIMAL(3,1)'), 'STRICT')).toBeUndefined();
    expect(coercerFor(STRING, type('INT'), 'STRICT')).toBeUndefined();
    expect(coercerFor(type('BIGINT'), type('INT'), 'STRICT')).toBeUndefined();
    expect(coercerFor(type('ARRAY<INT>'), type('ARRAY<BIGINT>'), 'STRICT')!([1, null])).toEqual([1, null]);
    expect(coercerFor(type('STRUCT<A INT>'), type('STRUCT<A DOUBLE, B INT>'), 'STRICT')!([1])).toEqual([1, null]);
  });

  test('LAX reads and writes text', () => {
    expect(coercerFor(type('INT'), STRING, 'LAX')!(12)).toBe('12');
    expect(coercerFor(STRING, type('BOOLEAN'), 'LAX')!('ye')).toBe(true);
    expect(() => coercerFor(STRING, type('BOOLEAN'), 'LAX')!('x')).toThrow();
  });

  test('JSON of a REST client', () => {
    expect(coerceJson({ a: 1, '`b`': '2.345' }, type('STRUCT<A BIGINT, `b` DECIMAL(4,2)>'))).toEqual([1, 235n]);
    expect(coerceJson({ k: [true] }, type('MAP<STRING, ARRAY<BOOLEAN>>'))).toEqual(new Map([['k', [true]]]));
    expect(() => coerceJson('1', type('INT'))).toThrow();
    expect(() => coerceJson(1.5, type('INT'))).toThrow();
  });

  test('implicit casts', () => {
    expect(implicitlyCastable(type('INT'), type('DOUBLE'))).toBe(true);
    expect(implicitlyCastable(type('DATE'), type('TIMESTAMP'))).toBe(false);
    expect(implicitlyCastable(type('DECIMAL(4,2)'), type('DECIMAL(4,3)'))).toBe(false);
    expect(widerNumber(type('INT'), type('DECIMAL(4,2)'))).toEqual(type('DECIMAL(12,2)'));
  });
});

describe('types and literals', () => {
  test.each([
    ['varchar(10)', 'STRING'],
    ['array<struct<a int, `b c` decimal(4, 2)>>', 'ARRAY<STRUCT<`A` INTEGER, `b c` DECIMAL(4, 2)>>'],
    ['int array', 'ARRAY<INTEGER>'],
    ['MAP<STRING, STRUCT<>>', 'MAP<STRING, STRUCT< >>'],
  ])('%s', (text, expected) => expect(typeToString(type(text))).toBe(expected));

  test('faults', () => {
    expect(() => type('WIDGET')).toThrow('Cannot resolve unknown type: WIDGET');
    expect(() => type('DECIMAL(2, 3)')).toThrow('precision must be >= scale');
    expect(() => type('MAP<INT>')).toThrow();
  });

  test('literals', () => {
    const value: SqlValue = [1, "it's", new Map<SqlValue, SqlValue>([['k', 150n]]), [1.5, null]];
    expect(sqlLiteral(value, type('STRUCT<A INT, B STRING, C MAP<STRING, DECIMAL(4,2)>, D ARRAY<DOUBLE>>'))).toBe(
      "STRUCT(`A` := 1, `B` := 'it''s', `C` := MAP('k' := 1.50), `D` := ARRAY[1.5E0, NULL])",
    );
  });

  test('maps are walked as a HashMap walks them', () => {
    expect(stringHash('AaAa')).toBe(stringHash('BBBB'));
    const entries = (...keys: string[]) => hashOrder(new Map(keys.map((key) => [key, 0])), STRING).map(([key]) => key);
    expect(entries('k1', 'D', '', 'c')).toEqual(['', 'c', 'D', 'k1']);
    expect(entries('zz', 'k1', 'BBBB')).toEqual(['zz', 'k1', 'BBBB']);
  });
});
