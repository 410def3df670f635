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

/** The rows, and the time that is remembered as the oldest. */
type Saved = [UnmatchedRow[], number];

/**
 * The rows that wait for a partner until none can come, in the order in which they are given up: by time, then side, then key.
 * They are few (those within the window and the grace period), so they are kept as one list.
 */
export class UnmatchedRows {
  readonly #store: StateStore;
  /** How long after its own time a row of each side is given up; undefined for a side that is not outer. */
  readonly #waitMs: readonly [number | undefined, number | undefined];
  #rows: UnmatchedRow[];
  #oldestMs: number;

  constructor(store: StateStore, waitMs: readonly [number | undefined, number | undefined]) {
    this.#store = store;
    this.#waitMs = waitMs;
    const saved = store.get(KEY) as unknown as Saved | undefined;
    this.#rows = saved?.[0] ?? [];
    this.#oldestMs = saved?.[1] ?? Number.MAX_SAFE_INTEGER;
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
    this.#oldestMs = Math.min(this.#oldestMs, row.timeMs);
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

  /**
   * Takes out the rows that can find no partner any more at this stream time.
   *
   * @param forthMs how far after a row of the side that asks its partners may be: Kafka Streams looks only when the oldest row it
   *   remembers would be given up by that side's measure, and remembers the last row it looked at as the oldest
   *   (KStreamKStreamJoin.emitNonJoinedOuterRecords)
   */
  takeExpired(streamTimeMs: number, forthMs: number): readonly UnmatchedRow[] {
    if (this.#oldestMs >= streamTimeMs - forthMs) return [];
    this.#oldestMs = Number.MAX_SAFE_INTEGER;
    const expired: UnmatchedRow[] = [];
    const mayExpire = this.#waitMs.map((waitMs) => waitMs !== undefined);
    for (const row of this.#rows) {
      this.#oldestMs = row.timeMs;
      if (!mayExpire[0] && !mayExpire[1]) break;
      if (row.timeMs + this.#waitMs[row.side]! >= streamTimeMs) mayExpire[row.side] = false;
      else expired.push(row);
    }
    // With one outer side Kafka Streams looks through all rows, so the last one is what it remembers.
    if (this.#waitMs.includes(undefined) && this.#rows.length > 0) this.#oldestMs = this.#rows.at(-1)!.timeMs;
    if (expired.length > 0) {
      const gone = new Set(expired);
      this.#rows = this.#rows.filter((row) => !gone.has(row));
    }
    this.#save();
    return expired;
  }

  /** The list is one value of the store. Its serializer takes any plain data; SqlValue is the narrower word for it. */
  #save(): void {
    this.#store.put(KEY, [this.#rows, this.#oldestMs] satisfies Saved as never);
  }
}

function compare(a: UnmatchedRow, b: UnmatchedRow): number {
  return a.timeMs - b.timeMs || b.side - a.side || (a.order < b.order ? -1 : a.order > b.order ? 1 : 0);
}
