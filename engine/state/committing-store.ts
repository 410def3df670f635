import type { StateStore, StoreKey, StoreValue } from './state-store.ts';

/**
 * A store whose changes are kept elsewhere, too: in a file, in a changelog. It knows what has changed since the last
 * commit, and what an entry was when the commit under way began, however it changes meanwhile.
 */
export interface CommittingStore extends StateStore {
  /** Sets what was kept, without counting it as a change; undefined: the entry is gone. */
  restore(key: StoreKey, value: StoreValue | undefined): void;
  /**
   * Begins a commit of what has changed since the one before. @returns the keys to write, which can be gone through
   * more than once, each to be looked up by {@link committed}
   */
  beginCommit(): Iterable<StoreKey>;
  /** What an entry of the commit was when it began; undefined: deleted. */
  committed(key: StoreKey): StoreValue | undefined;
  /** Ends the commit. What could not be written counts as changed again. */
  endCommit(isWritten: boolean): void;
}
