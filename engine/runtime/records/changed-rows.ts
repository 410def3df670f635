import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Row } from '../../operators/operator.ts';
import { SerdeError } from '../../serde/encoding/serde.ts';
import type { ChangeEncoder, RowEncoder } from './row-encoder.ts';

/**
 * How the changes of a table travel through a topic (Kafka Streams' ChangedSerializer): a row and one byte that tells
 * the old one from the new one, or the length of the new row, the new row, the old row and such a byte.
 */
const OLD_ROW = 0;
const NEW_ROW = 1;
const BOTH_ROWS = 2;

/** A part of some bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where the rows of a change stand in the value of a record. @throws SerdeError */
export function rowRanges(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly before?: ByteRange; readonly after?: ByteRange } {
  const flagAt = end - 1;
  const flag = flagAt < start ? undefined : bytes[flagAt];
  if (flag === OLD_ROW) return { before: { start, end: flagAt } };
  if (flag === NEW_ROW) return { after: { start, end: flagAt } };
  if (flag !== BOTH_ROWS) throw new SerdeError(`A changed row ends with an unknown mark: ${flag ?? 'it is empty'}`);
  let at = start;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const boundary = at + ((length >>> 1) ^ -(length & 1));
  if (boundary < at || boundary > flagAt) throw new SerdeError('The rows of a changed row are cut off');
  return { after: { start: at, end: boundary }, before: { start: boundary, end: flagAt } };
}

/** Encodes changes of a table with their rows before and after. */
export class ChangedRowEncoder implements ChangeEncoder {
  readonly #rows: RowEncoder;

  constructor(rows: RowEncoder) {
    this.#rows = rows;
  }

  get source(): RowEncoder['source'] {
    return this.#rows.source;
  }

  /** @throws SerdeError */
  encodeKey(key: Row | null): Uint8Array | null {
    return this.#rows.encodeKey(key);
  }

  /** @throws SerdeError */
  encodeValue(after: Row | null, before: Row | null | undefined): Uint8Array | null {
    const newRow = this.#rows.encodeValue(after);
    const oldRow = this.#rows.encodeValue(before ?? null);
    if (newRow === null) return oldRow === null ? null : marked(oldRow, OLD_ROW);
    return oldRow === null ? marked(newRow, NEW_ROW) : bothRows(newRow, oldRow);
  }

  writeValue(after: Row | null, before: Row | null | undefined, writer: ByteWriter): boolean {
    const value = this.encodeValue(after, before);
    if (value !== null) writer.raw(value);
    return value !== null;
  }
}

function marked(row: Uint8Array, flag: number): Uint8Array {
  const bytes = new Uint8Array(row.length + 1);
  bytes.set(row);
  bytes[row.length] = flag;
  return bytes;
}

function bothRows(newRow: Uint8Array, oldRow: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = newRow.length << 1;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  const bytes = new Uint8Array(length.length + newRow.length + oldRow.length + 1);
  bytes.set(length);
  bytes.set(newRow, length.length);
  bytes.set(oldRow, length.length + newRow.length);
  bytes[bytes.length - 1] = BOTH_ROWS;
  return bytes;
}
