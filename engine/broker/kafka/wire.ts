const utf8 = new TextDecoder();
const TWO_32 = 4294967296;

/**
 * Writes the primitive types of Kafka's protocol, big-endian; the compact ones are those of flexible versions
 * (KIP-482).
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(256);
  #at = 0;

  int8(value: number): this {
    this.#at = this.#reserve(1).writeInt8(value, this.#at);
    return this;
  }

  int16(value: number): this {
    this.#at = this.#reserve(2).writeInt16BE(value, this.#at);
    return this;
  }

  int32(value: number): this {
    this.#at = this.#reserve(4).writeInt32BE(value, this.#at);
    return this;
  }

  /** A whole number of up to 53 bits. */
  int64(value: number): this {
    this.#at = this.#reserve(8).writeInt32BE(Math.floor(value / TWO_32), this.#at);
    this.#at = this.#bytes.writeUInt32BE(value - Math.floor(value / TWO_32) * TWO_32, this.#at);
    return this;
  }

  string(text: string | null): this {
    if (text === null) return this.int16(-1);
    const length = Buffer.byteLength(text);
    this.int16(length);
    this.#at += this.#reserve(length).write(text, this.#at);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.int32(bytes.length);
    this.#reserve(bytes.length).set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** Bytes as they are, without their length. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length).set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** A whole number of up to 31 bits, seven of them to a byte. */
  unsignedVarint(value: number): this {
    let left = value;
    for (; left >= 0x80; left >>>= 7) this.#at = this.#reserve(1).writeUInt8((left & 0x7f) | 0x80, this.#at);
    this.#at = this.#reserve(1).writeUInt8(left, this.#at);
    return this;
  }

  compactString(text: string | null): this {
    if (text === null) return this.unsignedVarint(0);
    const length = Buffer.byteLength(text);
    this.unsignedVarint(length + 1);
    this.#at += this.#reserve(length).write(text, this.#at);
    return this;
  }

  compactArray<T>(items: readonly T[], write: (item: T) => void): this {
    this.unsignedVarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  /** The end of a structure of a flexible version, without tagged fields. */
  noTags(): this {
    return this.unsignedVarint(0);
  }

  /** What was written, as a view on the writer's buffer. */
  taken(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(extra: number): Buffer {
    if (this.#at + extra > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + extra));
      larger.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

/** Reads the primitive types of Kafka's protocol. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#at++);
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  /** Offsets, times and producer ids; they stay within 53 bits. */
  int64(): number {
    this.#at += 8;
    return this.#bytes.readInt32BE(this.#at - 8) * TWO_32 + this.#bytes.readUInt32BE(this.#at - 4);
  }

  string(): string {
    return this.nullableString() ?? '';
  }

  nullableString(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    this.#at += length;
    return utf8.decode(this.#bytes.subarray(this.#at - length, this.#at));
  }

  /** A view; nothing is copied. Null reads as empty. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Null reads as empty. */
  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.int32(); left > 0; left--) items.push(read());
    return items;
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  compactNullableString(): string | null {
    const length = this.unsignedVarint() - 1;
    if (length < 0) return null;
    this.#at += length;
    return utf8.decode(this.#bytes.subarray(this.#at - length, this.#at));
  }

  compactString(): string {
    return this.compactNullableString() ?? '';
  }

  /** Null reads as empty. */
  compactArray<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.unsignedVarint() - 1; left > 0; left--) items.push(read());
    return items;
  }

  /**
   * The tagged fields that end each structure of a flexible version; what is not known is passed over.
   * @param read is given each tag, and reads the field or leaves it
   */
  tags(read?: (tag: number) => void): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      const tag = this.unsignedVarint();
      const end = this.unsignedVarint() + this.#at;
      read?.(tag);
      this.#at = end;
    }
  }
}

/** A request of the protocol and how its answer is read. */
export interface KafkaRequest<T> {
  readonly apiKey: number;
  readonly version: number;
  encode(writer: WireWriter): void;
  /** Whether the version is a flexible one (KIP-482), whose headers carry tagged fields. */
  readonly isFlexible?: boolean;
  /** Bytes that follow what `encode` writes; they go to the socket as they are. */
  readonly payload?: Uint8Array;
  /** How long the answer may take, where that is not what the connection was opened with. */
  readonly timeoutMs?: number;
  /** What follows the payload. */
  readonly tail?: Uint8Array;
  /** @param release to be called, if at all, when nobody reads the bytes of the answer any more */
  decode(reader: WireReader, release: () => void): T;
}
