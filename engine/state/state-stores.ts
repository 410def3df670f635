import type { AggregateLayout } from './aggregate-layout.ts';
import type { AggregateStore } from './aggregate-store.ts';
import type { RowLog } from './row-log.ts';
import type { StateStore } from './state-store.ts';

/** Gives an operator its store; the same name gives the same state again after a restart. */
export interface StateStores {
  /** @param use `scanned`: the operator scans it while it processes records */
  open(name: string, use?: 'scanned'): StateStore;
  /** A store of rows that are numbered as they come. */
  openRows(name: string): RowLog;
  /** A store of the aggregates of groups or windows. */
  openTable(name: string, layout: AggregateLayout): AggregateStore;
  /** Whether memory has only parts of them. */
  readonly isOnDisk: boolean;
  /** Whether earlier runs have left anything in a store whose name begins so. */
  has(prefix: string): boolean;
}
