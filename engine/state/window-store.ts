import type { StateStore, StoreKey } from './state-store.ts';

/** A store whose keys are those of windows, which it also finds by when they start. */
export interface WindowStore extends StateStore {
  /** To be called before anything is asked by starts: until then they need not be known. */
  findByStart(): void;
  /** The starts of all windows, in no order. */
  readonly starts: Iterable<number>;
  /** The keys of all windows of a start, in no order. */
  keysOfStart(startMs: number): readonly StoreKey[];
}
