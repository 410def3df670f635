import { describe, expect, test } from 'vitest';
import { ByPartition } from '../../../engine/operators/by-partition.ts';
import { AggregateSet } from '../../../engine/operators/grouped-aggregate.ts';
import { type Change, type Operator, RESTORED_AT_ONCE, type Row } from '../../../engine/operators/operator.ts';
import { StreamStreamJoin } from '../../../engine/operators/stream-stream-join.ts';
import { WindowedAggregate } from '../../../engine/operators/windowed-aggregate.ts';
import { aggregateLayout } from '../../../engine/state/aggregate-layout.ts';
import { AggregateTable } from '../../../engine/state/aggregate-table.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';
import { RowLog } from '../../../engine/state/row-log.ts';

const ENTRIES = 4 * RESTORED_AT_ONCE;

/** Counts the entries that are looked at. */
class WatchedStore extends MemoryStore {
  looked = 0;

  override *entries(): ReturnType<MemoryStore['entries']> {
    for (const entry of super.entries()) {
      this.looked++;
      yield entry;
    }
  }
}

class WatchedRows extends RowLog {
  looked = 0;

  override *rows(): ReturnType<RowLog['rows']> {
    for (const row of super.rows()) {
      this.looked++;
      yield row;
    }
  }
}

/** Stores that outlive the operators. */
function keptStores() {
  const stores = new Map<string, WatchedStore>();
  const logs = new Map<string, WatchedRows>();
  const tables = new Map<string, AggregateTable>();
  return {
    openRows(name: string): WatchedRows {
      const log = logs.get(name) ?? new WatchedRows(name);
      logs.set(name, log);
      return log;
    },
    open(name: string): WatchedStore {
      const store = stores.get(name) ?? new WatchedStore(name);
      stores.set(name, store);
      return store;
    },
    openTable(name: string): AggregateTable {
      const table = tables.get(name) ?? new AggregateTable(name, { layout: aggregateLayout([], true) });
      tables.set(name, table);
      return table;
    },
    get looked(): number {
      let sum = 0;
      for (const { looked } of [...stores.values(), ...logs.values()]) sum += looked;
      return sum;
    },
  };
}

type Stores = ReturnType<typeof keptStores>;

const change = (key: string, timeMs: number): Change => ({
  key: [key],
  before: null,
  after: [key],
  timeMs,
  headers: [],
});

const finalCounts = (stores: Stores, suffix = '') =>
  new WindowedAggregate({
    groupOf: (row: Row) => [row[0]!],
    aggregates: new AggregateSet([]),
    windows: { sizeMs: 1000, advanceMs: 1000, graceMs: 0, retentionMs: 1_000_000 },
    table: stores.openTable(`windows${suffix}`),
    timeStore: stores.open(`time${suffix}`),
    withBefore: false,
    final: true,
    orderOf: (key) => String(key[0]),
    onLate: () => undefined,
  });

const leftJoin = (stores: Stores) =>
  new StreamStreamJoin({
    type: 'LEFT',
    beforeMs: 1000,
    afterMs: 1000,
    graceMs: 0,
    keyOf: [(row) => [row[0]!], (row) => [row[0]!]],
    joinRow: (left, right) => [left?.[0] ?? null, right?.[0] ?? null],
    orderOf: (key: Row) => String(key[0]),
    openStore: (name) => stores.open(name),
    openRows: (name) => stores.openRows(name),
  });

/** Goes through the steps of a restore. @returns the most entries that one of them looked at */
function restored(operator: Operator, stores: Stores): number {
  let most = 0;
  let before = stores.looked;
  for (const _ of operator.restore!()) {
    most = Math.max(most, stores.looked - before);
    before = stores.looked;
  }
  return Math.max(most, stores.looked - before);
}

/** What comes out of an operator when time goes far on. */
function comesOut(operator: Operator, timeMs: number): string[] {
  const keys: string[] = [];
  operator.process(change('~', timeMs), 0, ({ key }) => keys.push(String(key![0])));
  return keys;
}

describe('an operator looks over what earlier runs have left a little at a time, and then goes on as they would', () => {
  test('a join', () => {
    const stores = keptStores();
    const before = leftJoin(stores);
    for (let i = 0; i < ENTRIES; i++) before.process(change(`key ${i}`, i % 900), 0, () => undefined);
    const again = leftJoin(stores);
    expect(stores.looked).toBe(0);
    expect(restored(again, stores)).toBeLessThanOrEqual(RESTORED_AT_ONCE + 1);
    // Each row stands in a window of its side and among those without a partner.
    expect(stores.looked).toBeGreaterThanOrEqual(2 * ENTRIES);
    expect(comesOut(again, 10_000)).toHaveLength(ENTRIES);
  });

  test('windows, which their table knows by themselves', () => {
    const stores = keptStores();
    const before = finalCounts(stores);
    for (let i = 0; i < ENTRIES; i++) before.process(change(`key ${i}`, i % 900), 0, () => undefined);
    expect(comesOut(finalCounts(stores), 10_000)).toHaveLength(ENTRIES);
  });

  test('partitions that have something are looked over, and no others', () => {
    const stores = keptStores();
    const make = (partition: number) => finalCounts(stores, `-${partition}`);
    const partitionOf = ({ key }: Change) => Number(String(key![0]).at(-1));
    const before = new ByPartition(partitionOf, make, []);
    for (const key of ['a1', 'b1', 'c3']) before.process(change(key, 0), 0, () => undefined);
    const made: number[] = [];
    const makeAgain = (partition: number) => {
      made.push(partition);
      return make(partition);
    };
    const again = new ByPartition(partitionOf, makeAgain, [1, 3]);
    for (const _ of again.restore());
    expect(made).toEqual([1, 3]);
    const output: string[] = [];
    again.process(change('~1', 5000), 0, ({ key }) => output.push(String(key![0])));
    expect(output).toEqual(['a1', 'b1']);
  });
});
