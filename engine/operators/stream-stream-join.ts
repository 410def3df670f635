import type { JoinType } from '../../language/query/analyzed.ts';
import { DAY_MS } from '../../language/types/time-units.ts';
import { storeKey, timeBytes } from '../state/key-codec.ts';
import type { RowLog } from '../state/row-log.ts';
import type { StateStore } from '../state/state-store.ts';
import { JoinWindow } from './join-window.ts';
import type { Change, Emit, Header, Operator, Row, Window } from './operator.ts';
import type { JoinRow } from './stream-table-join.ts';
import { StreamTime } from './stream-time.ts';
import { UnmatchedRows } from './unmatched-rows.ts';

export interface StreamStreamJoinOptions {
  readonly type: JoinType;
  /** right.time is within [left.time - beforeMs, left.time + afterMs]. */
  readonly beforeMs: number;
  readonly afterMs: number;
  /** Absent: rows without a partner come out padded at once, and again when a partner comes (ksqlDB's old way). */
  readonly graceMs: number | undefined;
  readonly keyOf: readonly [left: (row: Row) => Row, right: (row: Row) => Row];
  readonly joinRow: JoinRow;
  readonly orderOf: (key: Row) => string;
  readonly openStore: (name: string) => StateStore;
  readonly openRows: (name: string) => RowLog;
}

/**
 * A stream-stream join: a row is joined, when it comes, with the rows of the other side that are near enough in time.
 * With GRACE PERIOD rows of an outer side that found no partner wait until none can come any more (execution-semantics
 * §7).
 */
export class StreamStreamJoin implements Operator {
  readonly #options: StreamStreamJoinOptions;
  readonly #window: JoinWindow;
  readonly #streamTime: StreamTime;
  readonly #unmatched: UnmatchedRows | undefined;
  readonly #isOuter: readonly [boolean, boolean];

  constructor(declared: StreamStreamJoinOptions) {
    // ksqlDB makes a RIGHT join a LEFT join of the sides swapped, but not of the bounds: they then are about the right
    // row.
    const options =
      declared.type === 'RIGHT' ? { ...declared, beforeMs: declared.afterMs, afterMs: declared.beforeMs } : declared;
    const { type, beforeMs, afterMs, graceMs, openStore, openRows } = options;
    this.#options = options;
    const retentionMs = beforeMs + afterMs + (graceMs ?? Math.max(DAY_MS - 2 * declared.beforeMs, 0));
    const side = (name: string) => [openRows(name), openStore(`${name}-time`)] as const;
    this.#window = new JoinWindow([side('this'), side('other')], retentionMs);
    this.#streamTime = new StreamTime(openStore('time'));
    this.#isOuter = [type === 'LEFT' || type === 'FULL', type === 'RIGHT' || type === 'FULL'];
    if (graceMs !== undefined && type !== 'INNER') {
      const [left, right] = this.#isOuter;
      this.#unmatched = new UnmatchedRows(openStore('shared'), [
        left ? afterMs + graceMs : undefined,
        right ? beforeMs + graceMs : undefined,
      ]);
    }
  }

  *restore(): Iterable<void> {
    yield* this.#window.restore();
    if (this.#unmatched !== undefined) yield* this.#unmatched.restore();
  }

  process(change: Change, input: number, emit: Emit): void {
    const { after: row, timeMs, headers, window } = change;
    this.#streamTime.advance(timeMs);
    if (row === null) return;
    const side = input === 0 ? 0 : 1;
    const key = this.#options.keyOf[side]!(row);
    if (key[0] === null) {
      if (this.#isOuter[side]) this.#emitPadded(side, row, key, timeMs, window, headers, emit);
      return;
    }
    const { beforeMs, afterMs } = this.#options;
    const [back, forth] = side === 0 ? [beforeMs, afterMs] : [afterMs, beforeMs];
    const text = window === undefined ? storeKey(key) : `${storeKey(key)}\u0000${window.startMs}\u0000${window.endMs}`;
    const rows = this.#window.rowsOf(text);
    this.#window.put(side, text, rows, timeMs, row);
    if (this.#unmatched !== undefined && timeMs === this.#streamTime.timeMs) this.#emitExpired(side, headers, emit);

    const partners = this.#window.find(
      side === 0 ? 1 : 0,
      rows,
      Math.max(0, timeMs - back),
      Math.max(0, timeMs + forth),
    );
    for (const { timeMs: partnerMs, row: partner } of partners) {
      this.#unmatched?.remove(text, side === 0 ? 1 : 0, partnerMs);
      const after = side === 0 ? this.#options.joinRow(row, partner, key) : this.#options.joinRow(partner, row, key);
      emit(joined(key, after, Math.max(timeMs, partnerMs), window, headers));
    }
    if (partners.length > 0 || !this.#isOuter[side]) return;
    if (this.#unmatched === undefined || timeMs + forth < this.#streamTime.timeMs) {
      this.#emitPadded(side, row, key, timeMs, window, headers, emit);
    } else {
      const order = this.#options.orderOf(key) + windowOrder(window);
      this.#unmatched.add({ text, side, timeMs, row, key, window, order });
    }
  }

  #emitExpired(asking: 0 | 1, headers: readonly Header[], emit: Emit): void {
    const { beforeMs, afterMs, graceMs = 0 } = this.#options;
    const forthMs = (asking === 0 ? afterMs : beforeMs) + graceMs;
    for (const { side, row, key, timeMs, window } of this.#unmatched!.takeExpired(this.#streamTime.timeMs, forthMs)) {
      this.#emitPadded(side, row, key, timeMs, window, headers, emit);
    }
  }

  #emitPadded(
    side: 0 | 1,
    row: Row,
    key: Row,
    timeMs: number,
    window: Window | undefined,
    headers: readonly Header[],
    emit: Emit,
  ): void {
    const after = side === 0 ? this.#options.joinRow(row, null, key) : this.#options.joinRow(null, row, key);
    emit(joined(key, after, timeMs, window, headers));
  }
}

function joined(key: Row, after: Row, timeMs: number, window: Window | undefined, headers: readonly Header[]): Change {
  return window === undefined
    ? { key, before: null, after, timeMs, headers }
    : { key, before: null, after, timeMs, window, headers };
}

/** What follows the bytes of a windowed key. */
function windowOrder(window: Window | undefined): string {
  return window === undefined ? '' : timeBytes(window.endMs) + timeBytes(window.startMs);
}
