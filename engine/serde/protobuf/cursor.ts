import type { Long } from '../../../language/types/integer.ts';
import { copyBytes, readFloat32LittleEndian, readFloat64LittleEndian } from '../encoding/bytes.ts';
import { longFromBits } from '../encoding/long-bits.ts';
import { SerdeError } from '../encoding/serde.ts';
import { TextCache } from '../encoding/text-cache.ts';

/** The ways in which Protobuf lays out a value. */
export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_LENGTH = 2;
export const WIRE_FIXED32 = 5;

/** Protobuf's primitives, read one after the other from a range of bytes. */
export class ProtoCursor {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  /** Of the message that is being read. */
  end = 0;
  readonly #texts = new TextCache();
  #low = 0;
  #high = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** The lowest 32 bits of a varint, signed. */
  varint32(): number {
    const first = this.bytes[this.position]!;
    if (first < 0x80 && this.position < this.end) {
      this.position++;
      return first;
    }
    this.#varint();
    return this.#low;
  }

  varint64(): Long {
    this.#varint();
    return longFromBits(this.#high, this.#low);
  }

  zigzag64(): Long {
    this.#varint();
    const low = (this.#low >>> 1) | (this.#high << 31);
    const sign = -(this.#low & 1);
    return longFromBits((this.#high >>> 1) ^ sign, low ^ sign);
  }

  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.position >= this.end) throw truncated();
      const byte = this.bytes[this.position++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) {
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw new SerdeError('Protobuf payload has a number of more than 64 bits');
  }

  skip(count: number): void {
    if (!(count >= 0 && this.position + count <= this.end)) throw truncated();
    this.position += count;
  }

  fixed32(): number {
    this.skip(4);
    const { bytes, position } = this;
    return (
      bytes[position - 4]! | (bytes[position - 3]! << 8) | (bytes[position - 2]! << 16) | (bytes[position - 1]! << 24)
    );
  }

  fixed64(): Long {
    const low = this.fixed32();
    return longFromBits(this.fixed32(), low);
  }

  float(): number {
    this.skip(4);
    return readFloat32LittleEndian(this.bytes, this.position - 4);
  }

  double(): number {
    this.skip(8);
    return readFloat64LittleEndian(this.bytes, this.position - 8);
  }

  string(): string {
    const length = this.varint32();
    this.skip(length);
    return this.#texts.utf8(this.bytes, this.position - length, this.position);
  }

  copy(): Uint8Array {
    const length = this.varint32();
    this.skip(length);
    return copyBytes(this.bytes, this.position - length, this.position);
  }

  /** Narrows the range to the part whose length stands here; {@link leave} takes what this returns. */
  enter(): number {
    const length = this.varint32();
    const outer = this.end;
    if (length < 0 || this.position + length > outer) throw truncated();
    this.end = this.position + length;
    return outer;
  }

  leave(outer: number): void {
    this.position = this.end;
    this.end = outer;
  }

  skipValue(wireType: number): void {
    switch (wireType) {
      case WIRE_VARINT:
        this.#varint();
        return;
      case WIRE_FIXED64:
        this.skip(8);
        return;
      case WIRE_LENGTH:
        this.skip(this.varint32());
        return;
      case WIRE_FIXED32:
        this.skip(4);
        return;
      default:
        throw new SerdeError(`Protobuf payload has an unknown wire type: ${wireType}`);
    }
  }
}

const truncated = () => new SerdeError('Protobuf payload ends too early');
