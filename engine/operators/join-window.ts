import type { StateStore } from '../state/state-store.ts';
import { RESTORED_AT_ONCE, type Row } from './operator.ts';
import { StreamTime } from './stream-time.ts';

/** A row that waits for partners. */
export interface WaitingRow {
  readonly timeMs: number;
  readonly row: Row;
}

interface NumberedRow extends WaitingRow {
  /** Rows are numbered as they come; the store has each under its number. */
  readonly number: number;
}

/** What the store holds for a row. */
type Saved = readonly [key: string, timeMs: number, row: Row];

/** All rows are looked over for expired ones after so many puts at least, and as many as there are rows. */
const MIN_PUTS_PER_SWEEP = 10_000;

/**
 * The rows of one side of a stream-stream join, by join key and time. A row is there while its time is later than the
 * latest time ever put into this same side, minus the retention. The store has an entry for each row: a key may have
 * any number of them.
 */
export class JoinWindow {
  readonly #store: StateStore;
  readonly #retentionMs: number;
  readonly #latest: StreamTime;
  /** By key: by time, and those of one time in the order they came. Some may have expired. */
  readonly #rows = new Map<string, NumberedRow[]>();
  #next = 0;
  #untilSweep: number;

  constructor(store: StateStore, timeStore: StateStore, retentionMs: number) {
    this.#store = store;
    this.#retentionMs = retentionMs;
    this.#latest = new StreamTime(timeStore);
    this.#untilSweep = this.#putsPerSweep();
  }

  /** Finds the rows of earlier runs again, in slices (see {@link Operator.restore}). */
  *restore(): Iterable<void> {
    let count = 0;
    for (const [text, value] of this.#store.entries()) {
      const [key, timeMs, row] = value as unknown as Saved;
      const number = Number(text);
      this.#rowsOf(key).push({ number, timeMs, row });
      this.#next = Math.max(this.#next, number + 1);
      if (++count % RESTORED_AT_ONCE === 0) yield;
    }
    // The store has them in no order. To sort each key's by themselves takes no longer than all at once, and can be
    // interrupted.
    for (const rows of this.#rows.values()) {
      rows.sort((a, b) => a.timeMs - b.timeMs || a.number - b.number);
      count += rows.length;
      if (count < RESTORED_AT_ONCE) continue;
      count = 0;
      yield;
    }
  }

  put(key: string, timeMs: number, row: Row): void {
    this.#latest.advance(timeMs);
    const number = this.#next++;
    const rows = this.#insert(key, { number, timeMs, row });
    this.#store.put(String(number), [key, timeMs, row] satisfies Saved);
    const expired = this.#countExpired(rows);
    // Half of the list at a time, so that each row is moved but a few times.
    if (expired * 2 > rows.length) this.#drop(key, rows, expired);
    if (--this.#untilSweep <= 0) this.#sweep();
  }

  /**
   * The rows of a key whose times are within the bounds (both included), by time, those of one time in the order they
   * came.
   */
  find(key: string, fromMs: number, toMs: number): readonly WaitingRow[] {
    const rows = this.#rows.get(key);
    if (rows === undefined) return [];
    const earliestMs = Math.max(fromMs, this.#latest.timeMs - this.#retentionMs + 1);
    return rows.slice(countBefore(rows, earliestMs), countUntil(rows, toMs));
  }

  #rowsOf(key: string): NumberedRow[] {
    let rows = this.#rows.get(key);
    if (rows === undefined) {
      rows = [];
      this.#rows.set(key, rows);
    }
    return rows;
  }

  #insert(key: string, row: NumberedRow): NumberedRow[] {
    const rows = this.#rowsOf(key);
    if (rows.length === 0 || rows.at(-1)!.timeMs <= row.timeMs) rows.push(row);
    else rows.splice(countUntil(rows, row.timeMs), 0, row);
    return rows;
  }

  #countExpired(rows: readonly WaitingRow[]): number {
    return countUntil(rows, this.#latest.timeMs - this.#retentionMs);
  }

  #drop(key: string, rows: NumberedRow[], count: number): void {
    for (const { number } of rows.splice(0, count)) this.#store.delete(String(number));
    if (rows.length === 0) this.#rows.delete(key);
  }

  #sweep(): void {
    for (const [key, rows] of this.#rows) {
      const expired = this.#countExpired(rows);
      if (expired > 0) this.#drop(key, rows, expired);
    }
    this.#untilSweep = this.#putsPerSweep();
  }

  #putsPerSweep(): number {
    return Math.max(MIN_PUTS_PER_SWEEP, this.#store.size);
  }
}

/** How many rows are earlier than a time. */
function countBefore(rows: readonly WaitingRow[], timeMs: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.timeMs < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many rows are at a time or earlier; times are whole milliseconds. */
const countUntil = (rows: readonly WaitingRow[], timeMs: number): number => countBefore(rows, timeMs + 1);
