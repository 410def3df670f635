import type { AppendFile } from '../../files/append-file.ts';
import { FileError } from '../../files/file-error.ts';
import { BrokerError } from '../broker.ts';
import { emptyBatch, type RecordBatch } from '../record-batch.ts';
import type { BlockCache } from './block-cache.ts';
import { compactSegments } from './compaction.ts';
import type { LogBlock } from './log-block.ts';
import { LogSegment } from './log-segment.ts';
import { abortedTest, ProducerStates } from './producer-states.ts';

/** How much of a log is kept, and what goes beyond that. */
export interface LogLimits {
  readonly maxBytes: number;
  /** Records older than this go; undefined: time drops nothing. */
  readonly retentionMs: number | undefined;
  /** Of each key the newest record is kept, and older ones go when the log is too large. */
  readonly isCompacted: boolean;
  /** Whether the oldest go. */
  readonly isDeleted: boolean;
}

/** Where the segments of one partition are kept besides memory. */
export interface LogFiles {
  /** Bytes of segments that are read again from their files. */
  readonly cache: BlockCache;
  /** Whether what is appended counts only when it is on the disk itself. */
  readonly isSynced: boolean;
  create(firstOffset: number): AppendFile;
  remove(file: AppendFile): void;
  /** Puts a file with just these batches in the place of another. @throws FileError */
  replace(file: AppendFile, batches: readonly RecordBatch[]): AppendFile;
  /** Called for a file that was written to, where {@link isSynced} is false. */
  written(file: AppendFile): void;
}

/** What was dropped to keep to the limits. */
export interface Dropped {
  records: number;
  bytes: number;
  /** What stood before this offset. */
  before: number;
}

/**
 * A segment is at most this long, and a tenth of what its log may hold: files are to be few, and what goes at once
 * little.
 */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_SEGMENT_BYTES = 256 * 1024;

/**
 * One partition: its batches in segments of blocks, in offset order. Without files everything is in memory and costs
 * about its bytes; with files memory holds where things stand, and a cache of what was used last.
 */
export class PartitionLog {
  readonly dropped: Dropped = { records: 0, bytes: 0, before: 0 };
  /** Who wrote with sequence numbers and in transactions. */
  readonly producers: ProducerStates;
  readonly #files: LogFiles | undefined;
  #limits: LogLimits;
  readonly #segmentBytes: number;
  #segments: LogSegment[];
  /** Offset that the next record gets. */
  #end: number;
  /** Records before it may be read: where the disk has to have them first, those that it has. */
  #readable: number;
  #sizeBytes: number;
  /** Above this size it is made smaller. */
  #ceilingBytes: number;
  /** Goes up whenever records that were not on the disk yet are taken back. */
  #rollbacks = 0;

  constructor(
    segments: LogSegment[],
    limits: LogLimits,
    files: LogFiles | undefined,
    producers: ProducerStates = new ProducerStates(),
  ) {
    this.#files = files;
    this.producers = producers;
    this.#limits = limits;
    this.#segmentBytes = Math.min(files === undefined ? MAX_SEGMENT_BYTES : MAX_FILE_BYTES, limits.maxBytes / 10);
    this.#ceilingBytes = limits.maxBytes;
    this.#segments = segments;
    this.#end = segments.at(-1)?.nextOffset ?? 0;
    this.#readable = this.#end;
    this.#sizeBytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  get earliest(): number {
    for (const { blocks } of this.#segments) if (blocks.length > 0) return blocks[0]!.firstOffset;
    return this.#end;
  }

  /** Offset behind the last record that may be read. */
  get latest(): number {
    return this.#readable;
  }

  /** Offset behind the last record of which it is certain whether it counts: before all transactions that are open. */
  get lastStable(): number {
    return Math.min(this.#readable, this.producers.firstOpen);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Other limits from now on. */
  set limits(limits: LogLimits) {
    this.#limits = limits;
    this.#ceilingBytes = limits.maxBytes;
  }

  /**
   * Takes batches in, gives them their offsets, and makes room beyond the limits. They may be read once {@link settled}
   * resolves.
   * @returns the first offset given
   * @throws BrokerError when they cannot be written; then nothing of them is in the log
   */
  append(batches: readonly RecordBatch[]): number {
    const first = this.#end;
    const segment = this.#segmentForMore();
    let next = first;
    for (const batch of batches) {
      if (segment.file === undefined) batch.baseOffset = next;
      else batch.stampOffset(next);
      next = batch.lastOffset + 1;
    }
    this.#write(segment, batches);
    const before = segment.sizeBytes;
    for (const batch of batches) {
      const block = segment.add(batch);
      this.#files?.cache.use(block);
      this.producers.note(batch);
    }
    this.#end = next;
    this.#sizeBytes += segment.sizeBytes - before;
    if (this.#files?.isSynced !== true) this.#readable = next;
    if (this.#sizeBytes > this.#ceilingBytes) this.#shrink();
    return first;
  }

  /**
   * Resolves when what has been appended so far counts, and may be read.
   * @throws BrokerError when the disk refuses it; then it is taken back
   */
  async settled(): Promise<void> {
    const end = this.#end;
    const file = this.#segments.at(-1)?.file;
    if (this.#readable >= end || file === undefined) return;
    const rollbacks = this.#rollbacks;
    try {
      await file.sync();
    } catch (error) {
      if (rollbacks === this.#rollbacks) this.#rollBack();
      throw asBrokerError(error);
    }
    if (rollbacks !== this.#rollbacks)
      throw new BrokerError(`${file.path} could not be flushed to the disk; nothing of it was kept.`, 'storage');
    if (end > this.#readable) this.#readable = end;
  }

  /**
   * Batches from the one that holds `offset` on, until about `maxBytes` are together; at least one where there is any.
   * @throws BrokerError
   */
  read(offset: number, maxBytes: number): RecordBatch[] {
    const found: RecordBatch[] = [];
    if (offset >= this.#readable) return found;
    let size = 0;
    for (let s = this.#segmentOf(offset); s < this.#segments.length; s++) {
      const segment = this.#segments[s]!;
      for (let b = segment.indexOf(offset); b < segment.blocks.length; b++) {
        const block = segment.blocks[b]!;
        if (block.nextOffset <= offset) continue;
        const batches = block.read(this.#bytesOf(segment, block), offset, this.#readable, maxBytes - size);
        for (const batch of batches) {
          found.push(batch);
          size += batch.sizeBytes;
        }
        if (size >= maxBytes) return found;
      }
    }
    return found;
  }

  /**
   * As {@link read}, but only what counts: nothing of transactions that are open, and empty batches for those that were
   * aborted.
   * @throws BrokerError
   */
  readCommitted(offset: number, maxBytes: number): RecordBatch[] {
    const { lastStable } = this;
    const found = this.read(offset, maxBytes);
    while (found.length > 0 && found.at(-1)!.lastOffset >= lastStable) found.pop();
    if (found.length === 0) return found;
    const aborted = this.producers.abortedBetween(found[0]!.baseOffset, lastStable);
    if (aborted.length === 0) return found;
    const isAborted = abortedTest(aborted);
    return found.map((batch) => (isAborted(batch) ? emptyBatch(batch.baseOffset, batch.lastOffset + 1) : batch));
  }

  /**
   * The first record that is not older than a time; undefined where all are.
   * @throws BrokerError
   */
  firstSince(timeMs: number): { readonly offset: number; readonly timeMs: number } | undefined {
    for (const segment of this.#segments) {
      for (const block of segment.blocks) {
        if (block.maxTimeMs < timeMs) continue;
        for (const batch of block.read(this.#bytesOf(segment, block), 0, this.#readable, Number.POSITIVE_INFINITY)) {
          if (batch.isControl || batch.maxTimestampMs < timeMs) continue;
          const cursor = batch.records();
          while (cursor.next()) if (cursor.timeMs >= timeMs) return { offset: cursor.offset, timeMs: cursor.timeMs };
        }
      }
    }
    return undefined;
  }

  /** The time of the newest record; that of all where there is none. */
  get maxTimeMs(): number {
    return this.#segments.reduce((max, { maxTimeMs }) => Math.max(max, maxTimeMs), Number.NEGATIVE_INFINITY);
  }

  /** Drops segments that hold only records from before the time. */
  dropBefore(timeMs: number): void {
    if (!this.#limits.isDeleted) return;
    while (this.#segments.length > 0 && this.#segments[0]!.maxTimeMs < timeMs) {
      if (this.#segments[0]!.blocks.length === 0) return;
      if (this.#segments.length === 1) this.#roll();
      this.#dropFirst();
    }
    // What has old records and takes new ones is closed, so that it can become old as a whole.
    const last = this.#segments.at(-1);
    if (last !== undefined && last.blocks.length > 1 && last.blocks[0]!.maxTimeMs < timeMs) this.#roll();
  }

  /** Drops what its own limit of time says. */
  dropExpired(nowMs: number): void {
    if (this.#limits.retentionMs !== undefined) this.dropBefore(nowMs - this.#limits.retentionMs);
  }

  /**
   * Gives up about so many bytes, though its own limits would keep them: rows of keys that have newer ones, or the
   * oldest.
   */
  giveUp(bytes: number): void {
    const target = this.#sizeBytes - bytes;
    if (this.#limits.isCompacted) this.#compact();
    if (!this.#limits.isDeleted) return;
    if (this.#segments.length === 1) this.#roll();
    while (this.#sizeBytes > target && this.#segments.length > 1) this.#dropFirst();
  }

  #write(segment: LogSegment, batches: readonly RecordBatch[]): void {
    if (segment.file === undefined) return;
    try {
      segment.file.append(batches.map(({ bytes }) => bytes));
      if (!this.#files!.isSynced) this.#files!.written(segment.file);
    } catch (error) {
      throw asBrokerError(error);
    }
  }

  #segmentForMore(): LogSegment {
    const last = this.#segments.at(-1);
    if (last === undefined || last.sizeBytes >= this.#segmentBytes) this.#roll();
    return this.#segments.at(-1)!;
  }

  /**
   * Closes the last segment and begins another. @throws BrokerError when the disk does not take what the last one holds
   */
  #roll(): void {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.blocks.length === 0) return;
    if (last !== undefined) this.#seal(last);
    try {
      this.#segments.push(new LogSegment(this.#end, this.#files?.create(this.#end)));
    } catch (error) {
      throw asBrokerError(error);
    }
  }

  #seal(segment: LogSegment): void {
    if (segment.file === undefined) {
      const before = segment.sizeBytes;
      segment.packLast();
      this.#sizeBytes += segment.sizeBytes - before;
      return;
    }
    try {
      segment.file.syncNow();
    } catch (error) {
      this.#rollBack();
      throw asBrokerError(error);
    }
  }

  /** Takes back what was not on the disk yet. */
  #rollBack(): void {
    this.#rollbacks++;
    const segment = this.#segments.at(-1)!;
    const file = segment.file!;
    segment.cutTo(file.syncedBytes, (block) => this.#bytesOf(segment, block));
    this.#end = segment.nextOffset;
    this.#readable = Math.min(this.#readable, this.#end);
    this.#sizeBytes = this.#segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#learnProducers();
    try {
      file.cutTo(file.syncedBytes);
    } catch {
      // The file takes nothing more until it can be cut; what appends next is told so.
    }
  }

  /** From what is left, as a start does. */
  #learnProducers(): void {
    this.producers.clear();
    for (const segment of this.#segments)
      for (const block of segment.blocks)
        for (const batch of block.read(this.#bytesOf(segment, block), 0, this.#end, Number.POSITIVE_INFINITY))
          this.producers.note(batch);
  }

  #segmentOf(offset: number): number {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#segments[middle]!.firstOffset <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #bytesOf(segment: LogSegment, block: LogBlock): Uint8Array {
    if (block.bytes === undefined) {
      try {
        block.bytes = segment.file!.read(block.position, block.sizeBytes);
      } catch (error) {
        throw asBrokerError(error);
      }
    }
    const { bytes } = block;
    this.#files?.cache.use(block);
    return bytes;
  }

  #shrink(): void {
    if (this.#limits.isCompacted) {
      this.#compact();
      this.#ceilingBytes = Math.max(this.#limits.maxBytes, this.#sizeBytes * 2);
    }
    if (!this.#limits.isDeleted) return;
    while (this.#sizeBytes > this.#limits.maxBytes && this.#segments.length > 1) this.#dropFirst();
  }

  #dropFirst(): void {
    const segment = this.#segments.shift()!;
    this.#sizeBytes -= segment.sizeBytes;
    this.dropped.records += segment.records;
    this.dropped.bytes += segment.sizeBytes;
    this.dropped.before = segment.nextOffset;
    this.producers.dropBefore(segment.nextOffset);
    this.#forget(segment);
  }

  #forget(segment: LogSegment): void {
    for (const block of segment.blocks) this.#files?.cache.forget(block);
    if (segment.file !== undefined) this.#files!.remove(segment.file);
  }

  /**
   * Runs again when the log has doubled, so that its cost stays in proportion to what is appended. Where the disk is
   * full it is left.
   */
  #compact(): void {
    try {
      this.#roll();
      const compacted = compactSegments(
        this.#segments,
        (segment, block) => block.bytes ?? segment.file!.read(block.position, block.sizeBytes),
        this.#segmentBytes,
        this,
      );
      for (const { from, batches } of compacted) this.#replace(from, batches);
    } catch (error) {
      if (!(error instanceof FileError || error instanceof BrokerError)) throw error;
    }
    this.#sizeBytes = this.#segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /**
   * One segment with the batches in the place of some that follow each other. A crash between leaves what is passed
   * over at the start.
   */
  #replace(from: readonly LogSegment[], batches: readonly RecordBatch[]): void {
    const [first, ...others] = from as [LogSegment, ...LogSegment[]];
    const at = this.#segments.indexOf(first);
    if (batches.length === 0) {
      this.#segments.splice(at, from.length);
      for (const segment of from) this.#forget(segment);
      return;
    }
    const file = first.file === undefined ? undefined : this.#files!.replace(first.file, batches);
    const segment = new LogSegment(first.firstOffset, file);
    for (const batch of batches) segment.add(batch);
    if (file === undefined) segment.packLast();
    else for (const block of segment.blocks) block.bytes = undefined;
    this.#segments.splice(at, from.length, segment);
    for (const block of first.blocks) this.#files?.cache.forget(block);
    for (const other of others) this.#forget(other);
  }
}

function asBrokerError(error: unknown): unknown {
  return error instanceof FileError ? new BrokerError(error.message, 'storage', { cause: error }) : error;
}
