/**
 * Kafka's hash of record keys (org.apache.kafka.common.utils.Utils.murmur2) over a range of bytes, as a signed 32-bit
 * number.
 */
export function murmur2(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const length = end - start;
  const m = 0x5bd1e995;
  let hash = (0x9747b28c ^ length) | 0;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    hash = Math.imul(hash, m) ^ k;
  }
  const rest = end - at;
  if (rest >= 3) hash ^= bytes[at + 2]! << 16;
  if (rest >= 2) hash ^= bytes[at + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ bytes[at]!, m);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, m);
  return hash ^ (hash >>> 15);
}

/** The partition that Kafka's default partitioner gives a key. */
export function partitionOf(key: Uint8Array, partitions: number, start = 0, end = key.length): number {
  return partitions === 1 ? 0 : (murmur2(key, start, end) & 0x7fffffff) % partitions;
}
