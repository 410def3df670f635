/**
 * Numbers and bytes as text in the forms that Java's library reads and writes, which is what ksqlDB's formats put on the
 * wire.
 */

const ASCII_INTEGER = /^[+-]?[0-9]+$/;
const ANY_INTEGER = /^[+-]?\p{Nd}+$/u;
const ASCII_DECIMAL = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/;
const DECIMAL_DOUBLE = /^[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)$/;
const HEX_DOUBLE = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)[fFdD]?$/;
/** What `String.trim` removes in Java: everything up to the blank. */
const JAVA_BLANKS = /^[\0- ]+|[\0- ]+$/g;

/** Replaces the decimal digits of other scripts by ASCII ones; a block of ten digits always starts at its zero. */
function asciiDigits(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (digit) => {
    let zero = digit.codePointAt(0)!;
    let value = 0;
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) {
      zero--;
      value++;
    }
    return String(value);
  });
}

/** The integer that `Long.parseLong` and `Integer.parseInt` would read; undefined if the text is none or out of range. */
export function parseInteger(text: string, bits: 32 | 64): bigint | undefined {
  if (!ASCII_INTEGER.test(text)) {
    if (!ANY_INTEGER.test(text)) return undefined;
    text = asciiDigits(text);
  }
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(bits, value) === value ? value : undefined;
}

/** The number that `Double.parseDouble` would read, undefined if the text is none. Blanks around it are allowed. */
export function parseDouble(text: string): number | undefined {
  const trimmed = text.replace(JAVA_BLANKS, '');
  if (DECIMAL_DOUBLE.test(trimmed)) return Number(trimmed.replace(/(?<=[0-9.])[fFdD]$/, ''));
  const hex = HEX_DOUBLE.exec(trimmed);
  if (!hex || hex[2]! + hex[3]! === '') return undefined;
  const [, sign, whole, fraction, exponent] = hex;
  const magnitude = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction!.length);
  return sign === '-' ? -magnitude : magnitude;
}

/** A decimal number of any scale: `unscaled * 10^-scale`. */
export interface ExactDecimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

/** The number that `new BigDecimal(text)` would read, undefined if the text is none. */
export function parseDecimal(text: string): ExactDecimal | undefined {
  const ascii = /[^\0-\x7f]/.test(text) ? asciiDigits(text) : text;
  const match = ASCII_DECIMAL.exec(ascii);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const scale = fraction.length - Number(exponent);
  if (Math.abs(scale) > 0x7fffffff) return undefined;
  const magnitude = BigInt(whole + fraction);
  return { unscaled: sign === '-' ? -magnitude : magnitude, scale };
}

/**
 * The unscaled value of a number in DECIMAL(precision, scale).
 * @returns undefined when it does not fit without rounding
 */
export function fitDecimal(value: ExactDecimal, precision: number, scale: number): bigint | undefined {
  const shift = scale - value.scale;
  if (value.unscaled === 0n) return 0n;
  if (Math.abs(shift) > 100_000) return undefined;
  let unscaled: bigint;
  if (shift >= 0) {
    unscaled = value.unscaled * 10n ** BigInt(shift);
  } else {
    const divisor = 10n ** BigInt(-shift);
    if (value.unscaled % divisor !== 0n) return undefined;
    unscaled = value.unscaled / divisor;
  }
  const limit = 10n ** BigInt(precision);
  return unscaled < limit && unscaled > -limit ? unscaled : undefined;
}

/** A DECIMAL's text with all its decimals and without an exponent. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString();
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A DOUBLE as Java's `Double.toString` prints it: `100.0`, `1.0E10`, `4.9E-324`. */
export function doubleText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return Object.is(value, -0) ? '-0.0' : `${value}.0`;
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) return String(value);
  if (!Number.isFinite(value)) return String(value);
  let [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  // Java shows two digits at least, and then the two that are nearest: 4.9E-324 where the shortest form is 5e-324.
  if (!mantissa.includes('.')) [mantissa, exponent] = value.toExponential(1).split('e') as [string, string];
  return `${mantissa}E${Number(exponent)}`;
}

const PADDED_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/**
 * Base64 text as Jackson reads it: padding is required, blanks may stand between groups of four.
 * @returns undefined when the text is not base64
 */
export function decodeJsonBase64(text: string): Uint8Array | undefined {
  if (PADDED_BASE64.test(text)) return new Uint8Array(Buffer.from(text, 'base64'));
  const groups = text.split(/[\0- ]+/).filter((group) => group !== '');
  if (!groups.every((group) => PADDED_BASE64.test(group))) return undefined;
  return new Uint8Array(Buffer.concat(groups.map((group) => Buffer.from(group, 'base64'))));
}

/**
 * Base64 text as `java.util.Base64` reads it: padding may be missing, anything else is an error.
 * @returns undefined when the text is not base64
 */
export function decodeStrictBase64(text: string): Uint8Array | undefined {
  return BASE64.test(text) ? new Uint8Array(Buffer.from(text, 'base64')) : undefined;
}

/** Bytes as base64 text with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
