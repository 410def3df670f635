import type { Change, Emit, Operator, Row } from './operator.ts';

/** SELECT: makes the output row. Null rows and deletions pass as they are. */
export class Project implements Operator {
  readonly #select: (row: Row) => Row;

  constructor(select: (row: Row) => Row) {
    this.#select = select;
  }

  process(change: Change, _input: number, emit: Emit): void {
    const { key, after, timeMs, window, headers } = change;
    const row = after === null ? null : this.#select(after);
    emit(
      window === undefined
        ? { key, before: undefined, after: row, timeMs, headers }
        : { key, before: undefined, after: row, timeMs, window, headers },
    );
  }
}
