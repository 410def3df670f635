/** BIGINT values: a number while it is a safe integer, else a bigint. */

/** The value of 64 bits given as two signed halves. */
export function bigintFromBits(high: number, low: number): number | bigint {
  if (high >= -0x200000 && high < 0x200000) {
    const value = high * 0x100000000 + (low >>> 0);
    // -2^53 itself is exact, but not a safe integer.
    if (value !== -0x20000000000000) return value;
  }
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

/** The canonical BIGINT value of an integer, wrapped to 64 bits. */
export function bigintValue(value: bigint): number | bigint {
  const wrapped = BigInt.asIntN(64, value);
  const asNumber = Number(wrapped);
  return Number.isSafeInteger(asNumber) ? asNumber : wrapped;
}
