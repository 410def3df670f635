/**
 * Reading of primitive values out of ranges of byte arrays, without views or copies. Works on any Uint8Array: Node's
 * buffer methods are called on it directly.
 */
import { longFromBits } from './long-bits.ts';

interface SliceMethods {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
}
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as SliceMethods;

/** UTF-8 text; malformed parts become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  return utf8Slice.call(bytes, start, end);
}

/** Text of which every byte is ASCII. */
export function decodeAscii(bytes: Uint8Array, start: number, end: number): string {
  return latin1Slice.call(bytes, start, end);
}

/** Signed big-endian 32 bits. */
export function readInt32(bytes: Uint8Array, start: number): number {
  return (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!;
}

/** Signed big-endian 64 bits as a BIGINT value. */
export function readInt64(bytes: Uint8Array, start: number): number | bigint {
  return longFromBits(readInt32(bytes, start), readInt32(bytes, start + 4));
}

const scratch = new DataView(new ArrayBuffer(8));

/** IEEE 754 double, big endian. */
export function readFloat64(bytes: Uint8Array, start: number): number {
  scratch.setInt32(0, readInt32(bytes, start));
  scratch.setInt32(4, readInt32(bytes, start + 4));
  return scratch.getFloat64(0);
}

/** IEEE 754 double, little endian. */
export function readFloat64LittleEndian(bytes: Uint8Array, start: number): number {
  scratch.setInt32(0, readInt32LittleEndian(bytes, start), true);
  scratch.setInt32(4, readInt32LittleEndian(bytes, start + 4), true);
  return scratch.getFloat64(0, true);
}

function readInt32LittleEndian(bytes: Uint8Array, start: number): number {
  return bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24);
}

/** IEEE 754 single precision, little endian. */
export function readFloat32LittleEndian(bytes: Uint8Array, start: number): number {
  scratch.setInt32(0, readInt32LittleEndian(bytes, start), true);
  return scratch.getFloat32(0, true);
}

/** A copy of a range; `slice` of a Node buffer would be a view. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}
