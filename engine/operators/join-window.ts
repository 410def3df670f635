import type { LoggedRow, RowLog } from '../state/row-log.ts';
import type { StateStore } from '../state/state-store.ts';
import { RESTORED_AT_ONCE, type Row } from './operator.ts';
import { StreamTime } from './stream-time.ts';

/** A row that waits for partners. */
export type WaitingRow = Pick<LoggedRow, 'timeMs' | 'row'>;

/** The rows of a key, of both sides: by time, and those of one time in the order they came. Some may have expired. */
export type KeyRows = readonly [left: LoggedRow[], right: LoggedRow[]];

export type Side = 0 | 1;

/** All rows are looked over for expired ones after so many puts at least, and as many as there are rows. */
const MIN_PUTS_PER_SWEEP = 10_000;

/** What there is of each side. */
interface SideRows {
  readonly log: RowLog;
  /** The latest time ever put into this side. */
  readonly latest: StreamTime;
  untilSweep: number;
}

/**
 * The rows of a stream-stream join, by join key, side and time. A row is there while its time is later than the latest
 * time ever put into its own side, minus the retention. The log of a side has an entry for each row: a key may have any
 * number of them.
 */
export class JoinWindow {
  readonly #sides: readonly [SideRows, SideRows];
  readonly #retentionMs: number;
  readonly #keys = new Map<string, KeyRows>();
  readonly #found: WaitingRow[] = [];

  constructor(sides: readonly [readonly [RowLog, StateStore], readonly [RowLog, StateStore]], retentionMs: number) {
    const side = ([log, timeStore]: readonly [RowLog, StateStore]): SideRows => ({
      log,
      latest: new StreamTime(timeStore),
      untilSweep: Math.max(MIN_PUTS_PER_SWEEP, log.size),
    });
    this.#sides = [side(sides[0]), side(sides[1])];
    this.#retentionMs = retentionMs;
  }

  /** Finds the rows of earlier runs again, in slices (see {@link Operator.restore}). */
  *restore(): Iterable<void> {
    let count = 0;
    for (const side of [0, 1] as const) {
      for (const row of this.#sides[side].log.rows()) {
        this.rowsOf(row.key)[side].push(row);
        if (++count % RESTORED_AT_ONCE === 0) yield;
      }
    }
    // The logs have them by number. To sort each key's by themselves takes no longer than all at once, and can be
    // interrupted.
    for (const sides of this.#keys.values()) {
      for (const rows of sides) {
        rows.sort((a, b) => a.timeMs - b.timeMs || a.number - b.number);
        count += rows.length;
      }
      if (count < RESTORED_AT_ONCE) continue;
      count = 0;
      yield;
    }
  }

  /** The rows of a key, which are there from now on: to be asked for before each put, which may forget keys. */
  rowsOf(key: string): KeyRows {
    let rows = this.#keys.get(key);
    if (rows === undefined) {
      rows = [[], []];
      this.#keys.set(key, rows);
    }
    return rows;
  }

  /** @param sides those of the key */
  put(side: Side, key: string, sides: KeyRows, timeMs: number, row: Row): void {
    const { log, latest } = this.#sides[side];
    latest.advance(timeMs);
    const rows = sides[side];
    const logged = log.append(key, timeMs, row);
    if (rows.length === 0 || rows[rows.length - 1]!.timeMs <= timeMs) rows.push(logged);
    else rows.splice(countUntil(rows, timeMs), 0, logged);
    const expired = this.#countExpired(side, rows);
    // Half of the list at a time, so that each row is moved but a few times.
    if (expired * 2 > rows.length) this.#drop(side, rows, expired);
    if (--this.#sides[side].untilSweep <= 0) this.#sweep(side, sides);
  }

  /**
   * The rows of a side whose times are within the bounds (both included), by time, those of one time in the order they
   * came. The list is the next call's, too.
   */
  find(side: Side, sides: KeyRows, fromMs: number, toMs: number): readonly WaitingRow[] {
    const found = this.#found;
    found.length = 0;
    const rows = sides[side];
    const earliestMs = Math.max(fromMs, this.#sides[side].latest.timeMs - this.#retentionMs + 1);
    for (let i = countBefore(rows, earliestMs); i < rows.length && rows[i]!.timeMs <= toMs; i++) found.push(rows[i]!);
    return found;
  }

  #countExpired(side: Side, rows: readonly WaitingRow[]): number {
    return countUntil(rows, this.#sides[side].latest.timeMs - this.#retentionMs);
  }

  #drop(side: Side, rows: LoggedRow[], count: number): void {
    const { log } = this.#sides[side];
    for (let i = 0; i < count; i++) log.drop(rows[i]!);
    rows.splice(0, count);
  }

  /** @param inUse rows of a key that stay, though there may be none */
  #sweep(side: Side, inUse: KeyRows): void {
    for (const [key, sides] of this.#keys) {
      const expired = this.#countExpired(side, sides[side]);
      if (expired > 0) this.#drop(side, sides[side], expired);
      if (sides[0].length === 0 && sides[1].length === 0 && sides !== inUse) this.#keys.delete(key);
    }
    this.#sides[side].untilSweep = Math.max(MIN_PUTS_PER_SWEEP, this.#sides[side].log.size);
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
