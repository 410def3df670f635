import { decodeAscii, decodeUtf8 } from '../encoding/bytes.ts';

/** Ten to the powers that a double holds exactly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** The values of tokens that are known to be JSON. */

/**
 * The integer that a range of digits is, with or without a sign; one of more than 32 bits wraps if `wrap`. Undefined
 * where there are more digits than can be told at once.
 */
export function readInteger(bytes: Uint8Array, start: number, end: number, wrap: boolean): number | bigint | undefined {
  const isNegative = bytes[start] === 0x2d;
  let i = isNegative ? start + 1 : start;
  if (end - i > 15) {
    if (end - i > 18) return undefined;
    const exact = BigInt(decodeAscii(bytes, start, end));
    if (wrap) return Number(BigInt.asIntN(32, exact));
    const value = Number(exact);
    return Number.isSafeInteger(value) ? value : exact;
  }
  let magnitude = 0;
  for (; i < end; i++) magnitude = magnitude * 10 + (bytes[i]! - 0x30);
  const value = isNegative ? 0 - magnitude : magnitude;
  return wrap ? value | 0 : value;
}

/** The number that a range is, of any form. */
export function readDouble(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === 0x2d;
  // Up to 15 digits and a power of ten that are exact as doubles: one division rounds once.
  if (end - start <= 16) {
    let mantissa = 0;
    let decimals = -1;
    let i = isNegative ? start + 1 : start;
    for (; i < end; i++) {
      const char = bytes[i]!;
      if (char === 0x2e) decimals = end - i - 1;
      else if (char <= 0x39) mantissa = mantissa * 10 + (char - 0x30);
      else break;
    }
    if (i === end && mantissa <= Number.MAX_SAFE_INTEGER) {
      const magnitude = decimals > 0 ? mantissa / POWERS_OF_TEN[decimals]! : mantissa;
      return isNegative ? 0 - magnitude : magnitude;
    }
  }
  return Number(decodeAscii(bytes, start, end)) + 0;
}

/** The text of a range with its quotes, whatever stands in it. Undefined where it is for others to tell. */
export function readString(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    const text = decodeUtf8(bytes, start, end);
    return text.includes('\ufffd') ? undefined : (JSON.parse(text) as string);
  } catch {
    return undefined;
  }
}
