import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import { decodeAscii, readInt32, readInt64 } from '../../serde/encoding/bytes.ts';
import { storeKey } from '../../state/key-codec.ts';
import type { StoreKey } from '../../state/state-store.ts';

const FIRST_PLACES = 256;
/** With so many keys, or so many bytes of them, it begins anew. */
const MOST_KEYS = 2 ** 15;
const MOST_BYTES = 2 ** 20;

type KeyReader = (bytes: Uint8Array, start: number, end: number) => SqlValue | undefined;

/**
 * Keys of one column in Kafka's own form, numbered by their bytes: a hash table with open addressing, whose keys stand
 * one behind the other. A key that has come before is not made again.
 */
export class KeyIndex {
  /** Changes when all numbers are given anew. */
  generation = 0;
  readonly texts: StoreKey[] = [];
  readonly values: SqlValue[] = [];
  readonly #read: KeyReader;
  /** Numbers of keys, one more than they are; 0 is an empty place. */
  #places = new Int32Array(FIRST_PLACES);
  /** Where the bytes of each key begin; those of the last end where the next would begin. */
  #starts = new Int32Array(FIRST_PLACES);
  #bytes = new Uint8Array(16 * FIRST_PLACES);

  private constructor(read: KeyReader) {
    this.#read = read;
  }

  /** @returns undefined for types whose keys are not found so */
  static of({ kind }: SqlType): KeyIndex | undefined {
    if (kind === 'STRING') return new KeyIndex(asciiText);
    if (kind === 'INTEGER')
      return new KeyIndex((bytes, start, end) => (end - start === 4 ? readInt32(bytes, start) : undefined));
    if (kind !== 'BIGINT') return undefined;
    return new KeyIndex((bytes, start, end) => (end - start === 8 ? readInt64(bytes, start) : undefined));
  }

  /** The number of the key that a range of bytes is; -1 where there is something to say of it. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const last = this.#places.length - 1;
    for (let place = hash & last; ; place = (place + 1) & last) {
      const key = this.#places[place]! - 1;
      if (key < 0) return this.#add(hash, bytes, start, end);
      if (this.#isSame(key, bytes, start, end)) return key;
    }
  }

  #isSame(key: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[key]!;
    const length = end - start;
    if (this.#starts[key + 1]! - from !== length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #add(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const value = this.#read(bytes, start, end);
    if (value === undefined) return -1;
    const used = this.#starts[this.texts.length]!;
    if (this.texts.length === MOST_KEYS || used + end - start > MOST_BYTES) this.#beginAnew();
    const key = this.texts.length;
    const from = this.#starts[key]!;
    const to = from + end - start;
    if (to > MOST_BYTES) return -1;
    if (to > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(Math.max(2 * this.#bytes.length, to)));
    this.#bytes.set(bytes.subarray(start, end), from);
    if (key + 2 > this.#starts.length) this.#starts = grown(this.#starts, new Int32Array(2 * this.#starts.length));
    this.#starts[key + 1] = to;
    this.texts.push(storeKey([value]));
    this.values.push(value);
    if (2 * key >= this.#places.length) this.#placeAnew();
    this.#place(hash, key);
    return key;
  }

  #place(hash: number, key: number): void {
    const last = this.#places.length - 1;
    let place = hash & last;
    while (this.#places[place] !== 0) place = (place + 1) & last;
    this.#places[place] = key + 1;
  }

  /** Twice as many places for all keys but the last, which has none yet. */
  #placeAnew(): void {
    this.#places = new Int32Array(2 * this.#places.length);
    for (let key = 0; key < this.texts.length - 1; key++)
      this.#place(hashOf(this.#bytes, this.#starts[key]!, this.#starts[key + 1]!), key);
  }

  #beginAnew(): void {
    this.generation++;
    this.texts.length = 0;
    this.values.length = 0;
    this.#places.fill(0);
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function grown<T extends Uint8Array | Int32Array>(known: T, larger: T): T {
  larger.set(known);
  return larger;
}

/** What is no ASCII may be no UTF-8, which is not written as it was read. */
function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return undefined;
  return decodeAscii(bytes, start, end);
}
