import type { SqlValue } from '../../language/types/sql-type.ts';
import { type AggregateStore, type GroupKey, NONE } from '../state/aggregate-store.ts';
import { storeKey } from '../state/key-codec.ts';
import { AggregateResults, type KeyedAggregate } from './aggregate-results.ts';
import type { AggregateSet, GroupOf } from './grouped-aggregate.ts';
import type { Change, ChangeFold, Emit, Header } from './operator.ts';

export interface GroupAggregateOptions {
  readonly groupOf: GroupOf;
  readonly aggregates: AggregateSet;
  readonly table: AggregateStore;
  /** Whether what follows needs the previous result (HAVING does). */
  readonly withBefore: boolean;
  /** Holds changes of groups until they are made into rows. */
  readonly fold?: ChangeFold | undefined;
}

/** GROUP BY on a stream without a window. Each accepted row gives the new result of its group. */
export class StreamAggregate implements KeyedAggregate {
  readonly #options: GroupAggregateOptions;
  /** What it has in its table. */
  readonly results: AggregateResults;

  constructor(options: GroupAggregateOptions) {
    this.#options = options;
    this.results = new AggregateResults(options);
  }

  process({ after, timeMs, headers }: Change, _input: number, emit: Emit): void {
    if (after === null) return;
    const { groupOf, aggregates, table } = this.#options;
    const key = groupOf(after);
    if (key === null) return;
    const text = storeKey(key);
    this.add({ key, text }, table.findKey(text), aggregates.argumentsOf(after), timeMs, headers, emit);
  }

  add(
    group: GroupKey,
    number: number,
    values: readonly SqlValue[],
    timeMs: number,
    headers: readonly Header[],
    emit: Emit,
  ): void {
    const { aggregates, table, withBefore } = this.#options;
    const known = table.find(number, 0);
    const isFirst = withBefore && known === NONE;
    const before = isFirst ? aggregates.initialRow(group.key, timeMs) : this.results.rowBefore(known);
    const isAdded = known !== NONE && aggregates.addInPlace(table, known, values, timeMs);
    const slot = isAdded
      ? known
      : this.results.set(known, group, number, aggregates.addTo(table, known, values), timeMs);
    this.results.changed(slot, before, headers, emit);
  }
}
