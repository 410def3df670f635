import type { Long } from '../../../language/types/integer.ts';

/** The BIGINT value of 64 bits given as two signed halves. */
export function longFromBits(high: number, low: number): Long {
  if (high >= -0x200000 && high < 0x200000) {
    const value = high * 0x100000000 + (low >>> 0);
    // -2^53 itself is exact, but not a safe integer.
    if (value !== -0x20000000000000) return value;
  }
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
