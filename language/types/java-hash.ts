import type { SqlType, SqlValue } from './sql-type.ts';
import { DAY_MS } from './time-units.ts';

/**
 * Java's hash codes, and the order in which a HashMap of a few entries is walked. It shows wherever ksqlDB prints a map
 * or lists its keys.
 */

/** String.hashCode: 32 bits. */
export function stringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

const fold = (bits: bigint): number => Number(BigInt.asIntN(32, bits ^ (bits >> 32n)));
const doubleBits = new DataView(new ArrayBuffer(8));

/** hashCode of a value of the given type, as the class that ksqlDB keeps it in computes it. */
export function javaHash(value: SqlValue, type: SqlType): number {
  if (value === null) return 0;
  switch (type.kind) {
    case 'BOOLEAN':
      return value ? 1231 : 1237;
    case 'INTEGER':
      return value as number;
    case 'BIGINT':
      return fold(BigInt.asUintN(64, BigInt(value as number | bigint)));
    case 'DATE':
      return fold(BigInt.asUintN(64, BigInt(value as number) * BigInt(DAY_MS)));
    case 'TIME':
    case 'TIMESTAMP':
      return fold(BigInt.asUintN(64, BigInt(value as number)));
    case 'DOUBLE':
      doubleBits.setFloat64(0, value as number);
      return fold(doubleBits.getBigUint64(0));
    case 'STRING':
      return stringHash(value as string);
    case 'DECIMAL':
      return decimalHash(value as bigint, type.scale);
    case 'BYTES':
      return (value as Uint8Array).reduceRight((hash, byte) => (Math.imul(hash, 31) + ((byte << 24) >> 24)) | 0, 1);
    case 'ARRAY':
      return (value as readonly SqlValue[]).reduce(
        (hash: number, element) => (Math.imul(hash, 31) + javaHash(element, type.element)) | 0,
        1,
      );
    case 'MAP':
      return [...(value as ReadonlyMap<SqlValue, SqlValue>)].reduce(
        (hash, [k, v]) => (hash + (javaHash(k, type.key) ^ javaHash(v, type.value))) | 0,
        0,
      );
    case 'STRUCT':
      return (value as readonly SqlValue[]).reduce(
        (hash: number, field, i) => (Math.imul(hash, 31) + javaHash(field, type.fields[i]!.type)) | 0,
        1,
      );
    default:
      return type satisfies never;
  }
}

/** BigDecimal.hashCode: over the 32-bit words of the magnitude, then the scale. */
function decimalHash(unscaled: bigint, scale: number): number {
  let hash = 0;
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  const words = Math.ceil(magnitude.toString(16).length / 8);
  for (let i = words - 1; i >= 0; i--) {
    hash = (Math.imul(hash, 31) + Number(BigInt.asIntN(32, magnitude >> BigInt(32 * i)))) | 0;
  }
  return (Math.imul(31, unscaled < 0n ? -hash : hash) + scale) | 0;
}

/**
 * The entries of a map in the order in which a java.util.HashMap walks them that was made for just so many entries, and
 * received them in the order given.
 *
 * @param initialCapacity buckets that it has from the start, a power of two: 16 for one that was made without a size
 */
export function hashOrder<K extends SqlValue, V>(
  map: ReadonlyMap<K, V>,
  keyType: SqlType,
  initialCapacity = 1,
): readonly (readonly [K, V])[] {
  if (map.size < 2) return [...map];
  let capacity = initialCapacity;
  while (capacity < map.size) capacity *= 2;
  if (map.size > capacity * 0.75) capacity *= 2;
  const bucketed = Array.from(map, (entry) => {
    const hash = javaHash(entry[0], keyType);
    return { entry, bucket: (hash ^ (hash >>> 16)) & (capacity - 1) };
  });
  // Array.prototype.sort is stable, so entries of one bucket stay in the order of insertion, as in the chain of a
  // bucket.
  return bucketed.sort((a, b) => a.bucket - b.bucket).map(({ entry }) => entry);
}
