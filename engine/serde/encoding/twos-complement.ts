/** Integers as big-endian two's complement bytes, as few as needed: Java's `BigInteger.toByteArray`. */
export function toTwosComplement(value: bigint): Uint8Array {
  let bits = 8n;
  while (BigInt.asIntN(Number(bits), value) !== value) bits += 8n;
  const hex = BigInt.asUintN(Number(bits), value)
    .toString(16)
    .padStart(Number(bits) / 4, '0');
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** The integer of big-endian two's complement bytes; no bytes are zero. */
export function fromTwosComplement(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

/** The bytes filled up to a size with the sign. */
export function signExtend(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  if (bytes.length >= sizeBytes) return bytes;
  const extended = new Uint8Array(sizeBytes).fill(bytes[0]! >= 0x80 ? 0xff : 0);
  extended.set(bytes, sizeBytes - bytes.length);
  return extended;
}
