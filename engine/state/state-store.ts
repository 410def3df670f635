import type { SqlValue } from '../../language/types/sql-type.ts';

/** A key of a store: an order-preserving encoding (see key-codec.ts), compared as a string. */
export type StoreKey = string;

/** What a store holds: plain SQL values, so that any store can write it to a disk or a changelog. */
export type StoreValue = SqlValue;

/**
 * The state of an operator. Windows and sessions are key encodings over it; pull queries read it; the changelog
 * decorates it.
 */
export interface StateStore {
  readonly name: string;
  get(key: StoreKey): StoreValue | undefined;
  put(key: StoreKey, value: StoreValue): void;
  delete(key: StoreKey): void;
  /** Entries with from <= key < to (either end may be open), in key order. The store may be changed while iterating. */
  scan(from?: StoreKey, to?: StoreKey): IterableIterator<readonly [StoreKey, StoreValue]>;
  /**
   * Makes what the first scan needs, in slices, so that other work of the process goes on meanwhile. Without it the
   * first scan makes it in one go.
   */
  prepareScan(): Promise<void>;
  /**
   * All entries, in no order. The store may be changed meanwhile: what is new then may come or not, and what has
   * changed may come as it was.
   */
  entries(): IterableIterator<readonly [StoreKey, StoreValue]>;
  readonly size: number;
  /** Another number after each change: who keeps what it was given sees whether it still stands. */
  readonly changes: number;
}

/** A store whose keys are those of windows, which it also finds by when they start. */
export interface WindowStore extends StateStore {
  /** To be called before anything is asked by starts: until then they need not be known. */
  findByStart(): void;
  /** The starts of all windows, in no order. */
  readonly starts: Iterable<number>;
  /** The keys of all windows of a start, in no order. */
  keysOfStart(startMs: number): readonly StoreKey[];
}
