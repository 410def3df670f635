import type { StateStore } from '../state/state-store.ts';
import type { Row, Window } from './operator.ts';

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

const KEY = 'rows';

/**
 * The rows that wait for a partner until none can come, in the order in which they are given up: by time, then side, then key.
 * They are few (those within the window and the grace period), so they are kept as one list.
 */
export class UnmatchedRows {
  readonly #store: StateStore;
  /** How long after its own time a row of each side is given up. */
  readonly #waitMs: readonly [number, number];
  #rows: UnmatchedRow[];

  constructor(store: StateStore, waitMs: readonly [number, number]) {
    this.#store = store;
    this.#waitMs = waitMs;
    this.#rows = (store.get(KEY) as unknown as UnmatchedRow[] | undefined) ?? [];
  }

  add(row: UnmatchedRow): void {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#rows[middle]!, row) <= 0) low = middle + 1;
      else high = middle;
    }
    this.#rows.splice(low, 0, row);
    this.#save();
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
    const kept = this.#rows.slice(low, end).filter((row) => row.side !== side || row.text !== text);
    if (kept.length === end - low) return;
    this.#rows.splice(low, end - low, ...kept);
    this.#save();
  }

  /** Takes out the rows that can find no partner any more at this stream time. */
  takeExpired(streamTimeMs: number): readonly UnmatchedRow[] {
    const shortest = Math.min(...this.#waitMs);
    if (this.#rows.length === 0 || this.#rows[0]!.timeMs + shortest >= streamTimeMs) return [];
    const isExpired = (row: UnmatchedRow) => row.timeMs + this.#waitMs[row.side]! < streamTimeMs;
    const expired = this.#rows.filter(isExpired);
    if (expired.length === 0) return expired;
    this.#rows = this.#rows.filter((row) => !isExpired(row));
    this.#save();
    return expired;
  }

  /** The list is one value of the store. Its serializer takes any plain data; SqlValue is the narrower word for it. */
  #save(): void {
    this.#store.put(KEY, this.#rows as never);
  }
}

function compare(a: UnmatchedRow, b: UnmatchedRow): number {
  return a.timeMs - b.timeMs || a.side - b.side || (a.order < b.order ? -1 : a.order > b.order ? 1 : 0);
}
