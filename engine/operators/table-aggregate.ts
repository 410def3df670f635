import { storeKey } from '../state/key-codec.ts';
import type { StateStore } from '../state/state-store.ts';
import type { AggregateSet, GroupOf } from './grouped-aggregate.ts';
import type { Change, Emit, Operator, Row } from './operator.ts';
import type { GroupEntry } from './stream-aggregate.ts';

/**
 * GROUP BY on a table: a change takes the old row out of its group and puts the new one into its own. Where the group
 * stays the same both happen at once and give one result; else the old group's result comes first.
 */
export class TableAggregate implements Operator {
  readonly #groupOf: GroupOf;
  readonly #aggregates: AggregateSet;
  readonly #store: StateStore;
  readonly #withBefore: boolean;

  constructor(groupOf: GroupOf, aggregates: AggregateSet, store: StateStore, withBefore: boolean) {
    this.#groupOf = groupOf;
    this.#aggregates = aggregates;
    this.#store = store;
    this.#withBefore = withBefore;
  }

  process(change: Change, _input: number, emit: Emit): void {
    const before = change.before ?? null;
    const oldGroup = before === null ? null : this.#groupOf(before);
    const newGroup = change.after === null ? null : this.#groupOf(change.after);
    if (oldGroup !== null && newGroup !== null && storeKey(oldGroup) === storeKey(newGroup)) {
      this.#update(change, newGroup, before, change.after, emit);
      return;
    }
    if (oldGroup !== null) this.#update(change, oldGroup, before, null, emit);
    if (newGroup !== null) this.#update(change, newGroup, null, change.after, emit);
  }

  #update(change: Change, key: Row, removed: Row | null, added: Row | null, emit: Emit): void {
    const text = storeKey(key);
    const known = this.#store.get(text) as GroupEntry | undefined;
    let states = known?.[1] ?? this.#aggregates.init();
    if (removed !== null && known !== undefined) states = this.#aggregates.remove(states, removed);
    if (added !== null) states = this.#aggregates.add(states, added);
    const timeMs = known === undefined ? change.timeMs : Math.max(known[0], change.timeMs);
    this.#store.put(text, [timeMs, states, key] satisfies GroupEntry);
    const before = known === undefined || !this.#withBefore ? null : this.#aggregates.row(key, known[1], known[0]);
    emit({ key, before, after: this.#aggregates.row(key, states, timeMs), timeMs, headers: change.headers });
  }
}
