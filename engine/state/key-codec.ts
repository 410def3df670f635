import type { SqlValue } from '../../language/types/sql-type.ts';
import type { StoreKey } from './state-store.ts';

/** Stands between the parts of a store key; sorts before everything that a part can hold. */
const SEPARATOR = '\u0000';
/** Sorts behind every part. */
const AFTER = '\u0001';
const TIME_DIGITS = 16;

/**
 * The key of a store for the values of a row's key. Equal keys give equal texts; texts and bytes keep their order, which is
 * what range scans need.
 */
export function storeKey(key: readonly SqlValue[]): StoreKey {
  return key.length === 1 ? part(key[0]!) : key.map(part).join(SEPARATOR);
}

function part(value: SqlValue): string {
  if (typeof value === 'string')
    return value.includes(SEPARATOR) || value.includes(AFTER) || value.startsWith('\u0002') ? escapeText(value) : value;
  if (value === null) return '\u0002null';
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Array.from(value, (byte) => String.fromCharCode(byte + 0x100)).join('');
  if (value instanceof Map) return `{${[...value].map(([k, v]) => `${part(k)}\u0002=${part(v)}`).join('\u0002,')}}`;
  return `[${(value as readonly SqlValue[]).map(part).join('\u0002,')}]`;
}

/** Control characters that have a meaning here are written as two that have none. */
const escapeText = (text: string) =>
  text.replace(/[\u0000-\u0002]/g, (character) => `\u0003${String.fromCharCode(character.charCodeAt(0) + 0x30)}`);

/** The key of one window of a key: windows of a key are neighbours, in the order of their starts. */
export function windowKey(key: StoreKey, startMs: number): StoreKey {
  return `${key}${SEPARATOR}${timeText(startMs)}`;
}

/** The range of store keys that hold the windows of a key, optionally from one start to another (both included). */
export function windowRange(key: StoreKey, fromMs?: number, toMs?: number): readonly [StoreKey, StoreKey] {
  const from = fromMs === undefined ? `${key}${SEPARATOR}` : windowKey(key, fromMs);
  const to = toMs === undefined ? `${key}${AFTER}` : `${windowKey(key, toMs)}${SEPARATOR}`;
  return [from, to];
}

/** The range of all store keys that begin with a part. */
export const partRange = (first: StoreKey): readonly [StoreKey, StoreKey] => [
  `${first}${SEPARATOR}`,
  `${first}${AFTER}`,
];

/** A store key made of two. */
export const joinKeys = (first: StoreKey, second: StoreKey): StoreKey => `${first}${SEPARATOR}${second}`;

/** A time as Kafka's eight bytes, one character each. */
export function timeBytes(timeMs: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, BigInt(timeMs));
  return String.fromCharCode(...new Uint8Array(view.buffer));
}

function timeText(timeMs: number): string {
  // Negative times sort before positive ones when they are counted from far below.
  return timeMs >= 0
    ? `1${String(timeMs).padStart(TIME_DIGITS, '0')}`
    : `0${String(10 ** 15 + timeMs).padStart(TIME_DIGITS, '0')}`;
}
