import type { Change, Emit, Operator, Row } from './operator.ts';
import type { RowLookup } from './table-source.ts';

/** Puts the row of a join together: left, right, then the key. */
export type JoinRow = (left: Row | null, right: Row | null, key: Row) => Row;

/**
 * A stream looks up the present row of a table. The table's own changes make no output; they only reach its lookup.
 * With LEFT a row that finds nothing, or has a NULL key, comes out padded with NULLs.
 */
export class StreamTableJoin implements Operator {
  readonly #keyOf: (row: Row) => Row;
  readonly #table: RowLookup;
  readonly #joinRow: JoinRow;
  readonly #isLeft: boolean;

  constructor(keyOf: (row: Row) => Row, table: RowLookup, joinRow: JoinRow, isLeft: boolean) {
    this.#keyOf = keyOf;
    this.#table = table;
    this.#joinRow = joinRow;
    this.#isLeft = isLeft;
  }

  process(change: Change, input: number, emit: Emit): void {
    if (input === 1 || change.after === null) return;
    const key = this.#keyOf(change.after);
    const right = key[0] === null ? undefined : this.#table.get(key, change.window?.startMs);
    if (right === undefined && !this.#isLeft) return;
    const { timeMs, window, headers } = change;
    const after = this.#joinRow(change.after, right === undefined ? null : right[1], key);
    emit(
      window === undefined
        ? { key, before: null, after, timeMs, headers }
        : { key, before: null, after, timeMs, window, headers },
    );
  }
}
