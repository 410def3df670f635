import type { SqlValue } from '../../../language/types/sql-type.ts';
import type { RecordCursor } from '../../broker/record-batch.ts';
import type { Row } from '../../operators/operator.ts';
import type { TableEntry } from '../../operators/table-source.ts';
import { storeKey } from '../../state/key-codec.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { KeyIndex } from './key-index.ts';
import type { MadeKey } from './key-passage.ts';

/** Looks up the row of a table for a record of a stream. */
export interface TableJoin {
  /**
   * Puts the table's row and the join's key into the row.
   * @returns whether the record goes on; undefined: it is given up
   */
  find(cursor: RecordCursor): boolean | undefined;
}

/** Where in the joined row stands what of the table's rows. */
export interface JoinedSlots {
  readonly row: SqlValue[];
  /** Slots of the table's rows that are read, and the same in the joined row. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Where the key of the join goes; -1 where nobody reads it. */
  readonly key: number;
  /** Whether a record that finds no row goes on. */
  readonly isLeft: boolean;
}

/** What is known of a key of the table. */
const FOUND = { unknown: 0, none: 1, row: 2 } as const;

/**
 * A join by the key of the records, whose bytes are enough to find the table's row. What is read of the table's rows
 * stands column by column, by the number of the key, until the table changes: rows themselves lie far apart in memory.
 */
export class JoinByRecordKey implements TableJoin {
  readonly #slots: JoinedSlots;
  readonly #store: StateStore;
  readonly #keys: KeyIndex;
  #found: number[] = [];
  #columns: SqlValue[][];
  /** Of which state of the store and of the keys that is. */
  #changes = -1;
  #generation = -1;

  constructor(slots: JoinedSlots, store: StateStore, keys: KeyIndex) {
    this.#slots = slots;
    this.#store = store;
    this.#keys = keys;
    this.#columns = slots.from.map(() => []);
  }

  find({ bytes, keyStart, keyEnd }: RecordCursor): boolean | undefined {
    const keys = this.#keys;
    const key = keyStart < 0 ? -1 : keys.find(bytes, keyStart, keyEnd);
    if (key < 0) return undefined;
    if (this.#store.changes !== this.#changes || keys.generation !== this.#generation) this.#forget();
    const found = (key < this.#found.length ? this.#found[key] : FOUND.unknown) || this.#lookUp(key);
    const { row, to, key: keySlot, isLeft } = this.#slots;
    if (found === FOUND.none && !isLeft) return false;
    for (let i = 0; i < to.length; i++) row[to[i]!] = this.#columns[i]![key]!;
    if (keySlot >= 0) row[keySlot] = keys.values[key]!;
    return true;
  }

  #lookUp(key: number): number {
    const entry = this.#store.get(this.#keys.texts[key]!) as TableEntry | undefined;
    while (this.#found.length <= key) {
      this.#found.push(FOUND.unknown);
      for (const column of this.#columns) column.push(null);
    }
    const { from } = this.#slots;
    for (let i = 0; i < from.length; i++) this.#columns[i]![key] = entry === undefined ? null : entry[1][from[i]!]!;
    this.#found[key] = entry === undefined ? FOUND.none : FOUND.row;
    return this.#found[key]!;
  }

  #forget(): void {
    this.#found = [];
    this.#columns = this.#slots.from.map(() => []);
    this.#changes = this.#store.changes;
    this.#generation = this.#keys.generation;
  }
}

/** A join by a value that is made of the record's row, and becomes the key of the result. */
export class JoinByValue implements TableJoin {
  readonly #slots: JoinedSlots;
  readonly #store: StateStore;
  readonly #keyOf: (row: Row) => SqlValue;
  readonly #passage: MadeKey;

  constructor(slots: JoinedSlots, store: StateStore, keyOf: (row: Row) => SqlValue, passage: MadeKey) {
    this.#slots = slots;
    this.#store = store;
    this.#keyOf = keyOf;
    this.#passage = passage;
  }

  find(): boolean {
    const key = [this.#keyOf(this.#slots.row) ?? null];
    const entry = key[0] === null ? undefined : (this.#store.get(storeKey(key)) as TableEntry | undefined);
    const { row, from, to, key: keySlot, isLeft } = this.#slots;
    if (entry === undefined && !isLeft) return false;
    for (let i = 0; i < to.length; i++) row[to[i]!] = entry === undefined ? null : entry[1][from[i]!]!;
    if (keySlot >= 0) row[keySlot] = key[0]!;
    this.#passage.make(key);
    return true;
  }
}
