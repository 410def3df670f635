/** CRC-32C (Castagnoli), the checksum of Kafka's record batches; sixteen bytes a step. */
const STEP_BYTES = 16;
/** Below that, a view on words costs more than it saves. */
const LEAST_BYTES = 128;
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Table `t`, from `256 * t` on, has what a byte contributes that `t` bytes follow in a step. */
const TABLE = makeTables();

function makeTables(): Int32Array {
  const table = new Int32Array(256 * STEP_BYTES);
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    table[i] = value;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256]!;
    table[i] = table[before & 0xff]! ^ (before >>> 8);
  }
  return table;
}

/** The checksum of `bytes[start, end)` as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  if (end - start < LEAST_BYTES || !IS_LITTLE_ENDIAN) return ~byBytes(bytes, start, end, -1) >>> 0;
  const aligned = start + (-(bytes.byteOffset + start) & 3);
  const stepsEnd = end - ((end - aligned) % STEP_BYTES);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, (stepsEnd - aligned) >> 2);
  return ~byBytes(bytes, stepsEnd, end, bySteps(words, byBytes(bytes, start, aligned, -1))) >>> 0;
}

function byBytes(bytes: Uint8Array, start: number, end: number, before: number): number {
  let crc = before;
  for (let at = start; at < end; at++) crc = TABLE[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return crc;
}

/** Goes on over words of which each step takes four. */
function bySteps(words: Int32Array, before: number): number {
  const table = TABLE;
  let crc = before;
  for (let i = 0; i < words.length; i += 4) {
    crc =
      ofWord(table, 12 * 256, words[i]! ^ crc) ^
      ofWord(table, 8 * 256, words[i + 1]!) ^
      ofWord(table, 4 * 256, words[i + 2]!) ^
      ofWord(table, 0, words[i + 3]!);
  }
  return crc;
}

/** What four bytes contribute; `offset` is that of the table of the last of them. */
function ofWord(table: Int32Array, offset: number, word: number): number {
  return (
    table[offset + 768 + (word & 0xff)]! ^
    table[offset + 512 + ((word >>> 8) & 0xff)]! ^
    table[offset + 256 + ((word >>> 16) & 0xff)]! ^
    table[offset + (word >>> 24)]!
  );
}
