import * as zlib from 'node:zlib';
import { uncompress as snappyUncompress } from 'snappyjs';

/** The codes in the lowest three bits of a batch's attributes. */
const GZIP = 1;
const SNAPPY = 2;
const LZ4 = 3;
const ZSTD = 4;

/** What a batch holds at most: a few bytes can stand for many, and they come from anybody. */
const MAX_RECORDS_BYTES = 256 * 1024 * 1024;

/**
 * The records of a compressed batch as they were before.
 * @throws Error when the codec is unknown, or this Node lacks it, the bytes are damaged, or there are too many of them.
 */
export function decompress(codec: number, bytes: Uint8Array): Uint8Array {
  switch (codec) {
    case GZIP:
      return zlib.gunzipSync(bytes, { maxOutputLength: MAX_RECORDS_BYTES });
    case SNAPPY:
      return decompressSnappy(bytes);
    case LZ4:
      return decompressLz4Frame(bytes);
    case ZSTD: {
      const { zstdDecompressSync } = zlib as unknown as {
        zstdDecompressSync?: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;
      };
      if (zstdDecompressSync === undefined) throw new Error('Batches compressed with zstd need Node 22.15 or newer.');
      return zstdDecompressSync(bytes, { maxOutputLength: MAX_RECORDS_BYTES });
    }
    default:
      throw new Error(`Compression codec ${codec} of a record batch is unknown.`);
  }
}

const XERIAL = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0];

/**
 * Java clients write snappy in blocks behind a header of their own ("xerial" framing); others write one plain block.
 */
function decompressSnappy(bytes: Uint8Array): Uint8Array {
  if (!XERIAL.every((byte, i) => bytes[i] === byte)) return snappyUncompress(bytes, MAX_RECORDS_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: Uint8Array[] = [];
  let left = MAX_RECORDS_BYTES;
  for (let at = 16; at + 4 <= bytes.length; ) {
    const size = view.getUint32(at);
    const block = snappyUncompress(bytes.subarray(at + 4, at + 4 + size), left);
    blocks.push(block);
    left -= block.length;
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}

/** LZ4 frame format: header, blocks, end mark. Checksums are not verified; the batch has its own. */
function decompressLz4Frame(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0x184d2204) throw new Error('A batch says it is LZ4, but has no LZ4 frame.');
  const flags = bytes[4]!;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasBlockChecksum = (flags & 0x10) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  let at = 6 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1;
  const output = new GrowingBytes(bytes.length * 4);
  for (;;) {
    const header = view.getUint32(at, true);
    at += 4;
    if (header === 0) return output.taken();
    const size = header & 0x7fffffff;
    const block = bytes.subarray(at, at + size);
    if (header & 0x80000000) output.append(block, 0, size);
    else decompressLz4Block(block, output);
    at += size + (hasBlockChecksum ? 4 : 0);
  }
}

function decompressLz4Block(block: Uint8Array, output: GrowingBytes): void {
  let at = 0;
  const length = (nibble: number): number => {
    let sum = nibble;
    if (nibble < 15) return sum;
    for (;;) {
      const byte = block[at++]!;
      sum += byte;
      if (byte < 255) return sum;
    }
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = length(token >> 4);
    output.append(block, at, at + literals);
    at += literals;
    if (at >= block.length) return;
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    output.repeat(distance, length(token & 15) + 4);
  }
}

/** Bytes that grow, and that can copy from what was written before. */
class GrowingBytes {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(Math.max(256, capacity));
  }

  append(source: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    this.#bytes.set(source.subarray(start, end), this.#length);
    this.#length += end - start;
  }

  /** Copies `count` bytes from `distance` back; the ranges may overlap, and then the pattern repeats. */
  repeat(distance: number, count: number): void {
    this.#reserve(count);
    for (let i = 0; i < count; i++, this.#length++) this.#bytes[this.#length] = this.#bytes[this.#length - distance]!;
  }

  taken(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    if (this.#length + extra > MAX_RECORDS_BYTES) throw new Error('A batch has more than 256 MB uncompressed.');
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
