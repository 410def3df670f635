import type { Long } from '../../../language/types/integer.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { copyBytes, readFloat32LittleEndian, readFloat64LittleEndian } from '../encoding/bytes.ts';
import { SerdeError } from '../encoding/serde.ts';
import { TextCache } from '../encoding/text-cache.ts';

/** Avro's binary primitives, read one after the other from a range of bytes. */
export class AvroCursor {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  end = 0;
  readonly #texts = new TextCache();

  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** Moves over bytes. @throws SerdeError when the payload ends within them */
  skip(count: number): void {
    if (!(count >= 0 && this.position + count <= this.end)) throw new SerdeError('Avro payload ends too early');
    this.position += count;
  }

  boolean(): boolean {
    this.skip(1);
    return this.bytes[this.position - 1] === 1;
  }

  /** A zigzag varint of which 32 bits count: an int, a union's branch, an enum's symbol. */
  int(): number {
    const value = this.long();
    return typeof value === 'number' ? value | 0 : Number(BigInt.asIntN(32, value));
  }

  /** A zigzag varint of up to 64 bits. */
  long(): Long {
    const { bytes, end } = this;
    let { position } = this;
    let low = 0;
    let shift = 0;
    for (; shift < 28; shift += 7) {
      const byte = bytes[position++]!;
      low |= (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) {
        if (position > end) break;
        this.position = position;
        return (low >>> 1) ^ -(low & 1);
      }
    }
    return this.#longVarint(position, low);
  }

  /** The rest of a varint, whose first 28 bits are `low`. */
  #longVarint(start: number, low: number): Long {
    let position = start;
    let high = 0;
    let scale = 1;
    let big = 0n;
    for (let count = 4; count < 10; count++) {
      if (position >= this.end) throw new SerdeError('Avro payload ends too early');
      const byte = this.bytes[position++]!;
      if (count < 7) {
        high += (byte & 0x7f) * scale;
        scale *= 128;
      } else {
        big |= BigInt(byte & 0x7f) << BigInt(7 * count);
      }
      if ((byte & 0x80) !== 0) continue;
      this.position = position;
      const zigzag = high * 0x10000000 + low;
      if (big === 0n) return low % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      return unzigzag(big | BigInt(zigzag));
    }
    throw new SerdeError('Avro payload has a number of more than 64 bits');
  }

  float(): number {
    this.skip(4);
    return readFloat32LittleEndian(this.bytes, this.position - 4);
  }

  double(): number {
    this.skip(8);
    return readFloat64LittleEndian(this.bytes, this.position - 8);
  }

  /** A copy of the bytes behind a length. */
  lengthPrefixed(): Uint8Array {
    const length = Number(this.long());
    this.skip(length);
    return copyBytes(this.bytes, this.position - length, this.position);
  }

  fixed(sizeBytes: number): Uint8Array {
    this.skip(sizeBytes);
    return copyBytes(this.bytes, this.position - sizeBytes, this.position);
  }

  string(): string {
    const length = Number(this.long());
    this.skip(length);
    return this.#texts.utf8(this.bytes, this.position - length, this.position);
  }

  /** The number of items of the block that begins here, 0 behind the last one. */
  blockCount(): number {
    const count = Number(this.long());
    if (count >= 0) return count;
    this.long();
    return -count;
  }
}

function unzigzag(zigzag: bigint): Long {
  const value = (zigzag & 1n) === 0n ? zigzag >> 1n : -((zigzag + 1n) >> 1n);
  const wrapped = BigInt.asIntN(64, value);
  const asNumber = Number(wrapped);
  return Number.isSafeInteger(asNumber) ? asNumber : wrapped;
}

/** Writes a zigzag varint. */
export function writeLong(writer: ByteWriter, value: Long): void {
  if (typeof value === 'bigint' || Math.abs(value) > 2 ** 51) {
    const long = BigInt(value);
    writer.varint64(BigInt.asUintN(64, (long << 1n) ^ (long >> 63n)));
    return;
  }
  writer.varint(value >= 0 ? value * 2 : -value * 2 - 1);
}

export function writeLengthPrefixed(writer: ByteWriter, bytes: Uint8Array): void {
  writeLong(writer, bytes.length);
  writer.raw(bytes);
}

export function writeString(writer: ByteWriter, text: string): void {
  if (text.length < 0x40 && writer.headedAscii(2 * text.length, text)) return;
  writeLong(writer, Buffer.byteLength(text));
  writer.utf8(text);
}
