import { compactBatches } from './compaction.ts';
import type { RecordBatch } from './record-batch.ts';

/** Where the batches of one partition are kept besides memory. */
export interface LogFile {
  append(batches: readonly RecordBatch[]): void;
  /** Rewrites the file so that it holds just these batches. */
  replace(batches: readonly RecordBatch[]): void;
}

/** What a batch takes besides its bytes: its object, and V8's for a piece of memory of its own. */
const BATCH_OVERHEAD_BYTES = 600;

/**
 * One partition in memory: its batches as they came, in offset order. A topic costs its bytes and one small object per batch.
 */
export class PartitionLog {
  #batches: RecordBatch[];
  /** First offset of each batch, for the binary search. */
  #firsts: number[];
  #next: number;
  #sizeBytes: number;
  readonly #maxBytes: number;
  /** What does not fit goes: the oldest batches, or where keys are kept, the records whose key has a newer one. */
  readonly #isCompacted: boolean;
  /** Above this size it is made smaller. */
  #ceilingBytes: number;
  readonly #file: LogFile | undefined;

  constructor(batches: RecordBatch[], maxBytes: number, isCompacted: boolean, file: LogFile | undefined) {
    this.#batches = batches;
    this.#firsts = batches.map((batch) => batch.baseOffset);
    this.#next = batches.length === 0 ? 0 : batches[batches.length - 1]!.lastOffset + 1;
    this.#sizeBytes = batches.reduce((sum, batch) => sum + batch.sizeBytes, 0);
    this.#maxBytes = maxBytes;
    this.#ceilingBytes = maxBytes;
    this.#isCompacted = isCompacted;
    this.#file = file;
  }

  get earliest(): number {
    return this.#firsts[0] ?? this.#next;
  }

  get latest(): number {
    return this.#next;
  }

  /** About what the log takes in memory. */
  get heldBytes(): number {
    return this.#sizeBytes + this.#batches.length * BATCH_OVERHEAD_BYTES;
  }

  /** Gives up at least so many bytes, if there are: rows of keys that have newer ones, or the oldest batches. @returns how many records went */
  giveUp(bytes: number): number {
    const before = this.#batches.reduce((sum, batch) => sum + batch.count, 0);
    if (this.#isCompacted) this.#compact();
    else this.#dropOldest(Math.max(0, this.#sizeBytes - bytes));
    return before - this.#batches.reduce((sum, batch) => sum + batch.count, 0);
  }

  /** Takes batches in, gives them their offsets, and makes room beyond the ceiling. Returns the first offset given. */
  append(batches: readonly RecordBatch[]): number {
    const first = this.#next;
    for (const batch of batches) {
      batch.baseOffset = this.#next;
      this.#batches.push(batch);
      this.#firsts.push(this.#next);
      this.#next = batch.lastOffset + 1;
      this.#sizeBytes += batch.sizeBytes;
    }
    this.#file?.append(batches);
    if (this.#sizeBytes > this.#ceilingBytes) {
      if (this.#isCompacted) this.#compact();
      else this.#dropOldest();
    }
    return first;
  }

  /** Batches from the one that holds `offset` on, until about `maxBytes` are together; at least one where there is any. */
  read(offset: number, maxBytes: number): RecordBatch[] {
    let index = this.#indexOf(offset);
    // The batch may end before the offset where compaction has left a gap.
    if (index < this.#batches.length && this.#batches[index]!.lastOffset < offset) index++;
    const found: RecordBatch[] = [];
    for (let size = 0; index < this.#batches.length && (found.length === 0 || size < maxBytes); index++) {
      const batch = this.#batches[index]!;
      found.push(batch);
      size += batch.sizeBytes;
    }
    return found;
  }

  #indexOf(offset: number): number {
    if (offset >= this.#next) return this.#batches.length;
    let low = 0;
    let high = this.#firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#firsts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** A tenth more than needed goes at once, so that the arrays are not shifted with every append. */
  #dropOldest(target = this.#maxBytes * 0.9): void {
    let dropped = 0;
    for (let left = this.#sizeBytes; left > target && dropped < this.#batches.length - 1; dropped++) {
      left -= this.#batches[dropped]!.sizeBytes;
    }
    if (dropped === 0) return;
    this.#replace(this.#batches.slice(dropped));
  }

  /** Runs again when the log has doubled, so that its cost stays in proportion to what is appended. */
  #compact(): void {
    this.#replace(compactBatches(this.#batches));
    this.#ceilingBytes = Math.max(this.#maxBytes, this.#sizeBytes * 2);
  }

  #replace(batches: RecordBatch[]): void {
    this.#batches = batches;
    this.#firsts = batches.map((batch) => batch.baseOffset);
    this.#sizeBytes = batches.reduce((sum, batch) => sum + batch.sizeBytes, 0);
    this.#file?.replace(batches);
  }
}
