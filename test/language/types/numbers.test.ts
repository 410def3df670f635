import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decimalOperation,
  decimalResultType,
  decimalToJavaString,
  decimalToString,
  doubleToDecimal,
  exactDecimal,
  fitDecimal,
  longToDecimal,
  parseDecimal,
  stringToDecimal,
} from '../../../language/types/decimal.ts';
import {
  addLong,
  divideInt,
  divideLong,
  doubleToInt,
  doubleToLong,
  longToInt,
  MAX_INT,
  MAX_LONG,
  MIN_INT,
  MIN_LONG,
  multiplyLong,
  negateLong,
  parseInteger,
  parseLong,
  remainderInt,
  remainderLong,
  subtractLong,
  toLong,
} from '../../../language/types/integer.ts';
import { doubleToString, parseDouble, parseFiniteDouble } from '../../../language/types/java-double.ts';
import { decimal } from '../../../language/types/sql-type.ts';

const anyLong = fc.oneof(
  fc.bigInt({ min: MIN_LONG, max: MAX_LONG }),
  fc.bigInt({ min: -10n, max: 10n }),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
);

describe('integers', () => {
  test('BIGINT arithmetic is that of 64 bits, in canonical form', () => {
    fc.assert(
      fc.property(anyLong, anyLong, (x, y) => {
        const a = toLong(x);
        const b = toLong(y);
        expect(addLong(a, b)).toBe(toLong(x + y));
        expect(subtractLong(a, b)).toBe(toLong(x - y));
        expect(multiplyLong(a, b)).toBe(toLong(x * y));
        expect(negateLong(a)).toBe(toLong(-x));
        if (y === 0n) return;
        expect(divideLong(a, b)).toBe(toLong(x / y));
        expect(remainderLong(a, b)).toBe(toLong(x % y));
      }),
    );
  });

  test('INTEGER wraps, truncates, and never gives -0', () => {
    expect(divideInt(MIN_INT, -1)).toBe(MIN_INT);
    expect(divideInt(-7, 2)).toBe(-3);
    expect(remainderInt(-7, 7)).toBe(0);
    expect(multiplyLong(0, -5)).toBe(0);
    expect(() => divideInt(1, 0)).toThrow('/ by zero');
    expect(() => remainderLong(1, 0)).toThrow('/ by zero');
  });

  test('conversions saturate or wrap as Java casts do', () => {
    expect(doubleToInt(1e10)).toBe(MAX_INT);
    expect(doubleToInt(Number.NaN)).toBe(0);
    expect(doubleToInt(-1.9)).toBe(-1);
    expect(doubleToLong(1e19)).toBe(MAX_LONG);
    expect(doubleToLong(-1e19)).toBe(MIN_LONG);
    expect(doubleToLong(2 ** 60)).toBe(2n ** 60n);
    expect(doubleToLong(-0.5)).toBe(0);
    expect(longToInt(2 ** 31)).toBe(MIN_INT);
    expect(longToInt(MAX_LONG)).toBe(-1);
  });

  test.each([
    ['12', 12],
    [' +5 ', 5],
    ['-0012', -12],
    ['٣٤', 34],
    ['2147483647', MAX_INT],
  ])('parses %j', (text, value) => {
    expect(parseInteger(text)).toBe(value);
    expect(parseLong(text)).toBe(value);
  });

  test.each(['', '1.0', '1e3', '2147483648', '0x1', '1_000', 'NaN', '+'])('refuses %j as INTEGER', (text) => {
    expect(() => parseInteger(text)).toThrow(`For input string: "${text}"`);
  });

  test('BIGINT text is bounded by 64 bits', () => {
    expect(parseLong('9223372036854775807')).toBe(MAX_LONG);
    expect(parseLong('-9223372036854775808')).toBe(MIN_LONG);
    expect(() => parseLong('9223372036854775808')).toThrow();
  });
});

describe('doubles', () => {
  test.each([
    [1, '1.0'],
    [100, '100.0'],
    [1e7, '1.0E7'],
    [1e10, '1.0E10'],
    [9999999.5, '9999999.5'],
    [0.001, '0.001'],
    [0.00099, '9.9E-4'],
    [5e-324, '4.9E-324'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [-0, '-0.0'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ])('%d prints as %s', (value, text) => expect(doubleToString(value)).toBe(text));

  test('what is printed reads back', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseDouble(doubleToString(value))).toBe(value);
      }),
    );
  });

  test.each([
    ['1d', 1],
    ['0x1p3', 8],
    ['-0X1.8P1f', -3],
    ['5.', 5],
    ['.5', 0.5],
    [' 1E2 ', 100],
    ['0x1.fffffffffffff8p0', 2],
  ])('%s reads as %d', (text, value) => expect(parseDouble(text)).toBe(value));

  test.each(['NaN', 'Infinity', '1e400', 'x', '', '1 2', '0x1'])('CAST refuses %j', (text) => {
    expect(() => parseFiniteDouble(text)).toThrow();
  });
});

describe('decimals', () => {
  test.each([
    ['+', 3, 1, 2, 2, 'DECIMAL(5, 2)'],
    ['*', 3, 1, 2, 2, 'DECIMAL(6, 3)'],
    ['/', 3, 1, 2, 2, 'DECIMAL(10, 6)'],
    ['%', 3, 1, 2, 2, 'DECIMAL(2, 2)'],
  ] as const)('result type of %s', (operator, p1, s1, p2, s2, expected) => {
    const { precision, scale } = decimalResultType(operator, decimal(p1, s1), decimal(p2, s2));
    expect(`DECIMAL(${precision}, ${scale})`).toBe(expected);
  });

  test('operations never round', () => {
    const divide = decimalOperation('/', decimal(3, 1), decimal(2, 1));
    expect(decimalToString(divide(101n, 20n), 6)).toBe('5.050000');
    expect(() => divide(10n, 30n)).toThrow('Rounding necessary');
    expect(() => divide(10n, 0n)).toThrow('Division by zero');
    expect(() => decimalOperation('%', decimal(4, 2), decimal(2, 2))(9876n, 1n)).toThrow('Division impossible');
    expect(decimalOperation('%', decimal(4, 2), decimal(3, 2))(-9900n, 70n)).toBe(-30n);
    expect(decimalOperation('+', decimal(3, 1), decimal(4, 3))(15n, 1001n)).toBe(2501n);
  });

  test.each([
    ['1.005', 4, 2, '1.01'],
    ['-1.005', 4, 2, '-1.01'],
    ['1e3', 6, 2, '1000.00'],
    [' 12 ', 4, 1, '12.0'],
    ['1e-30000', 4, 2, '0.00'],
    ['0e30000', 4, 2, '0.00'],
    ['9.99', 2, 1, '10.0'],
  ])('text %s as DECIMAL(%d, %d) is %s', (text, precision, scale, expected) => {
    expect(decimalToString(stringToDecimal(text, decimal(precision, scale)), scale)).toBe(expected);
  });

  test('overflow is told before rounding', () => {
    const message =
      'Numeric field overflow: A field with precision 3 and scale 2 must round to an absolute value less than 10^1. Got 10';
    expect(() => longToDecimal(10, decimal(3, 2))).toThrow(message);
    expect(() => stringToDecimal('1e30000', decimal(3, 2))).toThrow('Numeric field overflow');
    expect(doubleToDecimal(1.005, decimal(4, 2))).toBe(101n);
    expect(() => doubleToDecimal(Number.NaN, decimal(4, 2))).toThrow();
  });

  test('the exact value of a double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const { unscaled, scale } = exactDecimal(value);
        expect(Number(`${unscaled}e${-scale}`)).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  test('plain and Java texts read back', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: 0, max: 40 }), (unscaled, scale) => {
        const plain = parseDecimal(decimalToString(unscaled, scale));
        expect(plain).toEqual({ unscaled, scale });
        expect(parseDecimal(decimalToJavaString(unscaled, scale))).toEqual({ unscaled, scale });
        expect(fitDecimal(plain, decimal(200, scale))).toBe(unscaled);
      }),
    );
    expect(decimalToJavaString(1n, 7)).toBe('1E-7');
    expect(decimalToJavaString(0n, 2)).toBe('0.00');
  });
});
