import type { AggregateSet, States } from '../../../engine/operators/grouped-aggregate.ts';
import type { Change, Emit, OnLate, Row } from '../../../engine/operators/operator.ts';
import type { TimeWindows } from '../../../engine/operators/windowed-aggregate.ts';
import { storeKey, windowKey } from '../../../engine/state/key-codec.ts';

export interface PlainOptions {
  readonly groupOf: (row: Row) => Row | null;
  readonly aggregates: AggregateSet;
  readonly windows: TimeWindows;
  readonly withBefore: boolean;
  readonly final: boolean;
  readonly orderOf: (key: Row) => string;
  readonly onLate: OnLate;
}

type PlainEntry = readonly [timeMs: number, states: States, key: Row, startMs: number];

/** GROUP BY with windows at its plainest: what the operator over numbers is held against. */
export class PlainWindows {
  readonly entries = new Map<string, PlainEntry>();
  readonly #options: PlainOptions;
  #streamTimeMs = Number.NEGATIVE_INFINITY;
  #latestStartMs = Number.NEGATIVE_INFINITY;

  constructor(options: PlainOptions) {
    this.#options = options;
  }

  process({ after, timeMs, headers }: Change, emit: Emit): void {
    const { groupOf, windows, final, aggregates, onLate, withBefore } = this.#options;
    const key = after && groupOf(after);
    if (key === null) return;
    this.#streamTimeMs = Math.max(this.#streamTimeMs, timeMs);
    const closesAtMs = this.#streamTimeMs - windows.graceMs;
    let late = false;
    for (let startMs = 0; startMs <= timeMs; startMs += windows.advanceMs) {
      const endMs = startMs + windows.sizeMs;
      if (timeMs >= endMs) continue;
      if (endMs <= closesAtMs) {
        late = true;
        continue;
      }
      const at = windowKey(storeKey(key), startMs);
      const known = this.entries.get(at);
      const states = aggregates.add(known?.[1] ?? aggregates.init(), after!);
      const resultMs = Math.max(known?.[0] ?? timeMs, timeMs);
      this.entries.set(at, [resultMs, states, key, startMs]);
      this.#latestStartMs = Math.max(this.#latestStartMs, startMs);
      if (final) continue;
      const before =
        known === undefined
          ? aggregates.initialRow(key, timeMs, startMs, endMs)
          : aggregates.row(key, known[1], known[0], startMs, endMs);
      emit({
        key,
        before: withBefore ? before : null,
        after: aggregates.row(key, states, resultMs, startMs, endMs),
        timeMs: resultMs,
        window: { startMs, endMs },
        headers,
      });
    }
    if (late) onLate(timeMs, this.#streamTimeMs);
    if (final) this.#close(closesAtMs, headers, emit);
    for (const [at, entry] of this.entries) if (entry[3] < this.#oldestMs) this.entries.delete(at);
  }

  get #oldestMs(): number {
    return this.#latestStartMs - this.#options.windows.retentionMs;
  }

  #close(closesAtMs: number, headers: Change['headers'], emit: Emit): void {
    const { windows, aggregates, orderOf } = this.#options;
    const closed = [...this.entries].filter(([, entry]) => entry[3] + windows.sizeMs <= closesAtMs);
    closed.sort(([, a], [, b]) => a[3] - b[3] || (orderOf(a[2]) < orderOf(b[2]) ? -1 : 1));
    for (const [at, [timeMs, states, key, startMs]] of closed) {
      this.entries.delete(at);
      if (startMs < this.#oldestMs) continue;
      const endMs = startMs + windows.sizeMs;
      const after = aggregates.row(key, states, timeMs, startMs, endMs);
      emit({ key, before: null, after, timeMs, window: { startMs, endMs }, headers });
    }
  }
}
