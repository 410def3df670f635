import type { RecordBatch, RecordCursor } from '../../broker/record-batch.ts';
import type { Change } from '../../operators/operator.ts';
import type { PartitionStart } from './start-positions.ts';

/** What reading a record has given. */
export type ReadRecord = { readonly change: Change | undefined } | { readonly error: unknown };

interface BufferedBatch {
  readonly batch: RecordBatch;
  /** To be called when the batch has been left behind, and all that were fetched with it. */
  readonly release: (() => void) | undefined;
}

/**
 * Records of one partition that were fetched and wait to be processed. The cursor stands on the record to process next;
 * records before `position` (a fetch may begin earlier than asked) are passed over.
 */
export class PartitionBuffer {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the record to process next. */
  position: number;
  /** Offset after the last record that is known to be in the log. */
  endOffset: number;
  sizeBytes = 0;
  /** Records before this offset only bring the state of the query back. */
  readonly rebuiltAt: number;
  /** Where the query began to read this partition when it was new. */
  readonly origin: number;
  readonly #batches: BufferedBatch[] = [];
  #cursor: RecordCursor | undefined;
  #current: BufferedBatch | undefined;
  readonly #extractsTime: boolean;
  #kept: ReadRecord | undefined;
  #headTimeMs: number | undefined;

  /** @param extractsTime whether the query takes the time of records from a column of theirs */
  constructor(topic: string, start: PartitionStart, extractsTime: boolean) {
    const { partition, offset, endOffset, rebuiltAt, origin } = start;
    this.#extractsTime = extractsTime;
    this.topic = topic;
    this.partition = partition;
    this.position = offset;
    this.endOffset = endOffset;
    this.rebuiltAt = rebuiltAt;
    this.origin = origin;
  }

  /**
   * Takes batches, in offset order.
   * @param release called once all of them have been left behind, when nothing that was read of them holds their bytes:
   *   what decoders make of a record is its own
   */
  add(batches: readonly RecordBatch[], release?: () => void): void {
    const last = batches.at(-1);
    for (const batch of batches) {
      if (batch.lastOffset < this.position) continue;
      this.#batches.push({ batch, release: batch === last ? release : undefined });
      this.sizeBytes += batch.sizeBytes;
      this.endOffset = Math.max(this.endOffset, batch.lastOffset + 1);
    }
    if (this.#cursor === undefined) this.#step();
  }

  /** The time of the next record: its own, or what {@link keep} was given; undefined until that has been looked for. */
  get headTimeMs(): number | undefined {
    return this.#headTimeMs ?? (this.#extractsTime ? undefined : this.#cursor?.timeMs);
  }

  /**
   * Keeps what the next record was read as before its turn came, because its time stands in a column. A record that is
   * passed over (no change), or that stops the query, has no time to wait for.
   */
  keep(read: ReadRecord): void {
    this.#kept = read;
    this.#headTimeMs = ('change' in read ? read.change?.timeMs : undefined) ?? Number.NEGATIVE_INFINITY;
  }

  /** What was kept of the next record, if anything was. */
  get kept(): ReadRecord | undefined {
    return this.#kept;
  }

  /** The cursor on the next record; undefined when nothing is buffered. */
  get head(): RecordCursor | undefined {
    return this.#cursor;
  }

  /** Whether the log holds records that were not fetched yet. */
  get awaitsMore(): boolean {
    return this.#cursor === undefined && this.position < this.endOffset;
  }

  /** Whether what comes next was processed by a run before, whose state is to be brought back. */
  get isRebuilding(): boolean {
    return this.position < this.rebuiltAt && (this.#cursor === undefined || this.#cursor.offset < this.rebuiltAt);
  }

  /** Leaves the record under the cursor behind. */
  advance(): void {
    this.position = this.#cursor!.offset + 1;
    this.#kept = undefined;
    this.#headTimeMs = undefined;
    this.#step();
  }

  /** Leaves the records before an offset behind, which another has moved the cursor over. */
  pass(offset: number): void {
    this.position = offset;
    this.#kept = undefined;
    this.#headTimeMs = undefined;
    if (this.#cursor!.left < 0) this.#step();
  }

  clear(): void {
    this.#batches.length = 0;
    this.#cursor = undefined;
    this.#current = undefined;
    this.#kept = undefined;
    this.#headTimeMs = undefined;
    this.sizeBytes = 0;
  }

  /** Puts the cursor on the next record at or after the position. */
  #step(): void {
    for (;;) {
      if (this.#cursor === undefined) {
        const next = this.#batches.shift();
        if (next === undefined) return;
        this.#current = next;
        this.#cursor = next.batch.records();
      }
      while (this.#cursor.next()) if (this.#cursor.offset >= this.position) return;
      // Compaction and transaction markers leave gaps: the position moves on to the end of the batch all the same.
      const { batch, release } = this.#current!;
      this.position = Math.max(this.position, batch.lastOffset + 1);
      this.sizeBytes -= batch.sizeBytes;
      this.#cursor = undefined;
      this.#current = undefined;
      release?.();
    }
  }
}
