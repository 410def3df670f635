import type { Change, Emit, Operator, Row } from './operator.ts';

/** WHERE on a stream: rows that do not match, and null rows, go no further. */
export class StreamFilter implements Operator {
  readonly #predicate: (row: Row) => boolean;

  constructor(predicate: (row: Row) => boolean) {
    this.#predicate = predicate;
  }

  process(change: Change, _input: number, emit: Emit): void {
    if (change.after !== null && this.#predicate(change.after)) emit(change);
  }
}

/**
 * WHERE and HAVING on a table: a row that stops matching is deleted downstream; one that never matched is not heard of.
 * Where the previous row is not known, every failing update deletes.
 */
export class TableFilter implements Operator {
  readonly #predicate: (row: Row) => boolean;

  constructor(predicate: (row: Row) => boolean) {
    this.#predicate = predicate;
  }

  process(change: Change, _input: number, emit: Emit): void {
    const after = change.after !== null && this.#predicate(change.after) ? change.after : null;
    if (change.before === undefined) {
      emit(after === change.after ? change : { ...change, after });
      return;
    }
    const before = change.before !== null && this.#predicate(change.before) ? change.before : null;
    if (before !== null || after !== null) emit({ ...change, before, after });
  }
}
