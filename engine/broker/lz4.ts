/** What an LZ4 frame begins with, in the order of its bytes. */
const MAGIC = 0x184d2204;
/**
 * Version 1, blocks that need no other, of 64 KiB at most, and the checksum of that (xxHash). Java's clients take no
 * frame whose blocks need each other.
 */
const HEADER = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82] as const;
const BLOCK_BYTES = 64 * 1024;
const NOT_COMPRESSED = 0x80000000;

/** A match takes four bytes or more; the last five bytes of a block, and matches that begin near there, are none. */
const MIN_MATCH = 4;
const LAST_LITERALS = 5;
const MATCH_LIMIT = 12;
const HASH_BITS = 13;

/** LZ4 frame format: header, blocks, end mark. */
export function compressLz4Frame(bytes: Uint8Array): Uint8Array {
  // A block that does not shrink is taken as it is, so that a frame is at most so much longer.
  const output = new Uint8Array(bytes.length + HEADER.length + 8 + 4 * Math.ceil(bytes.length / BLOCK_BYTES));
  const view = new DataView(output.buffer);
  output.set(HEADER);
  let at = HEADER.length;
  const table = new Int32Array(1 << HASH_BITS);
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const block = bytes.subarray(from, from + BLOCK_BYTES);
    const size = compressLz4Block(block, output.subarray(at + 4, at + 4 + block.length - 1), table);
    if (size === 0) output.set(block, at + 4);
    view.setUint32(at, size === 0 ? block.length + NOT_COMPRESSED : size, true);
    at += 4 + (size === 0 ? block.length : size);
  }
  return output.subarray(0, at + 4);
}

/** @returns how many bytes were written; 0 where they do not fit into the output */
function compressLz4Block(input: Uint8Array, output: Uint8Array, table: Int32Array): number {
  table.fill(-1);
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const limit = input.length - MATCH_LIMIT;
  let [at, anchor, out] = [0, 0, 0];
  while (at <= limit) {
    const word = view.getUint32(at, true);
    const slot = Math.imul(word, 2654435761) >>> (32 - HASH_BITS);
    const candidate = table[slot]!;
    table[slot] = at;
    if (candidate < 0 || view.getUint32(candidate, true) !== word) {
      // Where nothing repeats, look less often.
      at += 1 + ((at - anchor) >> 6);
      continue;
    }
    let end = at + MIN_MATCH;
    const last = input.length - LAST_LITERALS;
    for (let from = candidate + MIN_MATCH; end < last && input[from] === input[end]; from++) end++;
    out = writeSequence(input, anchor, at, output, out, at - candidate, end - at - MIN_MATCH);
    if (out === 0) return 0;
    at = end;
    anchor = end;
  }
  return writeSequence(input, anchor, input.length, output, out, 0, 0);
}

/**
 * Writes literals and the match behind them.
 * @param distance 0: no match follows
 * @returns where the next one goes; 0 where the output is too short
 */
function writeSequence(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  from: number,
  distance: number,
  matchLength: number,
): number {
  const literals = end - start;
  const most = from + 1 + literals / 255 + 1 + literals + 2 + matchLength / 255 + 1;
  if (most > output.length) return 0;
  let out = from + 1;
  output[from] = (Math.min(literals, 15) << 4) | Math.min(matchLength, 15);
  if (literals >= 15) out = writeLength(output, out, literals - 15);
  output.set(input.subarray(start, end), out);
  out += literals;
  if (distance === 0) return out;
  output[out++] = distance & 0xff;
  output[out++] = distance >>> 8;
  return matchLength >= 15 ? writeLength(output, out, matchLength - 15) : out;
}

function writeLength(output: Uint8Array, from: number, length: number): number {
  let out = from;
  let left = length;
  for (; left >= 255; left -= 255) output[out++] = 255;
  output[out++] = left;
  return out;
}

/** Checksums are not verified; the batch has its own. @throws Error when there is more than `mostBytes` */
export function decompressLz4Frame(bytes: Uint8Array, mostBytes: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new Error('A batch says it is LZ4, but has no LZ4 frame.');
  const flags = bytes[4]!;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasBlockChecksum = (flags & 0x10) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  let at = 6 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1;
  const output = new GrowingBytes(bytes.length * 4, mostBytes);
  for (;;) {
    const header = view.getUint32(at, true);
    at += 4;
    if (header === 0) return output.taken();
    const size = header & ~NOT_COMPRESSED;
    const block = bytes.subarray(at, at + size);
    if (header & NOT_COMPRESSED) output.append(block, 0, size);
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
  readonly #mostBytes: number;
  #length = 0;

  constructor(capacity: number, mostBytes: number) {
    this.#mostBytes = mostBytes;
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
    if (this.#length + extra > this.#mostBytes)
      throw new Error(`A batch has more than ${this.#mostBytes} bytes uncompressed.`);
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
