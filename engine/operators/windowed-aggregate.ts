import { storeKey, windowKey } from '../state/key-codec.ts';
import type { StateStore } from '../state/state-store.ts';
import type { AggregateSet, GroupOf, States } from './grouped-aggregate.ts';
import {
  type Change,
  type Emit,
  type Header,
  type OnLate,
  type Operator,
  RESTORED_AT_ONCE,
  type Row,
} from './operator.ts';
import { StreamTime } from './stream-time.ts';

/** TUMBLING and HOPPING windows: a tumbling window is one that advances by its size. */
export interface TimeWindows {
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly graceMs: number;
  readonly retentionMs: number;
}

/** What the store holds for a window of a group. */
export type WindowEntry = readonly [timeMs: number, states: States, key: Row, startMs: number];

export interface WindowedAggregateOptions {
  readonly groupOf: GroupOf;
  readonly aggregates: AggregateSet;
  readonly windows: TimeWindows;
  readonly store: StateStore;
  readonly timeStore: StateStore;
  readonly withBefore: boolean;
  /** EMIT FINAL: a window gives one result, when it closes. */
  readonly final: boolean;
  /** The order of keys as bytes, in which windows that close together come out. */
  readonly orderOf: (key: Row) => string;
  readonly onLate: OnLate;
}

/**
 * GROUP BY with TUMBLING or HOPPING windows. A record updates its windows in the order of their starts; a window that
 * ended at or before stream time minus grace takes no more (execution-semantics §6).
 */
export class WindowedAggregate implements Operator {
  readonly #options: WindowedAggregateOptions;
  readonly #streamTime: StreamTime;
  /** The store keys of each window start, for closing and forgetting windows as time goes on. */
  readonly #byStart = new Map<number, Set<string>>();
  #latestStartMs = Number.NEGATIVE_INFINITY;
  #earliestStartMs = Number.POSITIVE_INFINITY;

  constructor(options: WindowedAggregateOptions) {
    this.#options = options;
    this.#streamTime = new StreamTime(options.timeStore);
  }

  *restore(): Iterable<void> {
    let count = 0;
    for (const [text, entry] of this.#options.store.entries()) {
      this.#remember((entry as WindowEntry)[3], text);
      if (++count % RESTORED_AT_ONCE === 0) yield;
    }
  }

  process(change: Change, _input: number, emit: Emit): void {
    const { after, timeMs, headers } = change;
    if (after === null) return;
    const { groupOf, windows, final } = this.#options;
    const key = groupOf(after);
    if (key === null) return;
    this.#streamTime.advance(timeMs);
    const text = storeKey(key);
    const closesAtMs = this.#streamTime.timeMs - windows.graceMs;
    const first =
      Math.floor(Math.max(0, timeMs - windows.sizeMs + windows.advanceMs) / windows.advanceMs) * windows.advanceMs;
    let late = false;
    for (let startMs = first; startMs <= timeMs; startMs += windows.advanceMs) {
      if (startMs + windows.sizeMs > closesAtMs) this.#update(text, key, startMs, after, timeMs, headers, emit);
      else late = true;
    }
    if (late) this.#options.onLate(timeMs, this.#streamTime.timeMs);
    if (final) this.#emitClosed(closesAtMs, headers, emit);
    this.#forget();
  }

  #update(
    text: string,
    key: Row,
    startMs: number,
    row: Row,
    timeMs: number,
    headers: readonly Header[],
    emit: Emit,
  ): void {
    const { aggregates, store, windows, final, withBefore } = this.#options;
    const window = { startMs, endMs: startMs + windows.sizeMs };
    const at = windowKey(text, startMs);
    const known = store.get(at) as WindowEntry | undefined;
    const resultMs = known === undefined ? timeMs : Math.max(known[0], timeMs);
    const states = aggregates.add(known?.[1] ?? aggregates.init(), row);
    store.put(at, [resultMs, states, key, startMs] satisfies WindowEntry);
    if (known === undefined) this.#remember(startMs, at);
    if (final) return;
    const before = !withBefore
      ? null
      : known === undefined
        ? aggregates.initialRow(key, resultMs, startMs, window.endMs)
        : aggregates.row(key, known[1], known[0], startMs, window.endMs);
    const after = aggregates.row(key, states, resultMs, startMs, window.endMs);
    emit({ key, before, after, timeMs: resultMs, window, headers });
  }

  #remember(startMs: number, at: string): void {
    const keys = this.#byStart.get(startMs);
    if (keys === undefined) this.#byStart.set(startMs, new Set([at]));
    else keys.add(at);
    this.#latestStartMs = Math.max(this.#latestStartMs, startMs);
    this.#earliestStartMs = Math.min(this.#earliestStartMs, startMs);
  }

  /**
   * Sends the windows that have closed, by start and then by key. Those that time jumped past, beyond the retention of
   * the window store, are lost as in Kafka Streams.
   */
  #emitClosed(closesAtMs: number, headers: readonly Header[], emit: Emit): void {
    const { windows, store, aggregates, orderOf } = this.#options;
    if (this.#earliestStartMs + windows.sizeMs > closesAtMs) return;
    const closed = [...this.#byStart.keys()]
      .filter((startMs) => startMs + windows.sizeMs <= closesAtMs)
      .sort((a, b) => a - b);
    for (const startMs of closed) {
      const keys = [...this.#byStart.get(startMs)!];
      const kept = startMs >= this.#latestStartMs - windows.retentionMs;
      const entries = kept
        ? keys.map((at) => store.get(at) as WindowEntry).map((entry) => ({ entry, order: orderOf(entry[2]) }))
        : [];
      entries.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
      for (const { entry } of entries) {
        const [timeMs, states, key] = entry;
        const window = { startMs, endMs: startMs + windows.sizeMs };
        emit({
          key,
          before: null,
          after: aggregates.row(key, states, timeMs, startMs, window.endMs),
          timeMs,
          window,
          headers,
        });
      }
      for (const at of keys) store.delete(at);
      this.#byStart.delete(startMs);
    }
    this.#earliestStartMs = Math.min(Number.POSITIVE_INFINITY, ...this.#byStart.keys());
  }

  /** Drops windows beyond the retention, so that state does not grow with time. */
  #forget(): void {
    const limitMs = this.#latestStartMs - this.#options.windows.retentionMs;
    if (this.#earliestStartMs >= limitMs) return;
    for (const [startMs, keys] of this.#byStart) {
      if (startMs >= limitMs) continue;
      for (const at of keys) this.#options.store.delete(at);
      this.#byStart.delete(startMs);
    }
    this.#earliestStartMs = Math.min(Number.POSITIVE_INFINITY, ...this.#byStart.keys());
  }
}
