import type { SqlValue } from '../../language/types/sql-type.ts';
import type { StoreKey } from './state-store.ts';

/** Stands between the parts of a store key; sorts before everything that a part can hold. */
const SEPARATOR = '\u0000';
/** Sorts behind every part. */
const AFTER = '\u0001';
/** Begins whatever is not text within a part: NULL, and the brackets and separators of what holds other values. */
const MARK = '\u0002';
/** Begins a character of a text that has a meaning here. */
const ESCAPE = '\u0003';
const TIME_DIGITS = 16;
/** Negative times are counted from here. */
const FAR_BELOW = 9 * 10 ** 15;
/** Longer texts are looked through by a pattern, which takes a moment to begin. */
const SHORT_TEXT = 32;

/**
 * The key of a store for the values of a row's key. Two keys of the same types give the same text exactly when they are
 * the same key (-0 and 0 are two, as they are in ksqlDB's bytes; NaN is one); texts and bytes keep their order, and no
 * key begins with another and a separator, which is what range scans need.
 */
export function storeKey(key: readonly SqlValue[]): StoreKey {
  return key.length === 1 ? part(key[0]!) : key.map(part).join(SEPARATOR);
}

function part(value: SqlValue): string {
  if (typeof value === 'string') return isSpecial(value) ? escapeText(value) : value;
  if (value === null) return `${MARK}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Array.from(value, (byte) => String.fromCharCode(byte + 0x100)).join('');
  // Each element is followed by its separator: an empty list is another than one with an empty text.
  if (value instanceof Map) {
    const entries = Array.from(value, ([k, v]) => `${part(k)}${MARK}=${part(v)}${MARK},`);
    return `${MARK}{${entries.join('')}${MARK}}`;
  }
  return `${MARK}[${(value as readonly SqlValue[]).map((element) => `${part(element)}${MARK},`).join('')}${MARK}]`;
}

const SPECIAL = /[\u0000-\u0003]/;

function isSpecial(text: string): boolean {
  if (text.length > SHORT_TEXT) return SPECIAL.test(text);
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) <= 3) return true;
  return false;
}

/** Control characters that have a meaning here are written as two that have none, and sort as before. */
const escapeText = (text: string) =>
  text.replace(/[\u0000-\u0003]/g, (character) => `${ESCAPE}${String.fromCharCode(character.charCodeAt(0) + 0x30)}`);

/** The last window key, which the stores of one query ask for one after the other. */
let last = { key: '', startMs: 0, text: `${SEPARATOR}${timeText(0)}` };

/** The key of one window of a key: windows of a key are neighbours, in the order of their starts. */
export function windowKey(key: StoreKey, startMs: number): StoreKey {
  if (startMs !== last.startMs || key !== last.key)
    last = { key, startMs, text: `${key}${SEPARATOR}${timeText(startMs)}` };
  return last.text;
}

/** What a window's key is made of: the opposite of {@link windowKey}. */
export function windowParts(text: StoreKey): readonly [key: StoreKey, startMs: number] {
  const at = text.length - TIME_DIGITS - 1;
  const digits = Number(text.slice(at + 1));
  return [text.slice(0, at - SEPARATOR.length), text[at] === '1' ? digits : digits - FAR_BELOW];
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
    : `0${String(FAR_BELOW + timeMs).padStart(TIME_DIGITS, '0')}`;
}
