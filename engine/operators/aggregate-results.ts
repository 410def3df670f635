import type { SqlValue } from '../../language/types/sql-type.ts';
import { type AggregateEntry, type AggregateStore, type GroupKey, NONE } from '../state/aggregate-store.ts';
import { storeKey } from '../state/key-codec.ts';
import type { AggregateSet, GroupOf, States } from './grouped-aggregate.ts';
import type { Change, ChangeFold, Emit, Header, HeldEntries, Operator, Row } from './operator.ts';

const NO_HEADERS: readonly Header[] = [];

export interface AggregateResultsOptions {
  readonly table: AggregateStore;
  readonly aggregates: AggregateSet;
  /** How long a window is; undefined where there are none. */
  readonly windowMs?: number | undefined;
  /** Whether what follows needs the row before each change (HAVING does). */
  readonly withBefore: boolean;
  /** Holds changes of entries until they are made into rows; absent where each change goes on at once. */
  readonly fold?: ChangeFold | undefined;
}

/** Writes what entries are that are let go, so that no changes need be made of them. */
export interface EntryWriter {
  /** @returns false: the entry is to go on as a change */
  write(results: AggregateResults, slot: number, headers: readonly Header[]): boolean;
  /** Nothing more is let go for now. */
  done(): void;
}

/** The results of an aggregate as its table has them: sets new states, and passes on what comes of that. */
export class AggregateResults implements HeldEntries {
  readonly table: AggregateStore;
  readonly #aggregates: AggregateSet;
  readonly #windowMs: number | undefined;
  readonly #withBefore: boolean;
  readonly #fold: ChangeFold | undefined;
  /** Where what is held goes: first to the writer, where there is one. */
  #emit: Emit = () => {};
  writer: EntryWriter | undefined;

  constructor({ table, aggregates, windowMs, withBefore, fold }: AggregateResultsOptions) {
    this.table = table;
    this.#aggregates = aggregates;
    this.#windowMs = windowMs;
    this.#withBefore = withBefore;
    this.#fold = table.isHeldBySlots ? fold : undefined;
  }

  /**
   * Sets the states of an entry without a window.
   *
   * @param slot NONE: the entry is new
   * @param number of the group's key, or NONE
   * @returns the slot
   */
  set(slot: number, group: GroupKey, number: number, states: States, timeMs: number): number {
    if (slot === NONE) return this.table.add(group, number, 0, states, timeMs);
    this.table.set(slot, states, timeMs);
    return slot;
  }

  /** Passes on that an entry has changed. @param before the row of it before, see {@link rowBefore} */
  changed(slot: number, before: Row | null, headers: readonly Header[], emit: Emit): void {
    if (this.#fold === undefined) {
      emit(this.change(slot, before, headers));
      return;
    }
    this.#emit = emit;
    this.#fold.hold(this, slot, headers);
  }

  /** The row of an entry that is about to change, as far as anybody needs it. */
  rowBefore(slot: number): Row | null {
    return this.#withBefore && slot !== NONE ? this.row(slot) : null;
  }

  row(slot: number): Row {
    return this.#aggregates.rowOf(this.table, slot, this.endOf(slot));
  }

  change(slot: number, before: Row | null, headers: readonly Header[]): Change {
    const table = this.table;
    const [key, after, timeMs, endMs] = [table.keyOf(slot), this.row(slot), table.timeOf(slot), this.endOf(slot)];
    return endMs === undefined
      ? { key, before, after, timeMs, headers }
      : { key, before, after, timeMs, window: { startMs: table.startOf(slot), endMs }, headers };
  }

  /** As a change, what an entry is. */
  changeOf([timeMs, states, key, startMs]: AggregateEntry): Change {
    if (startMs === undefined || this.#windowMs === undefined) {
      const after = this.#aggregates.row(key, states, timeMs);
      return { key, before: null, after, timeMs, headers: NO_HEADERS };
    }
    const endMs = startMs + this.#windowMs;
    const after = this.#aggregates.row(key, states, timeMs, startMs, endMs);
    return { key, before: null, after, timeMs, window: { startMs, endMs }, headers: NO_HEADERS };
  }

  /** Removes entries. What is held of them goes out before. */
  remove(slots: readonly number[]): void {
    const table = this.table;
    if (this.#fold !== undefined && slots.some((slot) => table.placeOf(slot) !== NONE)) this.#fold.release();
    for (const slot of slots) table.remove(slot);
  }

  placeOf(slot: number): number {
    return this.table.placeOf(slot);
  }

  setPlace(slot: number, place: number): void {
    this.table.setPlace(slot, place);
  }

  letGo(slot: number, headers: readonly Header[]): void {
    if (this.writer?.write(this, slot, headers) !== true) this.#emit(this.change(slot, null, headers));
  }

  letGoDone(): void {
    this.writer?.done();
  }

  /** What an aggregate gives for an entry. */
  resultOf(slot: number, index: number): SqlValue {
    return this.#aggregates.resultOf(this.table, slot, index);
  }

  /** When the window of an entry ends; undefined where there are no windows. */
  endOf(slot: number): number | undefined {
    return this.#windowMs === undefined ? undefined : this.table.startOf(slot) + this.#windowMs;
  }
}

/** How rows of a stream are grouped, and what is found out of each group. */
export interface Grouping {
  readonly groupOf: GroupOf;
  readonly aggregates: AggregateSet;
}

/** The aggregate of a stream, which also takes rows of which the key and the arguments are known already. */
export abstract class KeyedAggregate implements Operator {
  /** What it has in its table. */
  readonly results: AggregateResults;
  readonly #grouping: Grouping;

  constructor(grouping: Grouping, results: AggregateResults) {
    this.#grouping = grouping;
    this.results = results;
  }

  process(change: Change, _input: number, emit: Emit): void {
    const { groupOf, aggregates } = this.#grouping;
    if (change.after === null) return;
    const key = groupOf(change.after);
    if (key === null) return;
    const text = storeKey(key);
    this.add({ key, text }, this.results.table.findKey(text), aggregates.argumentsOf(change.after), change, emit);
  }

  /**
   * Adds a row to its group.
   *
   * @param number of the key in the table; NONE: it has no entry
   * @param values the arguments of all aggregates, one behind the other
   * @param record what the row came of
   */
  abstract add(group: GroupKey, number: number, values: readonly SqlValue[], record: Origin, emit: Emit): void;
}

/** What an aggregate wants to know of a record besides its row. */
export type Origin = Pick<Change, 'timeMs' | 'headers'>;
