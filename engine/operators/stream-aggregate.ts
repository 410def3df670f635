import { storeKey } from '../state/key-codec.ts';
import type { StateStore } from '../state/state-store.ts';
import type { AggregateSet, GroupOf, States } from './grouped-aggregate.ts';
import type { Change, Emit, Operator, Row } from './operator.ts';

/** What the store holds for a group: the time of its newest record, its aggregates' states, its key. */
export type GroupEntry = readonly [timeMs: number, states: States, key: Row];

/** GROUP BY on a stream without a window. Each accepted row gives the new result of its group. */
export class StreamAggregate implements Operator {
  readonly #groupOf: GroupOf;
  readonly #aggregates: AggregateSet;
  readonly #store: StateStore;
  readonly #withBefore: boolean;

  /** @param withBefore whether what follows needs the previous result (HAVING does) */
  constructor(groupOf: GroupOf, aggregates: AggregateSet, store: StateStore, withBefore: boolean) {
    this.#groupOf = groupOf;
    this.#aggregates = aggregates;
    this.#store = store;
    this.#withBefore = withBefore;
  }

  process(change: Change, _input: number, emit: Emit): void {
    if (change.after === null) return;
    const key = this.#groupOf(change.after);
    if (key === null) return;
    const text = storeKey(key);
    const known = this.#store.get(text) as GroupEntry | undefined;
    const timeMs = known === undefined ? change.timeMs : Math.max(known[0], change.timeMs);
    const states = this.#aggregates.add(known?.[1] ?? this.#aggregates.init(), change.after);
    this.#store.put(text, [timeMs, states, key] satisfies GroupEntry);
    emit({
      key,
      before: this.#withBefore ? this.#before(key, known, timeMs) : null,
      after: this.#aggregates.row(key, states, timeMs),
      timeMs,
      headers: change.headers,
    });
  }

  #before(key: Row, known: GroupEntry | undefined, timeMs: number): Row {
    return known === undefined
      ? this.#aggregates.initialRow(key, timeMs)
      : this.#aggregates.row(key, known[1], known[0]);
  }
}
