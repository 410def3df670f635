import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import { ByteIndex } from '../../bytes/byte-index.ts';
import { decodeAscii, readInt32, readInt64 } from '../../serde/encoding/bytes.ts';
import { storeKey } from '../../state/key-codec.ts';
import type { StoreKey } from '../../state/state-store.ts';

type KeyReader = (bytes: Uint8Array, start: number, end: number) => SqlValue | undefined;

/** Keys of one column in Kafka's own form, numbered by their bytes. A key that has come before is not made again. */
export class KeyIndex {
  readonly texts: StoreKey[] = [];
  readonly values: SqlValue[] = [];
  readonly #index = new ByteIndex();
  readonly #read: KeyReader;

  private constructor(read: KeyReader) {
    this.#read = read;
  }

  /** @returns undefined for types whose keys are not found so */
  static of({ kind }: SqlType): KeyIndex | undefined {
    if (kind === 'STRING') return new KeyIndex(asciiText);
    if (kind === 'INTEGER') return new KeyIndex(integer);
    return kind === 'BIGINT' ? new KeyIndex(long) : undefined;
  }

  /** Changes when all numbers are given anew. */
  get generation(): number {
    return this.#index.generation;
  }

  /** The number of the key that a range of bytes is; -1 where there is something to say of it. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const known = this.#index.find(bytes, start, end);
    return known >= 0 ? known : this.#add(bytes, start, end);
  }

  #add(bytes: Uint8Array, start: number, end: number): number {
    const value = this.#read(bytes, start, end);
    if (value === undefined) return -1;
    const number = this.#index.add(bytes, start, end);
    if (number < 0) return -1;
    this.texts.length = number;
    this.values.length = number;
    this.texts.push(storeKey([value]));
    this.values.push(value);
    return number;
  }
}

const integer: KeyReader = (bytes, start, end) => (end - start === 4 ? readInt32(bytes, start) : undefined);
const long: KeyReader = (bytes, start, end) => (end - start === 8 ? readInt64(bytes, start) : undefined);

/** What is no ASCII may be no UTF-8, which is not written as it was read. */
const asciiText: KeyReader = (bytes, start, end) => {
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return undefined;
  return decodeAscii(bytes, start, end);
};
