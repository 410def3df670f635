import { storeKey } from '../state/key-codec.ts';
import type { Change, Emit, Operator, Row } from './operator.ts';
import type { NullRowKey } from './select-key.ts';

export interface RepartitionOptions {
  /** The new key of a row; null where it has none. */
  readonly keyOf: (row: Row) => Row | null;
  /** The row that goes on under the key. */
  readonly select: (row: Row, key: Row | null) => Row;
}

export interface StreamRepartitionOptions extends RepartitionOptions {
  /** The key of a null row; absent where null rows, and those without a key, go no further. */
  readonly keyOfNullRow?: NullRowKey | undefined;
}

/** The rows of a stream, on their way to the topic that spreads them by another key. */
export class StreamRepartition implements Operator {
  readonly #options: StreamRepartitionOptions;

  constructor(options: StreamRepartitionOptions) {
    this.#options = options;
  }

  process({ key: oldKey, after, timeMs, headers }: Change, _input: number, emit: Emit): void {
    const { keyOf, keyOfNullRow, select } = this.#options;
    if (after === null) {
      if (keyOfNullRow !== undefined) emit({ key: keyOfNullRow(oldKey), before: null, after, timeMs, headers });
      return;
    }
    const key = keyOf(after);
    if (key === null && keyOfNullRow === undefined) return;
    emit({ key, before: null, after: select(after, key), timeMs, headers });
  }
}

/**
 * The changes of a table, on their way to the topic that spreads them by another key: a row that stays in its group is
 * one change, else the old row leaves its group first, and then the new one comes to its own (KTableRepartitionMap).
 */
export class TableRepartition implements Operator {
  readonly #options: RepartitionOptions;

  constructor(options: RepartitionOptions) {
    this.#options = options;
  }

  process({ before, after, timeMs, headers }: Change, _input: number, emit: Emit): void {
    const { keyOf, select } = this.#options;
    const oldKey = before == null ? null : keyOf(before);
    const newKey = after === null ? null : keyOf(after);
    const removed = oldKey === null ? null : select(before!, oldKey);
    const added = newKey === null ? null : select(after!, newKey);
    if (oldKey !== null && newKey !== null && storeKey(oldKey) === storeKey(newKey)) {
      emit({ key: newKey, before: removed, after: added, timeMs, headers });
      return;
    }
    if (oldKey !== null) emit({ key: oldKey, before: removed, after: null, timeMs, headers });
    if (newKey !== null) emit({ key: newKey, before: null, after: added, timeMs, headers });
  }
}
