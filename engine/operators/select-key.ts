import type { Change, Emit, Operator, Row } from './operator.ts';

/** What the key of a null row is: there is no row to compute it from, only the old key. */
export type NullRowKey = (key: Row | null) => Row | null;

/**
 * PARTITION BY, and the re-keying of a join's side: gives each row another key. An expression that fails gives a NULL
 * part.
 */
export class SelectKey implements Operator {
  readonly #keyOf: (row: Row) => Row | null;
  readonly #keyOfNullRow: NullRowKey;

  constructor(keyOf: (row: Row) => Row | null, keyOfNullRow: NullRowKey) {
    this.#keyOf = keyOf;
    this.#keyOfNullRow = keyOfNullRow;
  }

  process(change: Change, _input: number, emit: Emit): void {
    const key = change.after === null ? this.#keyOfNullRow(change.key) : this.#keyOf(change.after);
    emit({ key, before: null, after: change.after, timeMs: change.timeMs, headers: change.headers });
  }
}
