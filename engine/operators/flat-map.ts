import type { SqlValue } from '../../language/types/sql-type.ts';
import type { Change, Emit, Operator, Row } from './operator.ts';

/**
 * Table functions: a row becomes as many as the longest of their results; shorter results are filled up with NULL. Each
 * function adds a slot to the row.
 */
export class FlatMap implements Operator {
  readonly #functions: readonly ((row: Row) => readonly SqlValue[])[];

  constructor(functions: readonly ((row: Row) => readonly SqlValue[])[]) {
    this.#functions = functions;
  }

  process(change: Change, _input: number, emit: Emit): void {
    const row = change.after;
    if (row === null) return;
    const lists = this.#functions.map((rows) => rows(row));
    const longest = lists.reduce((length, list) => Math.max(length, list.length), 0);
    for (let i = 0; i < longest; i++) {
      const after: SqlValue[] = row.slice();
      for (const list of lists) after.push(list[i] ?? null);
      emit({ ...change, after });
    }
  }
}
