import type { SqlValue } from '../../language/types/sql-type.ts';

/** What V8 needs for an array besides its elements, and for each element. */
const ARRAY_BYTES = 48;
const SLOT_BYTES = 8;
const NUMBER_BYTES = 16;
const STRING_BYTES = 24;
const BYTES_BYTES = 136;
const MAP_BYTES = 200;
const MAP_ENTRY_BYTES = 40;
/** Of long lists so many elements are looked at, spread evenly, and taken for all. */
const SAMPLED = 16;

/**
 * About how many bytes a value takes in memory. Equal values give equal numbers; the cost is bounded for every value.
 */
export function valueBytes(value: SqlValue | undefined): number {
  switch (typeof value) {
    case 'number':
      // Small integers stand in the slot itself.
      return (value | 0) === value ? 0 : NUMBER_BYTES;
    case 'string':
      return STRING_BYTES + value.length;
    case 'bigint':
      return 32;
    case 'object':
      if (value === null) return 0;
      if (Array.isArray(value)) return listBytes(value);
      if (value instanceof Uint8Array) return BYTES_BYTES + value.length;
      return mapBytes(value as ReadonlyMap<SqlValue, SqlValue>);
    default:
      return 0;
  }
}

function listBytes(list: readonly SqlValue[]): number {
  const { length } = list;
  let bytes = ARRAY_BYTES + SLOT_BYTES * length;
  if (length <= 2 * SAMPLED) {
    for (let i = 0; i < length; i++) bytes += valueBytes(list[i]);
    return bytes;
  }
  let sampled = 0;
  for (let i = 0; i < SAMPLED; i++) sampled += valueBytes(list[Math.floor((i * length) / SAMPLED)]);
  return bytes + Math.ceil((sampled * length) / SAMPLED);
}

function mapBytes(map: ReadonlyMap<SqlValue, SqlValue>): number {
  let sampled = 0;
  let count = 0;
  for (const [key, value] of map) {
    sampled += valueBytes(key) + valueBytes(value);
    if (++count === SAMPLED) break;
  }
  const average = count === 0 ? 0 : sampled / count;
  return MAP_BYTES + Math.ceil(map.size * (MAP_ENTRY_BYTES + average));
}
