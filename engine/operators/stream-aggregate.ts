import type { SqlValue } from '../../language/types/sql-type.ts';
import { type AggregateStore, type GroupKey, NONE } from '../state/aggregate-store.ts';
import { AggregateResults, type Grouping, KeyedAggregate, type Origin } from './aggregate-results.ts';
import type { ChangeFold, Emit } from './operator.ts';

export interface GroupAggregateOptions extends Grouping {
  readonly table: AggregateStore;
  /** Whether what follows needs the previous result (HAVING does). */
  readonly withBefore: boolean;
  /** Holds changes of groups until they are made into rows. */
  readonly fold?: ChangeFold | undefined;
}

/** GROUP BY on a stream without a window. Each accepted row gives the new result of its group. */
export class StreamAggregate extends KeyedAggregate {
  readonly #options: GroupAggregateOptions;

  constructor(options: GroupAggregateOptions) {
    super(options, new AggregateResults(options));
    this.#options = options;
  }

  add(group: GroupKey, number: number, values: readonly SqlValue[], { timeMs, headers }: Origin, emit: Emit): void {
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
