import type { Broker, ReadPosition, TopicPartition } from '../broker/broker.ts';
import type { RecordBatch, RecordCursor } from '../broker/record-batch.ts';

/** About so much of a partition is read at once. */
const READ_BYTES = 1024 * 1024;
/** Others get their turn after so many milliseconds of records that are at hand. */
const TURN_MS = 12;

/** Where a partition is read from and to; `end` is the offset after the last record wanted. */
export interface ReadRange extends ReadPosition {
  readonly end: number;
}

/** Takes a record; the cursor stands on it only until this returns. @returns `false` to stop */
export type VisitRecord = (cursor: RecordCursor, from: TopicPartition) => boolean | undefined;

/**
 * Records of several partitions in the order in which they are met by time: of the next record of each partition the
 * one with the lowest time comes first, and each partition keeps its own order. No more than a few megabytes of each
 * are in memory.
 */
export class MergedRecords {
  readonly #broker: Broker;
  readonly #partitions: PartitionReader[];

  constructor(broker: Broker, ranges: readonly ReadRange[]) {
    this.#broker = broker;
    this.#partitions = ranges.map((range) => new PartitionReader(range));
  }

  /** Has a partition read on to a later end, one that was not known before among them. */
  extend(range: ReadRange): void {
    const known = this.#partitions.find(
      ({ topic, partition }) => topic === range.topic && partition === range.partition,
    );
    if (known === undefined) this.#partitions.push(new PartitionReader(range));
    else known.end = Math.max(known.end, range.end);
  }

  /** Reads up to the ends, or until the visitor or the signal stops it. @throws BrokerError */
  async visit(visitor: VisitRecord, signal?: AbortSignal): Promise<void> {
    const open = [...this.#partitions];
    let turnEndsMs = performance.now() + TURN_MS;
    for (;;) {
      for (let i = open.length - 1; i >= 0; i--)
        if (!open[i]!.hasRecord && !(await open[i]!.fill(this.#broker))) open.splice(i, 1);
      if (open.length === 0 || signal?.aborted) return;
      // Until one of them has to be read on, nothing is waited for.
      for (let isReady = true; isReady; ) {
        const next = earliest(open);
        if (visitor(next.cursor!, next) === false) return next.advance();
        next.advance();
        isReady = next.hasRecord;
        if (performance.now() < turnEndsMs) continue;
        await new Promise<void>((resolve) => setImmediate(resolve));
        if (signal?.aborted) return;
        turnEndsMs = performance.now() + TURN_MS;
      }
    }
  }
}

function earliest(open: readonly PartitionReader[]): PartitionReader {
  let found = open[0]!;
  for (let i = 1; i < open.length; i++) if (open[i]!.cursor!.timeMs < found.cursor!.timeMs) found = open[i]!;
  return found;
}

class PartitionReader implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** The record that comes next, where one is at hand. */
  cursor: RecordCursor | undefined;
  end: number;
  #offset: number;
  #batches: readonly RecordBatch[] = [];
  #nextBatch = 0;

  constructor({ topic, partition, offset, end }: ReadRange) {
    this.topic = topic;
    this.partition = partition;
    this.end = end;
    this.#offset = offset;
  }

  get hasRecord(): boolean {
    return this.cursor !== undefined;
  }

  /** Has the next record at hand. @returns whether there is one before the end */
  async fill(broker: Broker): Promise<boolean> {
    while (this.#offset < this.end) {
      if (this.#stepInBatches()) return true;
      if (this.#offset >= this.end) break;
      const { topic, partition } = this;
      const { batches } = await broker.read({ topic, partition, offset: this.#offset }, READ_BYTES);
      if (batches.length === 0) break;
      this.#batches = batches;
      this.#nextBatch = 0;
    }
    return false;
  }

  /** Steps behind the record at hand. */
  advance(): void {
    const cursor = this.cursor!;
    this.#offset = cursor.offset + 1;
    this.cursor = undefined;
    if (this.#offset >= this.end) this.#reachEnd();
    else if (!this.#take(cursor)) this.#stepInBatches();
  }

  /** Moves to the next record in what was read. */
  #stepInBatches(): boolean {
    while (this.#nextBatch < this.#batches.length) {
      const batch = this.#batches[this.#nextBatch++]!;
      if (batch.lastOffset < this.#offset) continue;
      if (this.#take(batch.records())) return true;
      if (this.#offset >= this.end) return false;
      // Nothing of it is left, as after compaction or of a transaction that was aborted.
      this.#offset = Math.max(this.#offset, batch.lastOffset + 1);
    }
    return false;
  }

  /** Stands on the next record of a batch, where it has one before the end. */
  #take(cursor: RecordCursor): boolean {
    while (cursor.next()) {
      if (cursor.offset < this.#offset) continue;
      if (cursor.offset >= this.end) {
        this.#reachEnd();
        return false;
      }
      this.cursor = cursor;
      return true;
    }
    return false;
  }

  /** There is no record between here and the end; what lies behind is read again should the end move on. */
  #reachEnd(): void {
    this.#offset = this.end;
    this.#batches = [];
    this.#nextBatch = 0;
  }
}
