import type { SqlValue } from '../../language/types/sql-type.ts';
import type { MemoryAccount } from '../memory/memory-budget.ts';
import { valueBytes } from '../memory/value-bytes.ts';
import type { RowPlace } from './cluster/placed-row.ts';
import type { RecordPosition } from './monitoring/processing-log.ts';

/** A row of an answer. A tombstone says that a table's row is gone: only its key columns have values. */
export interface ResultRow {
  readonly values: readonly SqlValue[];
  readonly tombstone: boolean;
  /** Event time, and the record whose processing gave the row; absent where a table was looked up. */
  readonly timeMs?: number;
  readonly cause?: RecordPosition | undefined;
  /** Of a looked-up table: where it stands among the rows of all engines. */
  readonly place?: RowPlace;
  /** The values as an answer's JSON, where another engine has written them, and that engine. */
  readonly json?: string | undefined;
  readonly host?: string | undefined;
}

/** What a row takes besides its values. */
const ROW_BYTES = 120;
/** So much waits for a reader at most, however few rows it is. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Rows on their way from a query to its reader. Bounded: `full` tells the writer to hold back until `onDrained` is
 * called, so a slow reader slows its query down instead of filling the memory.
 */
export class RowQueue {
  readonly #highWater: number;
  readonly #limit: number;
  readonly #onDrained: () => void;
  readonly #account: MemoryAccount | undefined;
  #rows: ResultRow[] = [];
  #sizeBytes = 0;
  /** The writer was told to hold back, and waits to be told to go on. */
  #heldBack = false;
  #written = 0;
  #ended = false;
  #failure: unknown;
  #waiting: (() => void) | undefined;

  /**
   * @param limit after how many rows the answer is complete
   * @param account where the rows that wait are counted
   */
  constructor(highWater: number, limit: number, onDrained: () => void, account?: MemoryAccount) {
    this.#account = account;
    this.#highWater = highWater;
    this.#limit = limit;
    this.#onDrained = onDrained;
    if (limit <= 0) this.#ended = true;
  }

  get full(): boolean {
    const isFull =
      this.#rows.length >= this.#highWater || this.#sizeBytes >= MAX_BYTES || this.#account?.mustStop === true;
    if (isFull) this.#heldBack = true;
    return isFull;
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
    this.#sizeBytes += ROW_BYTES + valueBytes(row.values);
    this.#account?.set(this.#sizeBytes);
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

  /** Nobody reads any more: what is in the queue is dropped. */
  close(): void {
    this.end();
    this.#rows = [];
    this.#account?.close();
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
    this.#rows = [];
    this.#sizeBytes = 0;
    this.#account?.set(0);
    if (this.#heldBack) {
      this.#heldBack = false;
      this.#onDrained();
    }
    return rows;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}
