import { storeKey, windowKey } from '../state/key-codec.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Change, Emit, Operator, Row } from './operator.ts';

/**
 * Keeps the newest row of each key of a table, and so knows the row before every change. Updates count in the order
 * they come, whatever their times (execution-semantics §1).
 */
export class TableSource implements Operator {
  readonly #store: StateStore;

  constructor(store: StateStore) {
    this.#store = store;
  }

  process(change: Change, _input: number, emit: Emit): void {
    if (change.key === null) return;
    const key =
      change.window === undefined ? storeKey(change.key) : windowKey(storeKey(change.key), change.window.startMs);
    const known = this.#store.get(key) as TableEntry | undefined;
    if (change.after === null) this.#store.delete(key);
    else
      this.#store.put(key, [
        change.timeMs,
        change.after,
        change.key,
        change.window?.endMs ?? null,
      ] satisfies TableEntry);
    emit({ ...change, before: known === undefined ? null : known[1] });
  }
}

/**
 * What the store of a table holds for a key: the time of its newest row, the row, the key, and the end of its window.
 */
export type TableEntry = readonly [timeMs: number, row: Row, key: Row, windowEndMs: number | null];

/** Finds the present rows of a table. */
export interface RowLookup {
  get(key: Row, windowStartMs?: number): TableEntry | undefined;
}

/** Finds the rows of a table that an operator materialised. */
export class TableLookup implements RowLookup {
  readonly #store: StateStore;

  constructor(store: StateStore) {
    this.#store = store;
  }

  get(key: Row, windowStartMs?: number): TableEntry | undefined {
    const text = windowStartMs === undefined ? storeKey(key) : windowKey(storeKey(key), windowStartMs);
    return this.#store.get(text) as TableEntry | undefined;
  }
}
