import type { StoreKey, StoreValue } from './state-store.ts';

/** What stands before each value. The numbers are part of the files' format. */
const TAG = {
  null: 0,
  false: 1,
  true: 2,
  integer: 3,
  double: 4,
  bigint: 5,
  text: 6,
  bytes: 7,
  list: 8,
  map: 9,
} as const;

const FIRST_BYTES = 4 * 1024;
/** Integers below it are written as varints: doubled for the sign, they are still exact. */
const MAX_VARINT = 2 ** 51;
/** Shorter texts are copied here: calling out to the runtime costs more. */
const MAX_SHORT_TEXT = 48;

/** Writes store keys and values as bytes, one behind the other. */
export class ValueWriter {
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written. Valid until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** Any sequence of UTF-16 units, lone surrogates included: one byte a unit where that is enough, else two. */
  text(text: StoreKey): void {
    const { length } = text;
    this.#reserve(10 + 2 * length);
    if (length > MAX_SHORT_TEXT) {
      const isWide = WIDE.test(text);
      this.varint(length * 2 + (isWide ? 1 : 0));
      this.#length += this.#bytes.write(text, this.#length, isWide ? 'utf16le' : 'latin1');
      return;
    }
    const start = this.#length;
    this.varint(length * 2);
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0xff) {
        this.#length = start;
        this.varint(length * 2 + 1);
        this.#length += this.#bytes.write(text, this.#length, 'utf16le');
        return;
      }
      this.#bytes[this.#length++] = unit;
    }
  }

  /** @throws TypeError for what is no SQL value */
  value(value: StoreValue): void {
    switch (typeof value) {
      case 'number':
        return this.#number(value);
      case 'string':
        this.byte(TAG.text);
        return this.text(value);
      case 'boolean':
        return this.byte(value ? TAG.true : TAG.false);
      case 'bigint':
        this.byte(TAG.bigint);
        return this.text(value.toString(36));
      case 'object':
        return value === null ? this.byte(TAG.null) : this.#collection(value);
      default:
        throw new TypeError(`A store cannot hold a ${typeof value}`);
    }
  }

  #number(value: number): void {
    if (Number.isInteger(value) && value > -MAX_VARINT && value < MAX_VARINT && !Object.is(value, -0)) {
      this.byte(TAG.integer);
      this.varint(value < 0 ? -2 * value - 1 : 2 * value);
    } else {
      this.byte(TAG.double);
      this.double(value);
    }
  }

  #collection(value: Exclude<StoreValue, null | boolean | number | bigint | string>): void {
    if (Array.isArray(value)) {
      this.byte(TAG.list);
      this.varint(value.length);
      for (let i = 0; i < value.length; i++) this.value(value[i]!);
    } else if (value instanceof Uint8Array) {
      this.byte(TAG.bytes);
      this.varint(value.length);
      this.#reserve(value.length);
      this.#bytes.set(value, this.#length);
      this.#length += value.length;
    } else if (value instanceof Map) {
      this.byte(TAG.map);
      this.varint(value.size);
      for (const [key, element] of value) {
        this.value(key);
        this.value(element);
      }
    } else {
      throw new TypeError('A store holds SQL values only');
    }
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const next = Buffer.allocUnsafe(2 * (this.#length + count));
    this.#bytes.copy(next, 0, 0, this.#length);
    this.#bytes = next;
  }
}

const WIDE = /[^\u0000-\u00ff]/;

/** Reads what a {@link ValueWriter} wrote. The bytes must be intact: they are not checked again. */
export class ValueReader {
  readonly #bytes: Buffer;
  #position: number;
  /** The key read last, and where it stands in the bytes. */
  #key = '';
  #keyAt = 0;
  #keyBytes = 0;

  constructor(bytes: Buffer, position = 0) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** Goes on elsewhere in the same bytes. */
  seek(position: number): void {
    this.#position = position;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#position++]!;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#bytes[this.#position++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }

  double(): number {
    const value = this.#bytes.readDoubleLE(this.#position);
    this.#position += 8;
    return value;
  }

  /** A text that the values behind it often hold, too: they then get the same object. */
  key(): string {
    const start = this.#position;
    const text = this.text();
    this.#key = text;
    this.#keyAt = start;
    this.#keyBytes = this.#position - start;
    return text;
  }

  text(): string {
    if (this.#isKey()) {
      this.#position += this.#keyBytes;
      return this.#key;
    }
    const header = this.varint();
    const isWide = header % 2 === 1;
    const start = this.#position;
    this.#position += isWide ? header - 1 : header / 2;
    return this.#bytes.toString(isWide ? 'utf16le' : 'latin1', start, this.#position);
  }

  value(): StoreValue {
    const tag = this.byte();
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.integer: {
        const coded = this.varint();
        return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
      }
      case TAG.double:
        return this.double();
      case TAG.bigint:
        return parseBigInt(this.text());
      case TAG.text:
        return this.text();
      case TAG.bytes: {
        const length = this.varint();
        this.#position += length;
        return new Uint8Array(this.#bytes.subarray(this.#position - length, this.#position));
      }
      case TAG.list: {
        const list = new Array<StoreValue>(this.varint());
        for (let i = 0; i < list.length; i++) list[i] = this.value();
        return list;
      }
      case TAG.map: {
        const map = new Map<StoreValue, StoreValue>();
        for (let left = this.varint(); left > 0; left--) map.set(this.value(), this.value());
        return map;
      }
      default:
        throw new TypeError(`Unknown tag ${tag} of a stored value`);
    }
  }

  /** Whether the key read last stands here again. */
  #isKey(): boolean {
    const length = this.#keyBytes;
    if (length === 0) return false;
    const bytes = this.#bytes;
    for (let i = 0, at = this.#position, keyAt = this.#keyAt; i < length; i++)
      if (bytes[at + i] !== bytes[keyAt + i]) return false;
    return true;
  }
}

/** The opposite of `toString(36)`. */
function parseBigInt(text: string): bigint {
  const isNegative = text.startsWith('-');
  let value = 0n;
  for (let i = isNegative ? 1 : 0; i < text.length; i += 10) {
    const part = text.slice(i, i + 10);
    value = value * 36n ** BigInt(part.length) + BigInt(Number.parseInt(part, 36));
  }
  return isNegative ? -value : value;
}
