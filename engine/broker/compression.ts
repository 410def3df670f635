import * as zlib from 'node:zlib';
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappyjs';
import { compressLz4Frame, decompressLz4Frame } from './lz4.ts';

/** How batches can be compressed, by Kafka's names (`compression.type`). */
export const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

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
      return decompressLz4Frame(bytes, MAX_RECORDS_BYTES);
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

/** The code of a codec in a batch's attributes. */
export const codecCode = (codec: Codec): number => CODECS.indexOf(codec) + 1;

/**
 * Records as they stand in a batch that is compressed.
 * @throws Error when this Node lacks the codec
 */
export function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  switch (codec) {
    case 'gzip':
      return zlib.gzipSync(bytes);
    case 'snappy':
      return compressSnappy(bytes);
    case 'lz4':
      return compressLz4Frame(bytes);
    case 'zstd': {
      const { zstdCompressSync } = zlib as unknown as { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array };
      if (zstdCompressSync === undefined) throw new Error('Batches compressed with zstd need Node 22.15 or newer.');
      return zstdCompressSync(bytes);
    }
    default:
      return codec satisfies never;
  }
}

const XERIAL = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0];

const SNAPPY_BLOCK_BYTES = 32 * 1024;
const XERIAL_HEADER_BYTES = 16;

/** In the framing that all of Kafka's clients read. */
function compressSnappy(bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES);
  header.set(XERIAL);
  // The version, and the oldest that reads it.
  header.writeInt32BE(1, XERIAL.length);
  header.writeInt32BE(1, XERIAL.length + 4);
  const parts: Uint8Array[] = [header];
  for (let at = 0; at < bytes.length; at += SNAPPY_BLOCK_BYTES) {
    const block = snappyCompress(bytes.subarray(at, at + SNAPPY_BLOCK_BYTES));
    const size = Buffer.alloc(4);
    size.writeInt32BE(block.length);
    parts.push(size, block);
  }
  return Buffer.concat(parts);
}

/**
 * Java clients write snappy in blocks behind a header of their own ("xerial" framing); others write one plain block.
 */
function decompressSnappy(bytes: Uint8Array): Uint8Array {
  if (!XERIAL.every((byte, i) => bytes[i] === byte)) return snappyUncompress(bytes, MAX_RECORDS_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: Uint8Array[] = [];
  let left = MAX_RECORDS_BYTES;
  for (let at = XERIAL_HEADER_BYTES; at + 4 <= bytes.length; ) {
    const size = view.getUint32(at);
    const block = snappyUncompress(bytes.subarray(at + 4, at + 4 + size), left);
    blocks.push(block);
    left -= block.length;
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}
