import type { PartitionBuffer } from './partition-buffer.ts';

/** How long a join waits for records that a log seems to hold; it may hold none (transaction markers, compaction). */
const MAX_IDLE_MS = 500;

export interface PartitionChoiceOptions {
  /** Whether records have to be brought into the order of their times. */
  readonly inTimeOrder: boolean;
  readonly isTable: (topic: string) => boolean;
  /**
   * Finds out the time of the next record of a partition where it stands in a column.
   * @returns undefined when the record's turn must come at once, for what it has to tell
   */
  readonly readTime: (buffer: PartitionBuffer) => number | undefined;
  /** Called when a wait has lasted long enough. */
  readonly wake: () => void;
}

/** Decides from which partition a query takes its next record. */
export class PartitionChoice {
  readonly #buffers: readonly PartitionBuffer[];
  readonly #options: PartitionChoiceOptions;
  /** The records of the partition that was chosen last come first as long as they are older. */
  untilMs = Number.POSITIVE_INFINITY;
  #turn = 0;
  #rebuilt = false;
  #idleSinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(buffers: readonly PartitionBuffer[], options: PartitionChoiceOptions) {
    this.#buffers = buffers;
    this.#options = options;
  }

  /** The buffer whose record is to be processed next; undefined when there is none, or one has to be waited for. */
  next(): PartitionBuffer | undefined {
    return this.#options.inTimeOrder ? this.#nextInTime() : this.#nextInTurn();
  }

  /**
   * Whether the query still reads what a run before has processed. All partitions come to where that run stood before
   * one goes on beyond, so that the state is then as it was.
   */
  get isRebuilding(): boolean {
    this.#rebuilt ||= !this.#buffers.some((buffer) => buffer.isRebuilding);
    return !this.#rebuilt;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Where the order does not matter, the partitions are independent: each in turn, for as long as it has records. */
  #nextInTurn(): PartitionBuffer | undefined {
    const buffers = this.#buffers;
    const rebuilding = this.isRebuilding;
    for (let tried = 0; tried < buffers.length; tried++) {
      const buffer = buffers[this.#turn % buffers.length]!;
      if (buffer.head !== undefined && (!rebuilding || buffer.isRebuilding)) return buffer;
      this.#turn++;
    }
    return undefined;
  }

  /** The earliest record goes first; of records with the same time, a table's. */
  #nextInTime(): PartitionBuffer | undefined {
    let earliest: PartitionBuffer | undefined;
    let waiting = false;
    this.untilMs = Number.POSITIVE_INFINITY;
    const rebuilding = this.isRebuilding;
    for (const buffer of this.#buffers) {
      if (rebuilding && !buffer.isRebuilding) continue;
      if (buffer.head === undefined) {
        waiting ||= buffer.awaitsMore;
      } else if (earliest === undefined) {
        earliest = buffer;
      } else {
        const isBefore = this.#isBefore(buffer, earliest);
        this.untilMs = Math.min(this.untilMs, this.#timeMs(isBefore ? earliest : buffer));
        if (isBefore) earliest = buffer;
      }
    }
    if (earliest === undefined || !waiting) {
      this.#idleSinceMs = undefined;
      return earliest;
    }
    this.untilMs = Number.NEGATIVE_INFINITY;
    return this.#idledLongEnough() ? earliest : undefined;
  }

  #isBefore(a: PartitionBuffer, b: PartitionBuffer): boolean {
    const aMs = this.#timeMs(a);
    const bMs = this.#timeMs(b);
    if (aMs !== bMs) return aMs < bMs;
    return this.#options.isTable(a.topic) && !this.#options.isTable(b.topic);
  }

  #timeMs(buffer: PartitionBuffer): number {
    return buffer.headTimeMs ?? this.#options.readTime(buffer) ?? Number.NEGATIVE_INFINITY;
  }

  #idledLongEnough(): boolean {
    const nowMs = performance.now();
    this.#idleSinceMs ??= nowMs;
    if (nowMs - this.#idleSinceMs < MAX_IDLE_MS) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#options.wake();
      }, MAX_IDLE_MS);
      return false;
    }
    for (const buffer of this.#buffers) if (buffer.awaitsMore) buffer.endOffset = buffer.position;
    return true;
  }
}
