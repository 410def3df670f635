const M = 0x5bd1e995;

/** MurmurHash 2 with the seed -1 as stream-lib has it (the bytes left at the end are taken in its own way), 32 bits. */
export function murmurHash(bytes: Uint8Array): number {
  const { length } = bytes;
  let hash = -1 ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    hash = mix(hash, bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
  }
  const left = length - at;
  if (left >= 3) hash ^= signed(bytes[length - 3]!) << 16;
  if (left >= 2) hash ^= signed(bytes[length - 2]!) << 8;
  if (left >= 1) hash = Math.imul(hash ^ signed(bytes[length - 1]!), M);
  return finish(hash);
}

/** The hash of a number of 64 bits. */
export function murmurHashOfLong(value: bigint): number {
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  return finish(mix(scramble(low), high));
}

const scramble = (word: number): number => {
  const product = Math.imul(word, M);
  return Math.imul(product ^ (product >>> 24), M);
};

const mix = (hash: number, word: number): number => Math.imul(hash, M) ^ scramble(word);

const signed = (byte: number): number => (byte << 24) >> 24;

function finish(hash: number): number {
  const first = Math.imul(hash ^ (hash >>> 13), M);
  return (first ^ (first >>> 15)) | 0;
}
