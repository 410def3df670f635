import type { SqlType, SqlValue } from '../types/sql-type.ts';
import { javaToString } from '../types/value-to-string.ts';

/** Number of index bits: 2^14 registers, a standard error of 0.8%. */
const LOG2_M = 14;
const M = 1 << LOG2_M;
const ALPHA_MM = (0.7213 / (1 + 1.079 / M)) * M * M;

/** Registers of a HyperLogLog sketch (Flajolet et al., 2007), all empty. */
export const newRegisters = (): readonly number[] => new Array<number>(M).fill(0);

/** The sketch with one more value; the same one when nothing changes. */
export function offer(registers: readonly number[], value: SqlValue, type: SqlType): readonly number[] {
  const hash = murmurHash(new TextEncoder().encode(javaToString(value, type)));
  const index = hash >>> (32 - LOG2_M);
  const rank = Math.clz32(((hash << LOG2_M) | (1 << (LOG2_M - 1)) | 1) >>> 0) + 1;
  return registers[index]! >= rank ? registers : registers.with(index, rank);
}

/** About how many distinct values were offered; small counts come from the number of empty registers. */
export function estimate(registers: readonly number[]): number {
  let sum = 0;
  let zeros = 0;
  for (const rank of registers) {
    sum += 1 / 2 ** rank;
    if (rank === 0) zeros++;
  }
  const raw = ALPHA_MM / sum;
  return Math.round(raw <= 2.5 * M && zeros > 0 ? M * Math.log(M / zeros) : raw);
}

/** MurmurHash 2 with the seed -1, as a 32-bit number. */
function murmurHash(bytes: Uint8Array): number {
  const m = 0x5bd1e995;
  let hash = -1 ^ bytes.length;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    hash = Math.imul(hash, m) ^ Math.imul(k, m);
  }
  const left = bytes.length - at;
  if (left >= 3) hash ^= bytes[at + 2]! << 16;
  if (left >= 2) hash ^= bytes[at + 1]! << 8;
  if (left >= 1) hash = Math.imul(hash ^ bytes[at]!, m);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, m);
  return (hash ^ (hash >>> 15)) | 0;
}
