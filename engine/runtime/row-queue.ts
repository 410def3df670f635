import type { SqlValue } from '../../language/types/sql-type.ts';
import type { RecordPosition } from './processing-log.ts';

/** A row of an answer. A tombstone says that a table's row is gone: only its key columns have values. */
export interface ResultRow {
  readonly values: readonly SqlValue[];
  readonly tombstone: boolean;
  /** Event time, and the record whose processing gave the row; absent where a table was looked up. */
  readonly timeMs?: number;
  readonly cause?: RecordPosition | undefined;
}

/**
 * Rows on their way from a query to its reader. Bounded: `full` tells the writer to hold back until `onDrained` is called, so a
 * slow reader slows its query down instead of filling the memory.
 */
export class RowQueue {
  readonly #highWater: number;
  readonly #limit: number;
  readonly #onDrained: () => void;
  #rows: ResultRow[] = [];
  #written = 0;
  #ended = false;
  #failure: unknown;
  #waiting: (() => void) | undefined;

  /** @param limit after how many rows the answer is complete */
  constructor(highWater: number, limit: number, onDrained: () => void) {
    this.#highWater = highWater;
    this.#limit = limit;
    this.#onDrained = onDrained;
    if (limit <= 0) this.#ended = true;
  }

  get full(): boolean {
    return this.#rows.length >= this.#highWater;
  }

  get limitReached(): boolean {
    return this.#written >= this.#limit;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Adds a row unless the limit is reached. @returns whether more rows are wanted */
  push(row: ResultRow): boolean {
    if (this.#ended) return false;
    this.#rows.push(row);
    this.#written++;
    if (this.#written >= this.#limit) this.#ended = true;
    this.#wake();
    return !this.#ended;
  }

  /** No more rows will come; what is in the queue is still delivered. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The query has failed; the reader learns of it after the rows that are in the queue. */
  fail(error: unknown): void {
    this.#failure ??= error;
    this.end();
  }

  /** All rows that are there, waiting for the first if there is none; undefined at the end. */
  async next(): Promise<readonly ResultRow[] | undefined> {
    while (this.#rows.length === 0) {
      if (this.#ended) {
        if (this.#failure !== undefined) throw this.#failure;
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    const rows = this.#rows;
    const wasFull = this.full;
    this.#rows = [];
    if (wasFull) this.#onDrained();
    return rows;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}
