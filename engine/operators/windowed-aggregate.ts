import type { SqlValue } from '../../language/types/sql-type.ts';
import { type AggregateStore, type GroupKey, NONE } from '../state/aggregate-store.ts';
import type { StateStore } from '../state/state-store.ts';
import { AggregateResults, type Grouping, KeyedAggregate, type Origin } from './aggregate-results.ts';
import type { ChangeFold, Emit, Header, OnLate, Row } from './operator.ts';
import { StreamTime } from './stream-time.ts';

/** TUMBLING and HOPPING windows: a tumbling window is one that advances by its size. */
export interface TimeWindows {
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly graceMs: number;
  readonly retentionMs: number;
}

export interface WindowedAggregateOptions extends Grouping {
  readonly windows: TimeWindows;
  readonly table: AggregateStore;
  readonly timeStore: StateStore;
  readonly withBefore: boolean;
  /** EMIT FINAL: a window gives one result, when it closes. */
  readonly final: boolean;
  /** The order of keys as bytes, in which windows that close together come out. */
  readonly orderOf: (key: Row) => string;
  readonly onLate: OnLate;
  /** Holds changes of windows until they are made into rows. */
  readonly fold?: ChangeFold | undefined;
}

const FIRST_WINDOWS = 16;

/**
 * GROUP BY with TUMBLING or HOPPING windows. A record updates its windows in the order of their starts; a window that
 * ended at or before stream time minus grace takes no more (execution-semantics §6).
 */
export class WindowedAggregate extends KeyedAggregate {
  readonly #options: WindowedAggregateOptions;
  readonly #streamTime: StreamTime;
  /** The slots of the windows of a row. */
  #slots = new Int32Array(FIRST_WINDOWS);
  #latestStartMs = Number.NEGATIVE_INFINITY;
  #earliestStartMs = Number.POSITIVE_INFINITY;

  constructor(options: WindowedAggregateOptions) {
    super(options, new AggregateResults({ ...options, windowMs: options.windows.sizeMs }));
    this.#options = options;
    this.#streamTime = new StreamTime(options.timeStore);
    for (const startMs of options.table.starts) this.#remember(startMs);
  }

  add(group: GroupKey, number: number, values: readonly SqlValue[], { timeMs, headers }: Origin, emit: Emit): void {
    const { windows, aggregates, final, table } = this.#options;
    this.#streamTime.advance(timeMs);
    const closesAtMs = this.#streamTime.timeMs - windows.graceMs;
    const firstMs = this.#firstStart(timeMs);
    const count = Math.floor((timeMs - firstMs) / windows.advanceMs) + 1;
    if (count > this.#slots.length) this.#slots = new Int32Array(2 * count);
    table.findWindows(number, firstMs, windows.advanceMs, count, this.#slots);
    let late = false;
    let keyNumber = number;
    for (let i = 0; i < count; i++) {
      const startMs = firstMs + i * windows.advanceMs;
      if (startMs + windows.sizeMs <= closesAtMs) {
        late = true;
        continue;
      }
      let slot = this.#slots[i]!;
      const before = this.#before(slot, group.key, startMs, timeMs);
      if (slot === NONE) {
        slot = table.add(group, keyNumber, startMs, aggregates.addTo(table, slot, values), timeMs);
        keyNumber = table.keyNumberOf(slot);
        this.#remember(startMs);
      } else if (!aggregates.addInPlace(table, slot, values, timeMs)) {
        table.set(slot, aggregates.addTo(table, slot, values), timeMs);
      }
      if (!final) this.results.changed(slot, before, headers, emit);
    }
    if (late) this.#options.onLate(timeMs, this.#streamTime.timeMs);
    if (final) this.#emitClosed(closesAtMs, headers, emit);
    this.#forget();
  }

  /** The start of the first window that a time falls into. */
  #firstStart(timeMs: number): number {
    const { sizeMs, advanceMs } = this.#options.windows;
    return Math.floor(Math.max(0, timeMs - sizeMs + advanceMs) / advanceMs) * advanceMs;
  }

  #before(known: number, key: Row, startMs: number, timeMs: number): Row | null {
    const { aggregates, windows, withBefore } = this.#options;
    return withBefore && known === NONE
      ? aggregates.initialRow(key, timeMs, startMs, startMs + windows.sizeMs)
      : this.results.rowBefore(known);
  }

  #remember(startMs: number): void {
    this.#latestStartMs = Math.max(this.#latestStartMs, startMs);
    this.#earliestStartMs = Math.min(this.#earliestStartMs, startMs);
  }

  /**
   * Sends the windows that have closed, by start and then by key. Those that time jumped past, beyond the retention of
   * the window store, are lost as in Kafka Streams.
   */
  #emitClosed(closesAtMs: number, headers: readonly Header[], emit: Emit): void {
    const { windows, table, orderOf } = this.#options;
    if (this.#earliestStartMs + windows.sizeMs > closesAtMs) return;
    const closed = [...table.starts].filter((startMs) => startMs + windows.sizeMs <= closesAtMs).sort((a, b) => a - b);
    for (const startMs of closed) {
      const slots = table.slotsOfStart(startMs);
      if (startMs >= this.#latestStartMs - windows.retentionMs) {
        const inOrder = slots.map((slot) => ({ slot, order: orderOf(table.keyOf(slot)) }));
        inOrder.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
        for (const { slot } of inOrder) emit(this.results.change(slot, null, headers));
      }
      this.results.remove(slots);
    }
    this.#findEarliest();
  }

  /** Drops windows beyond the retention, so that state does not grow with time. */
  #forget(): void {
    const { windows, table } = this.#options;
    const limitMs = this.#latestStartMs - windows.retentionMs;
    if (this.#earliestStartMs >= limitMs) return;
    for (const startMs of [...table.starts]) if (startMs < limitMs) this.results.remove(table.slotsOfStart(startMs));
    this.#findEarliest();
  }

  #findEarliest(): void {
    this.#earliestStartMs = Number.POSITIVE_INFINITY;
    for (const startMs of this.#options.table.starts) this.#earliestStartMs = Math.min(this.#earliestStartMs, startMs);
  }
}
