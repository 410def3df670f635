import { NONE } from '../state/aggregate-store.ts';
import { storeKey } from '../state/key-codec.ts';
import { AggregateResults } from './aggregate-results.ts';
import type { Change, Emit, Operator, Row } from './operator.ts';
import type { GroupAggregateOptions } from './stream-aggregate.ts';

/**
 * GROUP BY on a table: a change takes the old row out of its group and puts the new one into its own. Where the group
 * stays the same both happen at once and give one result; else the old group's result comes first.
 */
export class TableAggregate implements Operator {
  readonly #options: GroupAggregateOptions;
  /** What it has in its table. */
  readonly results: AggregateResults;

  constructor(options: GroupAggregateOptions) {
    this.#options = options;
    this.results = new AggregateResults(options);
  }

  process(change: Change, _input: number, emit: Emit): void {
    const { groupOf } = this.#options;
    const before = change.before ?? null;
    const oldGroup = before === null ? null : groupOf(before);
    const newGroup = change.after === null ? null : groupOf(change.after);
    if (oldGroup !== null && newGroup !== null && storeKey(oldGroup) === storeKey(newGroup)) {
      this.#update(change, newGroup, before, change.after, emit);
      return;
    }
    if (oldGroup !== null) this.#update(change, oldGroup, before, null, emit);
    if (newGroup !== null) this.#update(change, newGroup, null, change.after, emit);
  }

  #update(change: Change, key: Row, removed: Row | null, added: Row | null, emit: Emit): void {
    const { aggregates, table } = this.#options;
    const text = storeKey(key);
    const number = table.findKey(text);
    const known = table.find(number, 0);
    let states = known === NONE ? aggregates.init() : aggregates.statesOf(table, known);
    if (removed !== null && known !== NONE) states = aggregates.remove(states, removed);
    if (added !== null) states = aggregates.add(states, added);
    const before = this.results.rowBefore(known);
    const slot = this.results.set(known, { key, text }, number, states, change.timeMs);
    this.results.changed(slot, before, change.headers, emit);
  }
}
