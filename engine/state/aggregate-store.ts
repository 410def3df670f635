import type { SqlValue } from '../../language/types/sql-type.ts';
import type { StoreKey } from './state-store.ts';

/** The number of no slot, and of no key. */
export const NONE = -1;

/** The key of a group. */
export interface GroupKey {
  readonly key: readonly SqlValue[];
  /** The store key of the key. */
  readonly text: StoreKey;
}

/**
 * Adds a row's arguments to states that are numbers side by side, of which the first stands at a place.
 * @returns false where some are not for it; then nothing was done
 */
export type AddInPlace = (numbers: Float64Array, at: number, values: readonly SqlValue[]) => boolean;

/** What an entry is as a value; the start of its window is the last, where there are windows. */
export type AggregateEntry = readonly [
  timeMs: number,
  states: readonly SqlValue[],
  key: readonly SqlValue[],
  startMs?: number,
];

/**
 * The aggregates of groups, or of their windows. An entry is known by its slot, a number that is good until the next
 * key is looked for, and where {@link isHeldBySlots} until the entry is removed.
 */
export interface AggregateStore {
  readonly size: number;
  readonly isWindowed: boolean;
  readonly isHeldBySlots: boolean;
  /** The number of a key; {@link NONE}: it has no entry. */
  findKey(text: StoreKey): number;
  /** The key that has a number, where that stands for a key until its last entry goes; else undefined. */
  keyAt(key: number): readonly SqlValue[] | undefined;
  /** The slot of a key, or of one of its windows; {@link NONE}: there is none. */
  find(key: number, startMs: number): number;
  /** {@link find} for the first of the slots, each of a window that starts so much later than the one before. */
  findWindows(key: number, firstMs: number, advanceMs: number, count: number, slots: Int32Array): void;
  /**
   * Adds an entry that is not there, and keeps the key. States are copied.
   *
   * @param key the number of the group's key; {@link NONE}: it has no entry
   * @param startMs 0 where there are no windows
   */
  add(group: GroupKey, key: number, startMs: number, states: readonly SqlValue[], timeMs: number): number;
  /** Sets the states of an entry to a copy; the time of its newest record goes on, never back. */
  set(slot: number, states: readonly SqlValue[], timeMs: number): void;
  /** Adds to the states of an entry where they stand. @returns false where that cannot be; then nothing was done */
  addInPlace(slot: number, add: AddInPlace, values: readonly SqlValue[], timeMs: number): boolean;
  remove(slot: number): void;
  timeOf(slot: number): number;
  startOf(slot: number): number;
  keyOf(slot: number): readonly SqlValue[];
  /** The number of an entry's key. */
  keyNumberOf(slot: number): number;
  stateOf(slot: number, index: number): SqlValue;
  /** Where the entry stands among those whose changes are held back; {@link NONE}: it is not one of them. */
  placeOf(slot: number): number;
  setPlace(slot: number, place: number): void;
  /** The starts of all windows, in no order. */
  readonly starts: Iterable<number>;
  slotsOfStart(startMs: number): readonly number[];
  /** The entries of a key, by the starts of their windows. */
  entriesOfKey(text: StoreKey): Iterable<AggregateEntry>;
  /** All entries, with their store keys and in the order of those. The store may be changed meanwhile. */
  entriesInOrder(): IterableIterator<readonly [StoreKey, AggregateEntry]>;
  /** Makes that order, in slices. */
  prepareScan(): Promise<void>;
}
