import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { MemoryBudget } from '../../../engine/memory/memory-budget.ts';
import { DiskState } from '../../../engine/runtime/state/disk-state.ts';
import type { CommittingStore } from '../../../engine/state/committing-store.ts';
import { DiskStore } from '../../../engine/state/disk-store.ts';
import { windowKey } from '../../../engine/state/key-codec.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';
import type { StoreKey, StoreValue } from '../../../engine/state/state-store.ts';
import { TrackedStore } from '../../../engine/state/tracked-store.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ksql-stores-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A store, and where its commits go. */
interface Kept {
  readonly store: CommittingStore;
  /** @param meanwhile what changes while the commit is written */
  commit(meanwhile: () => void): Promise<void>;
  /** What was committed, in a store that is opened anew. */
  reopened(): Promise<CommittingStore>;
  close(): void;
}

const PLACE = { positions: new Map<string, number>(), changelogOffsets: new Map<string, number>(), timeMs: 0 };

function inMemory(): Kept {
  const kept = new Map<StoreKey, StoreValue>();
  const open = () => new TrackedStore(new MemoryStore('s'), true);
  const store = open();
  return {
    store,
    async commit(meanwhile) {
      const keys = store.beginCommit();
      meanwhile();
      for (const key of keys) {
        const value = store.committed(key);
        if (value === undefined) kept.delete(key);
        else kept.set(key, value);
      }
      store.endCommit(true);
    },
    async reopened() {
      const again = open();
      for (const [key, value] of kept) again.restore(key, value);
      return again;
    },
    close: () => {},
  };
}

const onDisk = (cacheBytes: number) => async (): Promise<Kept> => {
  const file = path.join(folder, `${files++}.db`);
  const open = async () => {
    const state = await DiskState.open(file, { sync: 'never' });
    return { state, store: new DiskStore('s', state.entriesOf('s'), () => cacheBytes) };
  };
  let { state, store } = await open();
  return {
    store,
    async commit(meanwhile) {
      const size = store.size;
      const changes = [{ store, keys: store.beginCommit(), size }];
      const committed = state.commit(changes, PLACE);
      meanwhile();
      await committed;
      store.endCommit(true);
    },
    async reopened() {
      state.close();
      ({ state, store } = await open());
      return store;
    },
    close: () => state.close(),
  };
};

/** Few keys, so that they meet often: with and without what sorts otherwise as bytes or as characters. */
const KEYS = [
  '',
  'a',
  'a\u0000',
  'a\u0000b',
  'ab',
  'b',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\ud800',
  '\ud83d\ude00',
  '\uffee',
];

type Step =
  | { readonly kind: 'put'; readonly key: number; readonly value: number }
  | { readonly kind: 'delete' | 'get'; readonly key: number }
  | { readonly kind: 'scan'; readonly from: number; readonly to: number }
  | { readonly kind: 'commit'; readonly meanwhile: readonly (readonly [number, number | null])[] }
  | { readonly kind: 'fail' };

const keyNumber = fc.nat(KEYS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), key: keyNumber, value: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('delete' as const, 'get' as const), key: keyNumber }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('scan' as const), from: keyNumber, to: keyNumber }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      meanwhile: fc.array(fc.tuple(keyNumber, fc.option(fc.nat())), { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const) }) },
);

const sorted = (model: ReadonlyMap<StoreKey, StoreValue>) => [...model].sort(([a], [b]) => (a < b ? -1 : 1));

describe.each([
  ['in memory', async () => inMemory()],
  ['on a disk', onDisk(1e6)],
  ['on a disk, with nothing kept in memory', onDisk(0)],
])('a store %s', (_title, open) => {
  test('gives what was put, in order, and after a commit what was there when it began', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const kept = await open();
        const { store } = kept;
        const model = new Map<StoreKey, StoreValue>();
        let committed: (readonly [StoreKey, StoreValue])[] = [];
        const change = (key: number, value: number | null) => {
          const text = KEYS[key]!;
          if (value === null) {
            store.delete(text);
            model.delete(text);
          } else {
            store.put(text, [value, text]);
            model.set(text, [value, text]);
          }
        };
        for (const each of steps) {
          if (each.kind === 'put') change(each.key, each.value);
          else if (each.kind === 'delete') change(each.key, null);
          else if (each.kind === 'get') expect(store.get(KEYS[each.key]!)).toEqual(model.get(KEYS[each.key]!));
          else if (each.kind === 'scan') {
            const [from, to] = [KEYS[each.from]!, KEYS[each.to]!];
            expect([...store.scan(from, to)]).toEqual(sorted(model).filter(([key]) => key >= from && key < to));
          } else if (each.kind === 'commit') {
            committed = sorted(model);
            await kept.commit(() => {
              for (const [key, value] of each.meanwhile) change(key, value);
              expect([...store.scan()]).toEqual(sorted(model));
            });
          } else {
            store.beginCommit();
            store.endCommit(false);
          }
          expect(store.size).toBe(model.size);
        }
        expect([...store.scan()]).toEqual(sorted(model));
        expect(new Map(store.entries())).toEqual(model);
        const again = await kept.reopened();
        expect([...again.scan()]).toEqual(committed);
        expect(again.size).toBe(committed.length);
        kept.close();
      }),
      { numRuns: 60 },
    );
  });

  test('is scanned in order over any number of entries, with what changes while it is scanned', async () => {
    const kept = await open();
    const { store } = kept;
    for (let i = 0; i < 3000; i++) store.put(`k${(i * 7919) % 3000}`, i);
    await kept.commit(() => {});
    for (let i = 0; i < 3000; i += 3) store.delete(`k${i}`);
    const seen: string[] = [];
    for (const [key] of store.scan('k1', 'k2')) {
      seen.push(key);
      store.delete(key);
    }
    const expected = Array.from({ length: 3000 }, (_, i) => `k${i}`).filter(
      (key) => key >= 'k1' && key < 'k2' && Number(key.slice(1)) % 3 !== 0,
    );
    expect(seen).toEqual(expected.sort());
    expect(store.size).toBe(2000 - seen.length);
    kept.close();
  });
});

test('windows on a disk are found by their starts, whatever is committed when', async () => {
  const change = fc.record({ key: fc.nat(3), start: fc.nat(3), isPut: fc.boolean() });
  const steps = fc.array(fc.oneof({ weight: 5, arbitrary: change }, fc.constantFrom('commit', 'fail', 'reopen')), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(40), async (all, askedFrom) => {
      const file = path.join(folder, `${files++}.db`);
      const open = async () => {
        const state = await DiskState.open(file, { sync: 'never' });
        return { state, store: new DiskStore('s', state.entriesOf('s', true), () => 0) };
      };
      let { state, store } = await open();
      let model = new Map<StoreKey, number>();
      let committed = new Map<StoreKey, number>();
      for (const [i, each] of all.entries()) {
        if (i >= askedFrom) store.findByStart();
        if (each === 'commit' || each === 'fail') {
          const changes = [{ store, size: store.size, keys: store.beginCommit() }];
          if (each === 'commit') {
            await state.commit(changes, PLACE);
            committed = new Map(model);
          }
          store.endCommit(each === 'commit');
        } else if (each === 'reopen') {
          state.close();
          ({ state, store } = await open());
          model = new Map(committed);
        } else {
          const startMs = (each.start - 1) * 1000;
          const key = windowKey(`k${each.key}`, startMs);
          if (each.isPut) store.put(key, i);
          else store.delete(key);
          if (each.isPut) model.set(key, startMs);
          else model.delete(key);
        }
      }
      store.findByStart();
      expect([...store.starts].sort()).toEqual([...new Set(model.values())].sort());
      for (const startMs of [-1000, 0, 1000, 2000])
        expect([...store.keysOfStart(startMs)].sort()).toEqual(
          [...model].flatMap(([key, start]) => (start === startMs ? [key] : [])).sort(),
        );
      state.close();
    }),
    { numRuns: 60 },
  );
});

test('a store on a disk counts what it has in memory, and gives back what was not used for long', async () => {
  const account = new MemoryBudget(1e9).open('state', 'state');
  const state = await DiskState.open(path.join(folder, `${files++}.db`), { sync: 'never' });
  const store = new DiskStore('s', state.entriesOf('s'), () => 1_000_000, account);
  for (let i = 0; i < 20_000; i++) store.put(`k${i}`, 'x'.repeat(100));
  expect(account.usedBytes).toBeGreaterThan(20_000 * 100);
  const changes = [{ store, keys: store.beginCommit(), size: store.size }];
  await state.commit(changes, PLACE);
  store.endCommit(true);
  expect(account.usedBytes).toBe(0);
  for (let i = 0; i < 20_000; i++) expect(store.get(`k${i}`)).toHaveLength(100);
  expect(account.usedBytes).toBeGreaterThan(100_000);
  expect(account.usedBytes).toBeLessThan(1_200_000);
  state.close();
});
