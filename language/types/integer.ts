import { EvaluationError } from './evaluation-error.ts';

/**
 * INTEGER and BIGINT arithmetic as Java's int and long: two's complement, wrapping around, never an overflow error.
 *
 * A {@link Long} is canonical: a number while it is a safe integer (never -0), else a bigint.
 */
export type Long = number | bigint;

export const MIN_LONG = -(2n ** 63n);
export const MAX_LONG = 2n ** 63n - 1n;
export const MIN_INT = -(2 ** 31);
export const MAX_INT = 2 ** 31 - 1;

/** Brings an integer of any size to the canonical form of a BIGINT, wrapping at 64 bits. */
export function toLong(value: bigint): Long {
  const wrapped = BigInt.asIntN(64, value);
  return wrapped >= -9007199254740991n && wrapped <= 9007199254740991n ? Number(wrapped) : wrapped;
}

export const addInt = (a: number, b: number): number => (a + b) | 0;
export const subtractInt = (a: number, b: number): number => (a - b) | 0;

/** Truncates toward zero. @throws EvaluationError on a zero divisor. */
export function divideInt(a: number, b: number): number {
  if (b === 0) throw new EvaluationError('/ by zero');
  return (a / b) | 0;
}

/** The sign follows the dividend. @throws EvaluationError on a zero divisor. */
export function remainderInt(a: number, b: number): number {
  if (b === 0) throw new EvaluationError('/ by zero');
  return (a % b) | 0;
}

export const negateInt = (a: number): number => -a | 0;

export function addLong(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return toLong(BigInt(a) + BigInt(b));
}

export function subtractLong(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return toLong(BigInt(a) - BigInt(b));
}

export function multiplyLong(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // Adding zero turns -0 into 0.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return toLong(BigInt(a) * BigInt(b));
}

/** Truncates toward zero. @throws EvaluationError on a zero divisor. */
export function divideLong(a: Long, b: Long): Long {
  if (b === 0) throw new EvaluationError('/ by zero');
  // The double quotient of safe integers never rounds up to the next integer, so truncating it is exact.
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return toLong(BigInt(a) / BigInt(b));
}

/** The sign follows the dividend. @throws EvaluationError on a zero divisor. */
export function remainderLong(a: Long, b: Long): Long {
  if (b === 0) throw new EvaluationError('/ by zero');
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  return toLong(BigInt(a) % BigInt(b));
}

export const negateLong = (a: Long): Long => (typeof a === 'number' ? 0 - a : toLong(-a));

/** Java's `(int) long`: the lowest 32 bits. */
export const longToInt = (value: Long): number =>
  typeof value === 'number' ? value | 0 : Number(BigInt.asIntN(32, value));

/** Java's `(int) double`: truncates, saturates, NaN is 0. */
export function doubleToInt(value: number): number {
  if (value >= MAX_INT) return MAX_INT;
  if (value <= MIN_INT) return MIN_INT;
  return value | 0;
}

/** Java's `(long) double`: truncates, saturates, NaN is 0. */
export function doubleToLong(value: number): Long {
  if (Number.isNaN(value)) return 0;
  const whole = Math.trunc(value) + 0;
  if (Number.isSafeInteger(whole)) return whole;
  if (whole >= 2 ** 63) return MAX_LONG;
  if (whole <= -(2 ** 63)) return MIN_LONG;
  return toLong(BigInt(whole));
}

/**
 * Java's Integer.parseInt of the trimmed text: an optional sign and digits of any script.
 * @throws EvaluationError `For input string: "x"`.
 */
export function parseInteger(text: string): number {
  const digits = asciiDigits(text);
  const value = Number(digits);
  if (digits.length > 12 ? BigInt(digits) !== BigInt(value | 0) : value !== (value | 0)) throw invalidNumber(text);
  return value | 0;
}

/** Java's Long.parseLong of the trimmed text. @throws EvaluationError `For input string: "x"`. */
export function parseLong(text: string): Long {
  const digits = asciiDigits(text);
  if (digits.length < 16) return Number(digits) + 0;
  const value = BigInt(digits);
  if (value < MIN_LONG || value > MAX_LONG) throw invalidNumber(text);
  return toLong(value);
}

const INTEGER_TEXT = /^[+-]?[0-9]+$/;
const ANY_SCRIPT_INTEGER = /^[+-]?\p{Nd}+$/u;

/**
 * The text trimmed, a plus sign dropped, digits of other scripts written in ASCII; BigInt and Number both accept it.
 */
function asciiDigits(text: string): string {
  let trimmed = trimJava(text);
  if (!INTEGER_TEXT.test(trimmed)) {
    if (!ANY_SCRIPT_INTEGER.test(trimmed) || SURROGATE.test(trimmed)) throw invalidNumber(text);
    trimmed = toAsciiDigits(trimmed);
  }
  return trimmed.charCodeAt(0) === 0x2b ? trimmed.slice(1) : trimmed;
}

const SURROGATE = /[\ud800-\udfff]/;

/**
 * Replaces the decimal digits of other scripts in the Basic Multilingual Plane by 0 to 9, as Java's Character.digit
 * reads them.
 */
export function toAsciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    if (digit.length > 1 || digit <= '9') return digit;
    // The digits of a script are ten neighbours, so the value is the distance to the first of them.
    let value = 0;
    while (value < 9 && /\p{Nd}/u.test(String.fromCharCode(digit.charCodeAt(0) - value - 1))) value++;
    return String(value);
  });
}

/** Java's String.trim: takes off every character up to U+0020 at both ends, and nothing else. */
export function trimJava(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

const invalidNumber = (text: string) => new EvaluationError(`For input string: "${text}"`);
