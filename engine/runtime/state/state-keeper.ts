import type { CommittingStore } from '../../state/committing-store.ts';
import type { StoreKey } from '../../state/state-store.ts';
import type { StatePlace } from './state-file.ts';

/** What has changed in a store since the commit before. */
export interface StoreChanges {
  readonly store: CommittingStore;
  readonly keys: Iterable<StoreKey>;
  /** How many entries it had when the commit began. */
  readonly size: number;
}

/** Where the commits of a state go. */
export interface StateKeeper {
  /** What is wrong with what was there, where not all of it could be read. */
  readonly damage: string | undefined;
  /**
   * Makes changes and place durable as one, in slices. @throws FileError; then the commit before stands, and nothing of
   * this one is there
   */
  commit(changes: readonly StoreChanges[], place: StatePlace): Promise<void>;
  close(): void;
  /** Closes what is kept and removes it. */
  delete(): void;
}
