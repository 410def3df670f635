import type { StateStore } from '../state/state-store.ts';
import type { Row } from './operator.ts';
import { StreamTime } from './stream-time.ts';

/** A row that waits for partners: its time and the row. */
export type WaitingRow = readonly [timeMs: number, row: Row];

/** Rows that were put in are looked over for expired ones after this many puts. */
const SWEEP_EVERY = 10_000;

/**
 * The rows of one side of a stream-stream join, by join key and time. A row is there while its time is later than the latest time
 * ever put into this same side, minus the retention.
 */
export class JoinWindow {
  readonly #store: StateStore;
  readonly #retentionMs: number;
  readonly #latest: StreamTime;
  #puts = 0;

  constructor(store: StateStore, timeStore: StateStore, retentionMs: number) {
    this.#store = store;
    this.#retentionMs = retentionMs;
    this.#latest = new StreamTime(timeStore);
  }

  put(key: string, timeMs: number, row: Row): void {
    this.#latest.advance(timeMs);
    const rows = this.#alive((this.#store.get(key) as readonly WaitingRow[] | undefined) ?? []);
    let at = rows.length;
    while (at > 0 && rows[at - 1]![0] > timeMs) at--;
    rows.splice(at, 0, [timeMs, row]);
    this.#store.put(key, rows);
    if (++this.#puts % SWEEP_EVERY === 0) this.#sweep();
  }

  /** The rows of a key whose times are within the bounds (both included), by time, those of one time in the order they came. */
  find(key: string, fromMs: number, toMs: number): readonly WaitingRow[] {
    const rows = this.#store.get(key) as readonly WaitingRow[] | undefined;
    if (rows === undefined) return [];
    const earliestMs = Math.max(fromMs, this.#latest.timeMs - this.#retentionMs + 1);
    return rows.filter(([timeMs]) => timeMs >= earliestMs && timeMs <= toMs);
  }

  #alive(rows: readonly WaitingRow[]): WaitingRow[] {
    const limitMs = this.#latest.timeMs - this.#retentionMs;
    return rows.filter(([timeMs]) => timeMs > limitMs);
  }

  #sweep(): void {
    for (const [key, rows] of this.#store.entries()) {
      const alive = this.#alive(rows as readonly WaitingRow[]);
      if (alive.length === 0) this.#store.delete(key);
      else if (alive.length < (rows as readonly WaitingRow[]).length) this.#store.put(key, alive);
    }
  }
}
