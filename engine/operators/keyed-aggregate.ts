import type { SqlValue } from '../../language/types/sql-type.ts';
import type { GroupKey } from '../state/aggregate-store.ts';
import type { AggregateResults } from './aggregate-results.ts';
import type { Emit, Header, Operator } from './operator.ts';

/** The aggregate of a stream, which also takes rows of which the key and the arguments are known already. */
export interface KeyedAggregate extends Operator {
  /** What it has in its table. */
  readonly results: AggregateResults;
  /** Whether a row of a time would come after a window that it belongs to has closed. */
  isLate(timeMs: number): boolean;
  /**
   * Adds a row to its group.
   *
   * @param number of the key in the table; NONE: it has no entry
   * @param values the arguments of all aggregates, one behind the other
   */
  add(
    group: GroupKey,
    number: number,
    values: readonly SqlValue[],
    timeMs: number,
    headers: readonly Header[],
    emit: Emit,
  ): void;
}
