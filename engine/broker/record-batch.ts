import { ByteWriter } from '../bytes/byte-writer.ts';
import { decompress } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { putVarint, putVarlong } from './varint.ts';

/** A record header as bytes go; Kafka's keys are UTF-8. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Offsets of the fields of a batch's header (Kafka's record batch format, version 2). */
export const BATCH_FIELD = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const;

const CODEC_MASK = 0x07;
const LOG_APPEND_TIME = 0x08;
/** The attribute of batches that count only once their transaction is committed. */
export const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const NO_EPOCH = -1;
const NO_HEADERS: readonly RecordHeader[] = [];
const utf8 = new TextDecoder();
const utf8Encoder = new TextEncoder();

/**
 * A view on the bytes of one record batch in Kafka's v2 format. Nothing is decoded until a {@link RecordCursor} walks
 * over it, and that makes no object per record.
 */
export class RecordBatch {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get baseOffset(): number {
    return Number(this.#view.getBigInt64(BATCH_FIELD.baseOffset));
  }

  /** The broker gives offsets when a batch is appended; the checksum does not cover them. */
  set baseOffset(offset: number) {
    this.#view.setBigInt64(BATCH_FIELD.baseOffset, BigInt(offset));
  }

  /**
   * Sets the offset for a log in a file, where it must be told from a damaged one: a checksum of offset and length goes
   * where Kafka keeps the epoch of a partition's leader, of which there is only one here.
   */
  stampOffset(offset: number): void {
    this.baseOffset = offset;
    this.#view.setInt32(BATCH_FIELD.leaderEpoch, placeChecksum(this.bytes, 0));
  }

  get lastOffset(): number {
    return this.baseOffset + this.#view.getInt32(BATCH_FIELD.lastOffsetDelta);
  }

  get count(): number {
    return this.#view.getInt32(BATCH_FIELD.count);
  }

  get baseTimestampMs(): number {
    return Number(this.#view.getBigInt64(BATCH_FIELD.baseTimestamp));
  }

  get maxTimestampMs(): number {
    return Number(this.#view.getBigInt64(BATCH_FIELD.maxTimestamp));
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  get attributes(): number {
    return this.#view.getInt16(BATCH_FIELD.attributes);
  }

  /** Whether it holds a transaction's markers instead of records. */
  get isControl(): boolean {
    return (this.attributes & CONTROL) !== 0;
  }

  get isTransactional(): boolean {
    return (this.attributes & TRANSACTIONAL) !== 0;
  }

  /** Of the producer that wrote it in a transaction or with sequence numbers; else -1. */
  get producerId(): number {
    return Number(this.#view.getBigInt64(BATCH_FIELD.producerId));
  }

  /** Which life of its producer wrote it; an older one must not write any more. */
  get producerEpoch(): number {
    return this.#view.getInt16(BATCH_FIELD.producerEpoch);
  }

  /** How many records its producer had written to the partition before; -1 where none are counted. */
  get baseSequence(): number {
    return this.#view.getInt32(BATCH_FIELD.baseSequence);
  }

  /** Lets it appear without records, as those of a transaction that was aborted must; its offsets stay. */
  hide(): void {
    this.#view.setInt16(BATCH_FIELD.attributes, this.attributes | CONTROL);
  }

  /** Gives all of its records the time of appending. */
  stampAppendTime(timeMs: number): void {
    this.#view.setInt16(BATCH_FIELD.attributes, this.attributes | LOG_APPEND_TIME);
    this.#view.setBigInt64(BATCH_FIELD.maxTimestamp, BigInt(timeMs));
    this.#view.setUint32(BATCH_FIELD.crc, crc32c(this.bytes, BATCH_FIELD.attributes));
  }

  /** Whether something stands where Kafka keeps the epoch of a partition's leader. */
  get isStamped(): boolean {
    return this.#view.getInt32(BATCH_FIELD.leaderEpoch) !== NO_EPOCH;
  }

  /** Takes away what {@link stampOffset} left besides the offset; others would take it for an epoch. */
  removeStamp(): void {
    this.#view.setInt32(BATCH_FIELD.leaderEpoch, NO_EPOCH);
  }

  /** Whether the checksum fits the bytes. */
  get isIntact(): boolean {
    return this.#view.getUint32(BATCH_FIELD.crc) === crc32c(this.bytes, BATCH_FIELD.attributes);
  }

  records(): RecordCursor {
    return new RecordCursor(this);
  }
}

/** The checksum of the offset and the length of the batch that begins at `at`; never -1, which stands for none. */
export function placeChecksum(bytes: Uint8Array, at: number): number {
  const sum = crc32c(bytes, at, at + BATCH_FIELD.leaderEpoch) | 0;
  return sum === -1 ? 0 : sum;
}

/**
 * Cuts a run of batches, as a broker answers a fetch or a segment file holds them, into batches. A last batch that is
 * cut off is left out (Kafka's own rule).
 */
export function splitBatches(bytes: Uint8Array): RecordBatch[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const batches: RecordBatch[] = [];
  for (let at = 0; at + BATCH_FIELD.records <= bytes.length; ) {
    const size = BATCH_FIELD.leaderEpoch + view.getInt32(at + BATCH_FIELD.batchLength);
    if (size < BATCH_FIELD.records || at + size > bytes.length) break;
    if (view.getInt8(at + BATCH_FIELD.magic) !== 2)
      throw new Error('The log holds records in a format older than Kafka 0.11.');
    batches.push(new RecordBatch(bytes.subarray(at, at + size)));
    at += size;
  }
  return batches;
}

/** What stands in a row for a record: places count in the bytes of the cursor. */
export const RECORD_ROW = {
  recordStart: 0,
  recordEnd: 1,
  timeDelta: 2,
  offsetDelta: 3,
  keyStart: 4,
  keyEnd: 5,
  valueStart: 6,
  valueEnd: 7,
  /** How many integers that is. */
  length: 8,
} as const;

/**
 * Walks over the records of a batch: `next()`, then read the fields. Keys and values are ranges of `bytes`; a start of
 * -1 stands for null. The fields change with every step.
 */
export class RecordCursor {
  readonly bytes: Uint8Array;
  /** Where the record begins, with its length. */
  start = 0;
  offset = 0;
  timeMs = 0;
  keyStart = -1;
  keyEnd = -1;
  valueStart = -1;
  valueEnd = -1;
  readonly #baseOffset: number;
  readonly #baseTimeMs: number;
  /** Set when the broker gave the time of appending to all records. */
  readonly #appendTimeMs: number | undefined;
  #at: number;
  #left: number;
  #headersAt = 0;

  constructor(batch: RecordBatch) {
    const attributes = batch.attributes;
    const codec = attributes & CODEC_MASK;
    this.bytes = codec === 0 ? batch.bytes : decompress(codec, batch.bytes.subarray(BATCH_FIELD.records));
    this.#at = codec === 0 ? BATCH_FIELD.records : 0;
    this.#left = batch.isControl ? 0 : batch.count;
    this.#baseOffset = batch.baseOffset;
    this.#baseTimeMs = batch.baseTimestampMs;
    this.#appendTimeMs = attributes & LOG_APPEND_TIME ? batch.maxTimestampMs : undefined;
  }

  /** How many records come behind this one; -1 after the last. */
  get left(): number {
    return this.#left;
  }

  /** Moves to the next record; false after the last. */
  next(): boolean {
    if (this.#left <= 0) {
      this.#left = -1;
      return false;
    }
    this.#left--;
    this.start = this.#at;
    const length = this.#varint();
    const end = this.#at + length;
    this.#at++;
    const timeDelta = this.#varlong();
    this.timeMs = this.#appendTimeMs ?? this.#baseTimeMs + timeDelta;
    this.offset = this.#baseOffset + this.#varint();
    const keyLength = this.#varint();
    this.keyStart = keyLength < 0 ? -1 : this.#at;
    this.keyEnd = keyLength < 0 ? -1 : this.#at + keyLength;
    if (keyLength > 0) this.#at += keyLength;
    const valueLength = this.#varint();
    this.valueStart = valueLength < 0 ? -1 : this.#at;
    this.valueEnd = valueLength < 0 ? -1 : this.#at + valueLength;
    if (valueLength > 0) this.#at += valueLength;
    this.#headersAt = this.#at;
    this.#at = end;
    return true;
  }

  /**
   * Moves to the next record, which another has read: a row of a table of integers, {@link RECORD_ROW}. It has no
   * headers.
   */
  moveTo(rows: Int32Array, at: number): void {
    this.#left--;
    this.start = rows[at + RECORD_ROW.recordStart]!;
    this.timeMs = this.#appendTimeMs ?? this.#baseTimeMs + rows[at + RECORD_ROW.timeDelta]!;
    this.offset = this.#baseOffset + rows[at + RECORD_ROW.offsetDelta]!;
    this.keyStart = rows[at + RECORD_ROW.keyStart]!;
    this.keyEnd = rows[at + RECORD_ROW.keyEnd]!;
    this.valueStart = rows[at + RECORD_ROW.valueStart]!;
    this.valueEnd = rows[at + RECORD_ROW.valueEnd]!;
    this.#headersAt = this.valueEnd;
    this.#at = rows[at + RECORD_ROW.recordEnd]!;
  }

  get key(): Uint8Array | null {
    return this.keyStart < 0 ? null : this.bytes.subarray(this.keyStart, this.keyEnd);
  }

  get value(): Uint8Array | null {
    return this.valueStart < 0 ? null : this.bytes.subarray(this.valueStart, this.valueEnd);
  }

  /** The headers of the record; decoded when asked for, and, unlike keys and values, valid as long as one likes. */
  get headers(): readonly RecordHeader[] {
    if (this.bytes[this.#headersAt] === 0) return NO_HEADERS;
    const resume = this.#at;
    this.#at = this.#headersAt;
    const headers: RecordHeader[] = [];
    for (let left = this.#varint(); left > 0; left--) {
      const key = this.#range(this.#varint());
      const value = this.#range(this.#varint());
      headers.push({ key: key === null ? '' : utf8.decode(key), value: value && new Uint8Array(value) });
    }
    this.#at = resume;
    return headers;
  }

  #range(length: number): Uint8Array | null {
    if (length < 0) return null;
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  #varint(): number {
    const bytes = this.bytes;
    let byte = bytes[this.#at++]!;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    let shift = 7;
    do {
      byte = bytes[this.#at++]!;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    return (value >>> 1) ^ -(value & 1);
  }

  /** As `#varint`, for values beyond 32 bits; deltas of times stay within what a double holds. */
  #varlong(): number {
    const bytes = this.bytes;
    let byte = bytes[this.#at++]!;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    let factor = 128;
    do {
      byte = bytes[this.#at++]!;
      value += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte >= 0x80);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** Room that is left for the length of a record, and for the length of its value: most take as much. */
const LENGTH_ROOM = 2;

/**
 * Collects records into one batch, in the bytes that become it. What is to be written goes to {@link writer} between
 * {@link begin} and {@link end}, or comes ready by {@link append}.
 */
export class RecordBatchBuilder {
  /** Takes the value of the record that was begun. */
  readonly writer: ByteWriter;
  #count = 0;
  /** Offset that the next record gets, counted from the batch's own. */
  #offsetDelta = 0;
  #baseTimeMs = 0;
  #maxTimeMs = 0;
  /** Where the record that was begun has its length, its value, and when it is. */
  #recordAt = 0;
  #valueAt = 0;
  #timeMs = 0;

  constructor(capacityBytes = 1024) {
    this.writer = new ByteWriter(Math.max(capacityBytes, BATCH_FIELD.records + 64));
    this.writer.position = BATCH_FIELD.records;
  }

  get count(): number {
    return this.#count;
  }

  get sizeBytes(): number {
    return this.writer.position;
  }

  /** The time of the first record, which the others count theirs from. */
  get baseTimeMs(): number {
    return this.#baseTimeMs;
  }

  /** The offset of the next record, counted from that of the batch. */
  get nextOffset(): number {
    return this.#offsetDelta;
  }

  append(
    key: Uint8Array | null,
    value: Uint8Array | null,
    timeMs: number,
    headers: readonly RecordHeader[] = NO_HEADERS,
  ): void {
    this.begin(timeMs, key);
    if (value !== null) this.writer.raw(value);
    this.end(value !== null, headers);
  }

  /** Begins a record, whose key is a range of bytes, or null. */
  begin(timeMs: number, key: Uint8Array | null, keyStart = 0, keyEnd = key?.length ?? 0): void {
    const { writer } = this;
    if (this.#count === 0) this.#baseTimeMs = timeMs;
    this.#timeMs = timeMs;
    this.#recordAt = writer.position;
    writer.reserve(HEAD_BYTES);
    const { bytes } = writer;
    let at = writer.position + LENGTH_ROOM;
    bytes[at++] = 0;
    at = putVarlong(bytes, at, timeMs - this.#baseTimeMs);
    at = putVarint(bytes, at, this.#offsetDelta);
    writer.position = putVarint(bytes, at, key === null ? -1 : keyEnd - keyStart);
    if (key !== null) writer.range(key, keyStart, keyEnd);
    writer.reserve(LENGTH_ROOM);
    this.#valueAt = writer.position;
    writer.position += LENGTH_ROOM;
  }

  /** Takes back the record that was begun. */
  drop(): void {
    this.writer.position = this.#recordAt;
  }

  /** Ends the record that was begun. @param hasValue whether what was written is its value; otherwise that is null */
  end(hasValue: boolean, headers: readonly RecordHeader[] = NO_HEADERS): void {
    const { writer } = this;
    if (hasValue) {
      this.#putLength(this.#valueAt);
    } else {
      writer.position = putVarint(writer.bytes, this.#valueAt, -1);
    }
    if (headers.length === 0) writer.byte(0);
    else this.#headers(headers);
    this.#putLength(this.#recordAt);
    if (this.#count === 0 || this.#timeMs > this.#maxTimeMs) this.#maxTimeMs = this.#timeMs;
    this.#count++;
    this.#offsetDelta++;
  }

  /** Appends records that are written as they stand here: from {@link nextOffset} on, by the time of the first one. */
  appendRecords(records: Uint8Array, count: number, baseTimeMs: number, maxTimeMs: number): void {
    if (this.#count === 0) this.#baseTimeMs = baseTimeMs;
    if (this.#count === 0 || maxTimeMs > this.#maxTimeMs) this.#maxTimeMs = maxTimeMs;
    this.writer.raw(records);
    this.#count += count;
    this.#offsetDelta += count;
  }

  /** Leaves offsets without records, as compaction does. */
  skip(count = 1): void {
    this.#offsetDelta += count;
  }

  /** The batch, with base offset 0; the builder is empty afterwards. */
  build(): RecordBatch {
    const { writer } = this;
    const { buffer, byteOffset } = writer.bytes;
    const bytes = new Uint8Array(buffer.slice(byteOffset, byteOffset + writer.position) as ArrayBuffer);
    const view = new DataView(bytes.buffer);
    view.setBigInt64(BATCH_FIELD.baseOffset, 0n);
    view.setInt32(BATCH_FIELD.batchLength, bytes.length - BATCH_FIELD.leaderEpoch);
    view.setInt32(BATCH_FIELD.leaderEpoch, -1);
    view.setInt8(BATCH_FIELD.magic, 2);
    view.setInt16(BATCH_FIELD.attributes, 0);
    view.setInt32(BATCH_FIELD.lastOffsetDelta, this.#offsetDelta - 1);
    view.setBigInt64(BATCH_FIELD.baseTimestamp, BigInt(this.#baseTimeMs));
    view.setBigInt64(BATCH_FIELD.maxTimestamp, BigInt(this.#maxTimeMs));
    view.setBigInt64(BATCH_FIELD.producerId, -1n);
    view.setInt16(BATCH_FIELD.producerEpoch, -1);
    view.setInt32(BATCH_FIELD.baseSequence, -1);
    view.setInt32(BATCH_FIELD.count, this.#count);
    view.setUint32(BATCH_FIELD.crc, crc32c(bytes, BATCH_FIELD.attributes));
    writer.position = BATCH_FIELD.records;
    this.#count = 0;
    this.#offsetDelta = 0;
    this.#baseTimeMs = 0;
    this.#maxTimeMs = 0;
    return new RecordBatch(bytes);
  }

  #headers(headers: readonly RecordHeader[]): void {
    this.#varint(headers.length);
    for (const { key, value } of headers) {
      this.#field(utf8Encoder.encode(key));
      this.#field(value);
    }
  }

  #field(field: Uint8Array | null): void {
    this.#varint(field === null ? -1 : field.length);
    if (field !== null) this.writer.raw(field);
  }

  #varint(value: number): void {
    this.writer.reserve(MAX_VARINT_BYTES);
    this.writer.position = putVarint(this.writer.bytes, this.writer.position, value);
  }

  /** Writes how much stands behind the room at a place, and moves it where the length takes more or less than that. */
  #putLength(at: number): void {
    const { writer } = this;
    const start = at + LENGTH_ROOM;
    const length = writer.position - start;
    const size = length < 0x40 ? 1 : length < 0x2000 ? 2 : length < 0x100000 ? 3 : length < 0x8000000 ? 4 : 5;
    if (size !== LENGTH_ROOM) {
      writer.reserve(MAX_VARINT_BYTES);
      writer.bytes.copyWithin(at + size, start, writer.position);
      writer.position += size - LENGTH_ROOM;
    }
    putVarint(writer.bytes, at, length);
  }
}

const MAX_VARINT_BYTES = 5;
const MAX_VARLONG_BYTES = 10;
/** What stands before a record's key, at most. */
const HEAD_BYTES = LENGTH_ROOM + 1 + MAX_VARLONG_BYTES + 2 * MAX_VARINT_BYTES;

/** As far as the offsets of one batch reach. */
const MAX_OFFSET_DELTA = 2 ** 31 - 1;

/**
 * A batch without records that stands for the offsets from `first` to before `next`, as Kafka's compaction leaves them,
 * too.
 */
export function emptyBatch(first: number, next: number): RecordBatch {
  const builder = new RecordBatchBuilder(0);
  const skipped = Math.min(next - first, MAX_OFFSET_DELTA);
  builder.skip(skipped);
  const batch = builder.build();
  batch.stampOffset(next - skipped);
  return batch;
}
