import { RecordBatch, RecordBatchBuilder } from '../record-batch.ts';
import { type BatchPlace, placeOf } from './batch-place.ts';

/** A block is closed when it has grown to this; then the next begins. */
export const BLOCK_BYTES = 64 * 1024;
const FIRST_CAPACITY_BYTES = 512;
/** Batches smaller than this on average are put together, since each has a header of 61 bytes. */
const SMALL_BATCH_BYTES = 2048;

/**
 * Some batches of a log that follow each other, as one piece of bytes: a log in memory costs its bytes, however small
 * the batches are that it was written in. Where a file holds the log, the bytes may be let go and read again.
 */
export class LogBlock {
  readonly firstOffset: number;
  /** Where it begins in its file. */
  readonly position: number;
  nextOffset: number;
  sizeBytes = 0;
  records = 0;
  maxTimeMs = Number.NEGATIVE_INFINITY;
  /** The batches, and room for more while it is filled. */
  bytes: Uint8Array | undefined;
  /** Where the last reader stopped: the next one mostly goes on from there. */
  #hintOffset: number;
  #hintAt = 0;

  constructor(firstOffset: number, position: number) {
    this.firstOffset = firstOffset;
    this.nextOffset = firstOffset;
    this.position = position;
    this.#hintOffset = firstOffset;
  }

  /** Takes in a batch that stands in the file, without its bytes. */
  note({ start, end, lastOffset, maxTimestampMs, records }: BatchPlace): void {
    this.sizeBytes += end - start;
    this.nextOffset = lastOffset + 1;
    this.records += records;
    if (maxTimestampMs > this.maxTimeMs) this.maxTimeMs = maxTimestampMs;
  }

  /** Whether one more batch of this size goes in. A batch that is larger than a block has one to itself. */
  hasRoom(sizeBytes: number): boolean {
    return this.sizeBytes === 0 || this.sizeBytes + sizeBytes <= BLOCK_BYTES;
  }

  append(batch: RecordBatch): void {
    const { sizeBytes, lastOffset, maxTimestampMs } = batch;
    const kept = this.bytes ?? new Uint8Array(0);
    const neededBytes = this.sizeBytes + sizeBytes;
    if (this.sizeBytes === 0 && sizeBytes >= BLOCK_BYTES / 2 && batch.bytes.buffer.byteLength === sizeBytes) {
      this.bytes = batch.bytes;
    } else {
      if (neededBytes > kept.length) {
        const doubled = Math.min(Math.max(kept.length * 2, FIRST_CAPACITY_BYTES), BLOCK_BYTES);
        this.bytes = new Uint8Array(Math.max(doubled, neededBytes));
        this.bytes.set(kept.subarray(0, this.sizeBytes));
      }
      this.bytes!.set(batch.bytes, this.sizeBytes);
    }
    this.sizeBytes = neededBytes;
    this.nextOffset = lastOffset + 1;
    this.records += batch.count;
    if (maxTimestampMs > this.maxTimeMs) this.maxTimeMs = maxTimestampMs;
  }

  /** Keeps the batches that stand in its first bytes. @param bytes its bytes */
  cutTo(sizeBytes: number, bytes: Uint8Array): void {
    this.sizeBytes = sizeBytes;
    this.#forgetHint();
    const kept = this.read(bytes, this.firstOffset, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    this.records = kept.reduce((sum, batch) => sum + batch.count, 0);
    this.nextOffset = (kept.at(-1)?.lastOffset ?? this.firstOffset - 1) + 1;
  }

  /**
   * Its batches that end at or after `from` and before `to`, until about `maxBytes` are together. @param bytes its
   * bytes
   */
  read(bytes: Uint8Array, from: number, to: number, maxBytes: number): RecordBatch[] {
    const view = new DataView(bytes.buffer, bytes.byteOffset, this.sizeBytes);
    const found: RecordBatch[] = [];
    let at = from >= this.#hintOffset ? this.#hintAt : 0;
    for (let size = 0; at < this.sizeBytes && size < maxBytes; ) {
      const place = placeOf(view, at);
      if (place === undefined || place.lastOffset >= to) break;
      at = place.end;
      if (place.lastOffset < from) continue;
      found.push(new RecordBatch(bytes.subarray(place.start, place.end)));
      size += place.end - place.start;
      this.#hintOffset = place.lastOffset + 1;
      this.#hintAt = at;
    }
    return found;
  }

  /** Makes one batch of many small ones and gives back the room that was left for more. For blocks without a file. */
  pack(): void {
    const bytes = this.bytes!;
    const batches = this.read(bytes, this.firstOffset, this.nextOffset, Number.POSITIVE_INFINITY);
    const merged = this.sizeBytes < batches.length * SMALL_BATCH_BYTES ? merge(batches) : undefined;
    if (merged !== undefined) {
      this.bytes = merged.bytes;
      this.sizeBytes = merged.sizeBytes;
      this.#forgetHint();
    } else if (bytes.length > this.sizeBytes) {
      this.bytes = bytes.slice(0, this.sizeBytes);
    }
  }

  #forgetHint(): void {
    this.#hintOffset = this.firstOffset;
    this.#hintAt = 0;
  }
}

/**
 * The records of all in one batch, with their offsets; undefined where batches say something that one could not say for
 * all.
 */
function merge(batches: readonly RecordBatch[]): RecordBatch | undefined {
  if (batches.length < 2 || batches.some(({ attributes, producerId }) => attributes !== 0 || producerId !== -1))
    return undefined;
  const { baseOffset } = batches[0]!;
  const builder = new RecordBatchBuilder(BLOCK_BYTES);
  let next = baseOffset;
  for (const batch of batches) {
    const cursor = batch.records();
    while (cursor.next()) {
      for (; next < cursor.offset; next++) builder.skip();
      builder.append(cursor.key, cursor.value, cursor.timeMs, cursor.headers);
      next++;
    }
    for (; next <= batch.lastOffset; next++) builder.skip();
  }
  const merged = builder.build();
  merged.baseOffset = baseOffset;
  return merged;
}
