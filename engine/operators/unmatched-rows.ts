import type { SqlValue } from '../../language/types/sql-type.ts';
import type { StateStore } from '../state/state-store.ts';
import { RESTORED_AT_ONCE, type Row, type Window } from './operator.ts';

/** A row of an outer side that has found no partner yet. */
export interface UnmatchedRow {
  /** The join key as the join's own windows know it. */
  readonly text: string;
  readonly side: 0 | 1;
  readonly timeMs: number;
  readonly row: Row;
  readonly key: Row;
  readonly window: Window | undefined;
  /** The key's place in the order of key bytes. */
  readonly order: string;
}

/** Under this key stands the time that is remembered as the oldest; rows stand under their number. */
const OLDEST = 'oldest';

/** What the store holds for a row: a row's window is its start and end, or there is none. */
type Saved = readonly [
  text: string,
  side: 0 | 1,
  timeMs: number,
  row: Row,
  key: Row,
  window: readonly [number, number] | null,
  order: string,
];

interface NumberedRow extends UnmatchedRow {
  /** Rows are numbered as they come, so that those of one place keep their order over a restart. */
  readonly number: number;
}

/**
 * The rows that wait for a partner until none can come, in the order in which they are given up: by time, then side,
 * then key. They are few (those within the window and the grace period), so a list keeps their order; the store has an
 * entry for each.
 */
export class UnmatchedRows {
  readonly #store: StateStore;
  /** How long after its own time a row of each side is given up; undefined for a side that is not outer. */
  readonly #waitMs: readonly [number | undefined, number | undefined];
  #rows: NumberedRow[] = [];
  #next = 0;
  #oldestMs: number;

  constructor(store: StateStore, waitMs: readonly [number | undefined, number | undefined]) {
    this.#store = store;
    this.#waitMs = waitMs;
    this.#oldestMs = (store.get(OLDEST) as number | undefined) ?? Number.MAX_SAFE_INTEGER;
  }

  /** Finds the rows of earlier runs again, in slices (see {@link Operator.restore}). */
  *restore(): Iterable<void> {
    let count = 0;
    for (const [text, value] of this.#store.entries()) {
      if (text === OLDEST) continue;
      const number = Number(text);
      this.#rows.push(restored(number, value));
      this.#next = Math.max(this.#next, number + 1);
      if (++count % RESTORED_AT_ONCE === 0) yield;
    }
    this.#rows.sort((a, b) => compare(a, b) || a.number - b.number);
  }

  add(row: UnmatchedRow): void {
    const { text, side, timeMs, key, window, order } = row;
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#rows[middle]!, row) <= 0) low = middle + 1;
      else high = middle;
    }
    const number = this.#next++;
    this.#rows.splice(low, 0, { ...row, number });
    const saved: Saved = [text, side, timeMs, row.row, key, window ? [window.startMs, window.endMs] : null, order];
    this.#store.put(String(number), saved);
    if (timeMs < this.#oldestMs) this.#remember(timeMs);
  }

  /** A partner came: the rows of this key, side and time wait no more. */
  remove(text: string, side: 0 | 1, timeMs: number): void {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rows[middle]!.timeMs < timeMs) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (end < this.#rows.length && this.#rows[end]!.timeMs === timeMs) end++;
    const kept: NumberedRow[] = [];
    for (let i = low; i < end; i++) {
      const row = this.#rows[i]!;
      if (row.side === side && row.text === text) this.#store.delete(String(row.number));
      else kept.push(row);
    }
    if (kept.length < end - low) this.#rows.splice(low, end - low, ...kept);
  }

  /**
   * Takes out the rows that can find no partner any more at this stream time.
   *
   * @param forthMs how far after a row of the side that asks its partners may be: Kafka Streams looks only when the
   * oldest row it remembers would be given up by that side's measure, and remembers the last row it looked at as the
   * oldest (KStreamKStreamJoin.emitNonJoinedOuterRecords)
   */
  takeExpired(streamTimeMs: number, forthMs: number): readonly UnmatchedRow[] {
    if (this.#oldestMs >= streamTimeMs - forthMs) return [];
    let oldestMs = Number.MAX_SAFE_INTEGER;
    const expired = new Set<NumberedRow>();
    const mayExpire = this.#waitMs.map((waitMs) => waitMs !== undefined);
    for (const row of this.#rows) {
      oldestMs = row.timeMs;
      if (!mayExpire[0] && !mayExpire[1]) break;
      if (row.timeMs + this.#waitMs[row.side]! >= streamTimeMs) mayExpire[row.side] = false;
      else expired.add(row);
    }
    // With one outer side Kafka Streams looks through all rows, so the last one is what it remembers.
    if (this.#waitMs.includes(undefined) && this.#rows.length > 0) oldestMs = this.#rows.at(-1)!.timeMs;
    if (expired.size > 0) this.#rows = this.#rows.filter((row) => !expired.has(row));
    for (const { number } of expired) this.#store.delete(String(number));
    this.#remember(oldestMs);
    return [...expired];
  }

  #remember(oldestMs: number): void {
    this.#oldestMs = oldestMs;
    this.#store.put(OLDEST, oldestMs);
  }
}

function restored(number: number, value: SqlValue): NumberedRow {
  const [text, side, timeMs, row, key, bounds, order] = value as unknown as Saved;
  const window = bounds === null ? undefined : { startMs: bounds[0], endMs: bounds[1] };
  return { number, text, side, timeMs, row, key, window, order };
}

function compare(a: UnmatchedRow, b: UnmatchedRow): number {
  return a.timeMs - b.timeMs || b.side - a.side || (a.order < b.order ? -1 : a.order > b.order ? 1 : 0);
}
