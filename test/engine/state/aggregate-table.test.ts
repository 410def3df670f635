import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryBudget } from '../../../engine/memory/memory-budget.ts';
import { aggregateLayout } from '../../../engine/state/aggregate-layout.ts';
import { type AggregateEntry, NONE } from '../../../engine/state/aggregate-store.ts';
import { AggregateTable } from '../../../engine/state/aggregate-table.ts';
import type { CommittingStore } from '../../../engine/state/committing-store.ts';
import { storeKey, windowKey } from '../../../engine/state/key-codec.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';
import type { StoreKey, StoreValue } from '../../../engine/state/state-store.ts';
import { TrackedStore } from '../../../engine/state/tracked-store.ts';
import { BIGINT, DOUBLE, STRING, struct } from '../../../language/types/sql-type.ts';

const LAYOUT = aggregateLayout(
  [
    BIGINT,
    struct([
      { name: 'A', type: DOUBLE },
      { name: 'B', type: BIGINT },
    ]),
    STRING,
  ],
  true,
);

const states = fc.tuple(
  fc.oneof(fc.nat(9), fc.constantFrom(null, 2n ** 60n)),
  fc.oneof(fc.tuple(fc.double(), fc.nat(9)), fc.constantFrom(null, [1, 2n ** 60n])),
  fc.option(fc.string()),
);

const entry: fc.Arbitrary<AggregateEntry> = fc
  .tuple(
    fc.nat(999),
    states,
    fc.constantFrom('a', 'b', 'a\u0000', 'c'.repeat(50)).map((k) => [k]),
    fc.nat(4),
  )
  .map(([timeMs, of, key, start]) => [timeMs, of, key, start * 1000 - 1000]);

const textOf = ([, , key, startMs]: AggregateEntry): StoreKey => windowKey(storeKey(key), startMs!);

/** What is done to a store, and to what is kept of it. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), entry }),
  fc.record({ kind: fc.constant('put' as const), entry }),
  fc.record({ kind: fc.constant('delete' as const), entry }),
  fc.record({ kind: fc.constant('begin' as const) }),
  fc.record({ kind: fc.constant('write' as const), count: fc.nat(4) }),
  fc.record({ kind: fc.constant('end' as const), isWritten: fc.boolean() }),
);

/** A store with a commit that goes on while it changes. */
class Committed {
  readonly store: CommittingStore;
  readonly kept = new Map<StoreKey, StoreValue>();
  #keys: Iterator<StoreKey> | undefined;
  #written = new Map<StoreKey, StoreValue | undefined>();

  constructor(store: CommittingStore) {
    this.store = store;
  }

  begin(): void {
    if (this.#keys === undefined) this.#keys = this.store.beginCommit()[Symbol.iterator]();
  }

  write(count: number): void {
    for (let left = count; left > 0 && this.#keys !== undefined; left--) {
      const { value, done } = this.#keys.next();
      if (done) return;
      this.#written.set(value, this.store.committed(value));
    }
  }

  end(isWritten: boolean): void {
    if (this.#keys === undefined) return;
    this.write(Number.MAX_SAFE_INTEGER);
    this.store.endCommit(isWritten);
    if (isWritten)
      for (const [key, value] of this.#written) {
        if (value === undefined) this.kept.delete(key);
        else this.kept.set(key, value);
      }
    this.#written = new Map();
    this.#keys = undefined;
  }
}

const sorted = (kept: ReadonlyMap<StoreKey, StoreValue>) => [...kept].sort(([a], [b]) => (a < b ? -1 : 1));

describe('a table of aggregates is a store like any other', () => {
  test('it holds the same entries, and commits what they were when a commit began', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const table = new AggregateTable('t', { layout: LAYOUT, isTracked: true });
        const other = new TrackedStore(new MemoryStore('t'), true);
        const both = [new Committed(table), new Committed(other)];
        for (const each of steps) {
          for (const one of both) {
            if (each.kind === 'put') one.store.put(textOf(each.entry), each.entry as unknown as StoreValue);
            else if (each.kind === 'delete') one.store.delete(textOf(each.entry));
            else if (each.kind === 'begin') one.begin();
            else if (each.kind === 'write') one.write(each.count);
            else one.end(each.isWritten);
          }
          expect(sorted(both[0]!.kept)).toEqual(sorted(both[1]!.kept));
        }
        expect([...table.scan()]).toEqual([...other.scan()]);
        expect(table.size).toBe(other.size);
        for (const one of both) {
          one.end(true);
          one.begin();
          one.end(true);
        }
        expect(sorted(both[0]!.kept)).toEqual([...other.scan()]);
      }),
      { numRuns: 300 },
    );
  });

  test('a range is scanned in order', () => {
    const table = new AggregateTable('t', { layout: LAYOUT });
    const put = (key: string, startMs: number) =>
      table.put(windowKey(key, startMs), [0, [0, null, null], [key], startMs]);
    for (const startMs of [30, 10, 20]) for (const key of ['b', 'a', 'c']) put(key, startMs);
    const found = [...table.scan(windowKey('a', 20), windowKey('b', 30))].map(([text]) => text);
    expect(found).toEqual([windowKey('a', 20), windowKey('a', 30), windowKey('b', 10), windowKey('b', 20)]);
  });
});

test('a great many windows are found again, and their places are taken anew', () => {
  const layout = aggregateLayout([BIGINT], true);
  const memory = new MemoryBudget(1e12);
  const table = new AggregateTable('t', { layout, account: memory.open('t', 'state') });
  const count = 100_000;
  const keyOf = (i: number) => `key ${i % 1000}`;
  const add = (i: number) =>
    table.add({ key: [keyOf(i)], text: keyOf(i) }, table.findKey(keyOf(i)), Math.floor(i / 1000), [i], i);
  for (let i = 0; i < count; i++) add(i);
  const usedBytes = memory.usedBytes;
  expect(usedBytes / count).toBeLessThan(80);
  for (let i = 0; i < count; i += 2) table.remove(table.find(table.findKey(keyOf(i)), Math.floor(i / 1000)));
  expect(table.size).toBe(count / 2);
  const isWrong = (i: number) => {
    const slot = table.find(table.findKey(keyOf(i)), Math.floor(i / 1000));
    return i % 2 === 0 ? slot !== NONE : table.stateOf(slot, 0) !== i;
  };
  expect(Array.from({ length: count }, (_, i) => i).filter(isWrong)).toEqual([]);
  for (let i = 0; i < count; i += 2) add(i);
  expect(memory.usedBytes).toBe(usedBytes);
  for (const startMs of [...table.starts]) for (const slot of table.slotsOfStart(startMs)) table.remove(slot);
  expect([table.size, [...table.starts], table.findKey('key 1')]).toEqual([0, [], NONE]);
  memory.close();
});
