/** What a client sent is no message of Kafka's protocol. Its connection ends, as it does with Kafka. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}

const TWO_32 = 2 ** 32;
/** Kafka's lengths are of 31 bits, seven to a byte. */
const MAX_VARINT_BYTES = 5;

/**
 * Reads what anybody may have sent: nothing beyond its end, no list that is longer than what is left. Bytes are views;
 * nothing is copied.
 */
export class MessageReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#step(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#step(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#step(4));
  }

  /** Beyond 53 bits it is rounded: no offset, time or id of ours gets there. */
  int64(): number {
    const at = this.#step(8);
    return this.#bytes.readInt32BE(at) * TWO_32 + this.#bytes.readUInt32BE(at + 4);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let n = 0; n < MAX_VARINT_BYTES; n++) {
      const byte = this.#bytes[this.#step(1)]!;
      value += (byte & 0x7f) * 2 ** (7 * n);
      if (byte < 0x80) return value;
    }
    throw new ProtocolError('A length has more than five bytes.');
  }

  bytes(length: number): Buffer {
    const at = this.#step(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(length: number): string {
    return this.bytes(length).toString('utf8');
  }

  /** The tagged fields at the end of a structure, none of which is needed. */
  skipTags(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.#step(this.unsignedVarint());
    }
  }

  /** Moves on, and gives where it was. */
  #step(length: number): number {
    if (length < 0 || length > this.left) throw new ProtocolError('A message ends before its fields do.');
    this.#at += length;
    return this.#at - length;
  }
}
