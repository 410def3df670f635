import type { RowLog } from './row-log.ts';
import type { StateStore } from './state-store.ts';

/** Gives an operator its store; the same name gives the same state again after a restart. */
export interface StateStores {
  /** @param use `scanned`: the operator scans it while it processes records */
  open(name: string, use?: 'scanned'): StateStore;
  /** A store of rows that are numbered as they come. */
  openRows(name: string): RowLog;
  /** Whether earlier runs have left anything in a store whose name begins so. */
  has(prefix: string): boolean;
}
