import { EvaluationError } from './evaluation-error.ts';
import { type Long, toAsciiDigits, toLong, trimJava } from './integer.ts';
import { type DecimalType, decimal, type SqlType } from './sql-type.ts';

/**
 * DECIMAL arithmetic as ksqlDB does it on Java's BigDecimal. A value is the unscaled bigint, its scale is that of its
 * type.
 */

const powers: bigint[] = [1n];

/** 10 to the given power, cached. */
export function powerOfTen(exponent: number): bigint {
  for (let i = powers.length; i <= exponent; i++) powers.push(powers[i - 1]! * 10n);
  return powers[exponent]!;
}

/** A decimal number whose scale is not given by a type: `unscaled * 10^-scale`. The scale may be negative. */
export interface ScaledNumber {
  readonly unscaled: bigint;
  readonly scale: number;
}

/** The number of decimal digits of the magnitude; zero has one. */
export function precisionOf(unscaled: bigint): number {
  return (unscaled < 0n ? -unscaled : unscaled).toString().length;
}

/** Divides rounding half away from zero (Java's HALF_UP). `divisor` is positive. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const remainder = dividend % divisor;
  const doubled = (remainder < 0n ? -remainder : remainder) * 2n;
  if (doubled < divisor) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}

/** Changes the scale of a value, rounding HALF_UP where digits are lost. */
export function rescaleHalfUp(unscaled: bigint, from: number, to: number): bigint {
  if (from === to) return unscaled;
  return from < to ? unscaled * powerOfTen(to - from) : divideHalfUp(unscaled, powerOfTen(from - to));
}

/**
 * Changes the scale of a value. @throws EvaluationError `Rounding necessary` where digits other than zero would be
 * lost.
 */
export function rescaleExact(unscaled: bigint, from: number, to: number): bigint {
  if (from <= to) return from === to ? unscaled : unscaled * powerOfTen(to - from);
  const divisor = powerOfTen(from - to);
  if (unscaled % divisor !== 0n) throw new EvaluationError('Rounding necessary');
  return unscaled / divisor;
}

/** Plain text without an exponent; zeros of the scale are kept: `2.50`. */
export function decimalToString(unscaled: bigint, scale: number): string {
  if (scale <= 0) return (unscaled * powerOfTen(-scale)).toString();
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/**
 * Java's BigDecimal.toString: scientific notation where the first digit is further than six places behind the point.
 */
export function decimalToJavaString(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString();
  const adjusted = digits.length - 1 - scale;
  if (scale >= 0 && adjusted >= -6) return decimalToString(unscaled, scale);
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  const exponent = adjusted === 0 ? '' : `E${adjusted > 0 ? '+' : ''}${adjusted}`;
  return `${unscaled < 0n ? '-' : ''}${mantissa}${exponent}`;
}

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * Java's `new BigDecimal(text)`: sign, digits with an optional point, an optional exponent; digits of any script.
 * @throws EvaluationError when the text is no number.
 */
export function parseDecimal(text: string): ScaledNumber {
  const match = DECIMAL_TEXT.exec(text) ?? DECIMAL_TEXT.exec(toAsciiDigits(text));
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (!match || (whole === '' && fraction === '')) throw new EvaluationError(`Not a decimal number: "${text}"`);
  const exponent = Number(match[4] ?? 0);
  const scale = fraction.length - exponent;
  if (!Number.isSafeInteger(exponent) || Math.abs(scale) > 0x7fffffff) {
    throw new EvaluationError(`Too many digits in the exponent of "${text}"`);
  }
  const magnitude = BigInt(whole + fraction);
  return { unscaled: match[1] === '-' ? -magnitude : magnitude, scale };
}

/** The exact decimal value of a finite double. @throws EvaluationError for NaN and infinities. */
export function exactDecimal(value: number): ScaledNumber {
  if (!Number.isFinite(value)) throw new EvaluationError('Infinite or NaN');
  if (Number.isSafeInteger(value)) return { unscaled: BigInt(value), scale: 0 };
  doubleBits.setFloat64(0, value);
  const bits = doubleBits.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  let mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  let exponent = (biased === 0 ? 1 : biased) - 1075;
  while (exponent < 0 && (mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    exponent++;
  }
  if (value < 0) mantissa = -mantissa;
  return exponent >= 0
    ? { unscaled: mantissa << BigInt(exponent), scale: 0 }
    : { unscaled: mantissa * 5n ** BigInt(-exponent), scale: -exponent };
}

const doubleBits = new DataView(new ArrayBuffer(8));

/** The double nearest to a decimal. */
export const decimalToDouble = (unscaled: bigint, scale: number): number =>
  scale === 0 ? Number(unscaled) : Number(`${unscaled}e${-scale}`);

/** Rounds HALF_UP to at most `precision` significant digits, as Java's MathContext does. */
export function roundToPrecision(value: ScaledNumber, precision: number): ScaledNumber {
  const drop = precisionOf(value.unscaled) - precision;
  if (drop <= 0) return value;
  return { unscaled: divideHalfUp(value.unscaled, powerOfTen(drop)), scale: value.scale - drop };
}

/**
 * Fits a number into a DECIMAL type: HALF_UP to its scale. As in ksqlDB the magnitude is checked before rounding.
 * @throws EvaluationError `Numeric field overflow: …`.
 */
export function fitDecimal(value: ScaledNumber, type: DecimalType): bigint {
  const { unscaled, scale } = value;
  const limitDigits = type.precision - type.scale;
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  // A huge exponent must not be expanded to be found too large; a tiny one rounds to zero.
  if (precisionOf(unscaled) - scale > limitDigits && unscaled !== 0n) {
    if (scale < -1000 || magnitude >= powerOfTen(Math.max(0, limitDigits + scale)))
      throw overflow(value, type, limitDigits);
  }
  if (unscaled === 0n || scale - precisionOf(unscaled) > type.scale + 1) return 0n;
  return rescaleHalfUp(unscaled, scale, type.scale);
}

function overflow(value: ScaledNumber, type: DecimalType, digits: number): EvaluationError {
  const got = value.scale < -1000 ? `${value.unscaled}E${-value.scale}` : decimalToString(value.unscaled, value.scale);
  return new EvaluationError(
    `Numeric field overflow: A field with precision ${type.precision} and scale ${type.scale} must round to an absolute ` +
      `value less than 10^${digits}. Got ${got}`,
  );
}

/** CAST of INTEGER and BIGINT. @throws EvaluationError `Numeric field overflow: …`. */
export const longToDecimal = (value: Long, type: DecimalType): bigint =>
  fitDecimal(roundToPrecision({ unscaled: BigInt(value), scale: 0 }, type.precision), type);

/** CAST of DOUBLE. @throws EvaluationError `Numeric field overflow: …`, or for NaN and infinities. */
export const doubleToDecimal = (value: number, type: DecimalType): bigint =>
  fitDecimal(roundToPrecision(exactDecimal(value), type.precision), type);

/** CAST of STRING. @throws EvaluationError `Numeric field overflow: …`, or when the text is no number. */
export const stringToDecimal = (text: string, type: DecimalType): bigint =>
  fitDecimal(parseDecimal(trimJava(text)), type);

/** CAST of DECIMAL to DECIMAL. @throws EvaluationError `Numeric field overflow: …`. */
export const decimalToDecimal = (unscaled: bigint, scale: number, type: DecimalType): bigint =>
  fitDecimal({ unscaled, scale }, type);

/** The whole part, wrapping at 64 bits. */
export const decimalToLong = (unscaled: bigint, scale: number): Long => toLong(unscaled / powerOfTen(scale));

/** The whole part, wrapping at 32 bits. */
export const decimalToInt = (unscaled: bigint, scale: number): number =>
  Number(BigInt.asIntN(32, unscaled / powerOfTen(scale)));

/** How a numeric type counts in DECIMAL arithmetic: INTEGER is DECIMAL(10, 0), BIGINT DECIMAL(19, 0). */
export function asDecimalType(type: SqlType): DecimalType | undefined {
  switch (type.kind) {
    case 'INTEGER':
      return decimal(10, 0);
    case 'BIGINT':
      return decimal(19, 0);
    case 'DECIMAL':
      return type;
    case 'BOOLEAN':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return undefined;
    default:
      return type satisfies never;
  }
}

/** Why a precision and scale make no DECIMAL type, in ksqlDB's words; undefined when they do. */
export function invalidDecimal(precision: number, scale: number): string | undefined {
  if (precision < 1) return `DECIMAL precision must be >= 1: DECIMAL(${precision},${scale})`;
  if (scale < 0) return `DECIMAL scale must be >= 0: DECIMAL(${precision},${scale})`;
  if (precision < scale) return `DECIMAL precision must be >= scale: DECIMAL(${precision},${scale})`;
  return undefined;
}

/** The smallest DECIMAL that holds the whole digits and the scale of both. */
export function widenDecimals(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  return decimal(Math.max(a.precision - a.scale, b.precision - b.scale) + scale, scale);
}

export type DecimalOperator = '+' | '-' | '*' | '/' | '%';

/** The result type of an operation on two DECIMALs. */
export function decimalResultType(operator: DecimalOperator, a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  switch (operator) {
    case '+':
    case '-':
      return decimal(scale + Math.max(a.precision - a.scale, b.precision - b.scale) + 1, scale);
    case '*':
      return decimal(a.precision + b.precision + 1, a.scale + b.scale);
    case '/': {
      const quotientScale = Math.max(6, a.scale + b.precision + 1);
      return decimal(a.precision - a.scale + b.scale + quotientScale, quotientScale);
    }
    case '%':
      return decimal(Math.min(a.precision - a.scale, b.precision - b.scale) + scale, scale);
    default:
      return operator satisfies never;
  }
}

/**
 * The operation on values of two DECIMAL types, giving values of {@link decimalResultType}.
 *
 * The functions throw EvaluationError on a zero divisor (`Division by zero`), on a quotient that does not end within
 * the result's scale (`Rounding necessary`), and on a modulus whose whole quotient has more digits than the result's
 * precision (`Division impossible`): ksqlDB never rounds here.
 */
export function decimalOperation(
  operator: DecimalOperator,
  a: DecimalType,
  b: DecimalType,
): (left: bigint, right: bigint) => bigint {
  const result = decimalResultType(operator, a, b);
  const leftFactor = powerOfTen(Math.max(0, b.scale - a.scale));
  const rightFactor = powerOfTen(Math.max(0, a.scale - b.scale));
  switch (operator) {
    case '+':
      if (a.scale === b.scale) return (left, right) => left + right;
      return (left, right) => left * leftFactor + right * rightFactor;
    case '-':
      if (a.scale === b.scale) return (left, right) => left - right;
      return (left, right) => left * leftFactor - right * rightFactor;
    case '*':
      return (left, right) => left * right;
    case '/':
      return exactDivision(powerOfTen(result.scale - a.scale + b.scale));
    case '%':
      return (left, right) => exactRemainder(left * leftFactor, right * rightFactor, result.precision);
    default:
      return operator satisfies never;
  }
}

function exactDivision(factor: bigint): (left: bigint, right: bigint) => bigint {
  return (left, right) => {
    if (right === 0n) throw new EvaluationError(left === 0n ? 'Division undefined' : 'Division by zero');
    const dividend = left * factor;
    const quotient = dividend / right;
    if (quotient * right !== dividend) throw new EvaluationError('Rounding necessary');
    return quotient;
  };
}

function exactRemainder(left: bigint, right: bigint, precision: number): bigint {
  if (right === 0n) throw new EvaluationError(left === 0n ? 'Division undefined' : 'Division by zero');
  const quotient = left / right;
  const excess = precisionOf(quotient) - precision;
  if (excess > 0 && quotient % powerOfTen(excess) !== 0n) throw new EvaluationError('Division impossible');
  return left % right;
}

/**
 * A function that compares values of two DECIMAL types, whatever their scales (1.0 equals 1.00): negative, zero or
 * positive.
 */
export function decimalComparator(a: DecimalType, b: DecimalType): (left: bigint, right: bigint) => number {
  if (a.scale === b.scale) return (left, right) => (left < right ? -1 : left > right ? 1 : 0);
  const leftFactor = powerOfTen(Math.max(0, b.scale - a.scale));
  const rightFactor = powerOfTen(Math.max(0, a.scale - b.scale));
  return (left, right) => {
    const l = left * leftFactor;
    const r = right * rightFactor;
    return l < r ? -1 : l > r ? 1 : 0;
  };
}
