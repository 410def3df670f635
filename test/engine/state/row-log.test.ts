import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CommittingStore } from '../../../engine/state/committing-store.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';
import { type LoggedRow, RowLog } from '../../../engine/state/row-log.ts';
import type { StoreValue } from '../../../engine/state/state-store.ts';
import { TrackedStore } from '../../../engine/state/tracked-store.ts';

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), times: fc.integer({ min: 1, max: 700 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('drop' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), isWritten: fc.boolean() }) },
);

/** What commits have written: their keys with what the store says that they were. */
class Written {
  readonly entries = new Map<string, StoreValue>();

  write(store: CommittingStore, keys: Iterable<string>): void {
    for (const key of keys) {
      const value = store.committed(key);
      if (value === undefined) this.entries.delete(key);
      else this.entries.set(key, value);
    }
  }
}

const sorted = (entries: Iterable<readonly [string, StoreValue]>) =>
  [...entries].sort(([a], [b]) => Number(a) - Number(b));

test('what commits write of a log is what they write of a store of its entries, also where one fails half-way', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const log = new RowLog('rows', undefined, true);
      const store = new TrackedStore(new MemoryStore('rows'), true);
      const live: LoggedRow[] = [];
      const [ofLog, ofStore] = [new Written(), new Written()];
      let pending: readonly [Iterable<string>, Iterable<string>] | undefined;
      const end = (isWritten: boolean) => {
        if (pending === undefined) return;
        ofLog.write(log, pending[0]);
        ofStore.write(store, pending[1]);
        log.endCommit(isWritten);
        store.endCommit(isWritten);
        pending = undefined;
        if (isWritten) expect(sorted(ofLog.entries)).toEqual(sorted(ofStore.entries));
      };
      for (const each of steps) {
        if (each.kind === 'append') {
          for (let i = 0; i < each.times; i++) {
            const row = log.append(`key ${i % 7}`, i, [i, 'text']);
            live.push(row);
            store.put(String(row.number), [row.key, row.timeMs, row.row]);
          }
        } else if (each.kind === 'drop') {
          for (const row of live.splice(
            Math.floor(live.length * each.share * 0.5),
            Math.floor(live.length * each.share),
          )) {
            log.drop(row);
            store.delete(String(row.number));
          }
        } else if (each.kind === 'begin') {
          end(true);
          pending = [log.beginCommit(), store.beginCommit()];
        } else {
          end(each.isWritten);
        }
      }
      expect(log.size).toBe(store.size);
      expect(sorted(log.entries())).toEqual(sorted(store.entries()));
      end(true);
      pending = [log.beginCommit(), store.beginCommit()];
      end(true);
      expect(sorted(ofLog.entries)).toEqual(sorted(log.entries()));
    }),
    { numRuns: 60 },
  );
});

test('what was kept comes back in any order, counts as no change, and numbers go on behind it', () => {
  const log = new RowLog('rows', undefined, true);
  for (const number of [5000, 3, 2047]) log.restore(String(number), [`key ${number}`, number, [number]]);
  expect([...log.rows()].map(({ number }) => number)).toEqual([3, 2047, 5000]);
  expect([...log.beginCommit()]).toEqual([]);
  log.endCommit(true);
  expect(log.append('next', 1, []).number).toBe(5001);
  expect([...log.scan()].map(([key]) => key)).toEqual(['2047', '3', '5000', '5001']);
  log.restore('5000', undefined);
  expect(log.get('5000')).toBeUndefined();
  expect(log.size).toBe(3);
});

test('what a changelog says is a change, also that a row is gone that is not here', () => {
  const log = new RowLog('rows', undefined, true);
  log.restore('0', ['a', 1, []]);
  log.put('1', ['b', 2, []]);
  log.delete('0');
  log.delete('7');
  const keys = [...log.beginCommit()];
  expect(keys.sort()).toEqual(['0', '1', '7']);
  expect(keys.map((key) => log.committed(key))).toEqual([undefined, ['b', 2, []], undefined]);
  expect(log.append('c', 3, []).number).toBe(8);
});

test('pages go with their last row, and what was counted is given back', () => {
  let bytes = 0;
  const account = { add: (more: number) => (bytes += more) } as unknown as ConstructorParameters<typeof RowLog>[1];
  const log = new RowLog('rows', account);
  const rows = Array.from({ length: 10_000 }, (_, i) => log.append('key', i, [i]));
  expect(bytes).toBeGreaterThan(0);
  for (const row of rows) log.drop(row);
  expect(bytes).toBe(0);
  expect(log.size).toBe(0);
});
