import type { StoreKey, StoreValue } from './state-store.ts';

/** The entries of one store as of the last commit, on a disk. */
export interface StoredEntries {
  /** How many there are. */
  readonly count: number;
  /** @throws Error that names the file where the entry is damaged */
  get(key: StoreKey): StoreValue | undefined;
  /**
   * The first entries with from < key (or <=, where it is included) and key < to, in key order, as many as are asked
   * for at most.
   * @throws Error that names the file where one is damaged
   */
  page(
    from: StoreKey,
    isIncluded: boolean,
    to: StoreKey | undefined,
    count: number,
  ): (readonly [StoreKey, StoreValue])[];
}

/** Entries whose keys are those of windows, which are also found by when their windows start. */
export interface StoredWindows extends StoredEntries {
  /** How many entries there are of each start. */
  starts(): readonly (readonly [startMs: number, count: number])[];
  keysOfStart(startMs: number): readonly StoreKey[];
}
