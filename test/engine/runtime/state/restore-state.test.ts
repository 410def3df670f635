import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { FileHandles } from '../../../../engine/files/file-handles.ts';
import { MemoryBudget } from '../../../../engine/memory/memory-budget.ts';
import { SLICE_ENTRIES } from '../../../../engine/runtime/state/changelog-entries.ts';
import { changelogTopics, ensureChangelogTopics } from '../../../../engine/runtime/state/changelog-topics.ts';
import { QueryState } from '../../../../engine/runtime/state/query-state.ts';
import { restoreState } from '../../../../engine/runtime/state/restore-state.ts';
import type { StoreValue } from '../../../../engine/state/state-store.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ksql-changelog-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = (kind = 'state') => path.join(folder, `${files++}.${kind}`);

const STORES = ['Aggregate', 'Aggregate-time', 'Materialized', 'Left-Reduce'];
const CHANGELOG = changelogTopics('app', ['Aggregate', 'Left-Reduce'], 1);
const [TOPIC] = CHANGELOG.topics;

async function newBroker(): Promise<MemoryBroker> {
  const broker = new MemoryBroker();
  const specs = CHANGELOG.topics.map((name) => ({ name, partitions: 2 }));
  await ensureChangelogTopics(broker, specs);
  return broker;
}

const open = (file?: string) => {
  const kind = file?.endsWith('.db') ? ('disk' as const) : ('memory' as const);
  const options = { handles: new FileHandles(), sync: 'never' as const, kind };
  return QueryState.open({ changelog: CHANGELOG, ...(file === undefined ? {} : { file: { path: file, ...options } }) });
};

/** As a task commits: changes go to the changelog, then to the file. */
async function commit(state: QueryState, broker: MemoryBroker): Promise<void> {
  const offsets = new Map<string, number>();
  for await (const { topic, partition, batch } of state.changelogBatches())
    offsets.set(topic, (await broker.append(topic, partition, [batch])) + batch.count);
  await state.commit(new Map(), offsets);
}

const contentOf = (state: QueryState) =>
  Object.fromEntries(STORES.map((store) => [store, [...state.open(store).scan()]]));

async function restored(broker: MemoryBroker, file?: string) {
  const state = await open(file);
  const progress = await restoreState(state, { broker });
  const content = contentOf(state);
  state.close();
  return { content, progress };
}

test('a state that is restored holds what was committed, whatever its stores hold, and nothing else', async () => {
  const broker = await newBroker();
  const state = await open();
  const values: StoreValue[] = [null, -0, 2n ** 70n, 'ä\u0100', new Uint8Array([0, 255]), [[null, 'k1']], new Map()];
  for (const [i, value] of values.entries())
    for (const store of STORES) state.open(store).put(`k${i}\u0000\ud801`, [store, value]);
  state.open('Aggregate').put('gone', 1);
  await commit(state, broker);
  state.open('Aggregate').delete('gone');
  await commit(state, broker);
  const committed = contentOf(state);
  state.open('Aggregate').put('never committed', 1);
  expect((await restored(broker)).content).toEqual(committed);
  expect(committed['Aggregate']).toHaveLength(values.length);
  await broker.close();
});

test('a topic has the entries of its own partition, and no other topic than those that ksqlDB has', async () => {
  const broker = await newBroker();
  const state = await open();
  for (const store of STORES) state.open(store).put('k', 1);
  await commit(state, broker);
  const written = await Promise.all(
    CHANGELOG.topics.map(async (topic) => (await broker.offsets(topic)).map(({ latest }) => latest)),
  );
  expect(CHANGELOG.topics).toEqual(['app-Aggregate-changelog', 'app-Left-Reduce-changelog']);
  expect(written).toEqual([
    [0, 3],
    [0, 1],
  ]);
  await broker.close();
});

test.each(['state', 'db'])(
  'from a file (%s) only what came after it is read, and the file then stands at the end',
  async (kind) => {
    const broker = await newBroker();
    const file = newPath(kind);
    const state = await open(file);
    for (let i = 0; i < 100; i++) state.open('Aggregate').put(`k${i}`, i);
    await commit(state, broker);
    state.close();
    // Another engine goes on from there.
    const other = await open();
    await restoreState(other, { broker });
    other.open('Aggregate').put('k7', 'changed');
    other.open('Aggregate').delete('k8');
    await commit(other, broker);
    const back = await restored(broker, file);
    expect(back.content).toEqual(contentOf(other));
    expect(back.progress.records).toBe(2);
    expect((await restored(broker, file)).progress.records).toBe(0);
    await broker.close();
  },
);

test.each(['state', 'db'])(
  'what a restore took in is no change that goes to the changelog once more (%s)',
  async (kind) => {
    const broker = await newBroker();
    const file = newPath(kind);
    const state = await open();
    for (let i = 0; i < 100; i++) state.open('Aggregate').put(`k${i}`, i);
    await commit(state, broker);
    const again = await open(file);
    await restoreState(again, { broker });
    again.open('Aggregate').put('k1', 'changed');
    await commit(again, broker);
    expect((await broker.offsets(TOPIC!, { partition: 1 }))[0]!.latest).toBe(101);
    again.close();
    await broker.close();
  },
);

test('where the topic does not reach back to the file, or not up to it, the stores are made anew', async () => {
  const file = newPath();
  const first = await newBroker();
  const state = await open(file);
  for (let i = 0; i < 10; i++) state.open('Aggregate').put(`old ${i}`, i);
  await commit(state, first);
  state.close();
  await first.close();
  // A topic of the same name that was made anew, and is shorter.
  const second = await newBroker();
  const owner = await open();
  owner.open('Aggregate').put('new', 1);
  await commit(owner, second);
  const notices: string[] = [];
  const back = await open(file);
  await restoreState(back, { broker: second, onNotice: (text) => notices.push(text) });
  expect(contentOf(back)).toEqual(contentOf(owner));
  expect(notices).toEqual([
    'What the state file holds stands at offset 10 of app-Aggregate-changelog-1, which has offsets 0 to 1 now. It is made anew from the changelog.',
  ]);
  back.close();
  // Of a topic that was cut at its beginning the file is of no use either.
  for (let i = 0; i < 40; i++) owner.open('Aggregate').put(`k${i}`, 'x'.repeat(100_000));
  await commit(owner, second);
  second.log(TOPIC!, 1).limits = { maxBytes: 1e9, retentionMs: 0, isCompacted: false, isDeleted: true };
  second.dropExpired(Date.now() + 60_000);
  owner.open('Aggregate').put('last', 1);
  await commit(owner, second);
  const cut = await restored(second, file);
  expect(cut.content['Aggregate']).toEqual([['last', 1]]);
  await second.close();
});

test('a file that is older than the deletions in the topic is made anew', async () => {
  const broker = await newBroker();
  const file = newPath();
  const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 23.5 * 3600_000);
  const state = await open(file);
  state.open('Aggregate').put('a', 1);
  await commit(state, broker);
  state.close();
  now.mockRestore();
  const notices: string[] = [];
  const back = await open(file);
  const { records } = await restoreState(back, { broker, onNotice: (text) => notices.push(text) });
  expect(records).toBe(1);
  expect(notices[0]).toContain('for longer than deletions are kept there');
  back.close();
  await broker.close();
});

test.each(['state', 'db'])('a damaged file (%s) is named, and made anew from the changelog', async (kind) => {
  const broker = await newBroker();
  const file = newPath(kind);
  const state = await open(file);
  for (const key of ['a', 'b', 'c']) {
    state.open('Aggregate').put(key, key.repeat(50));
    await commit(state, broker);
  }
  const committed = contentOf(state);
  state.close();
  const bytes = readFileSync(file);
  bytes[bytes.indexOf('bbbb')]! ^= 1;
  writeFileSync(file, bytes);
  const notices: string[] = [];
  const back = await open(file);
  const { records } = await restoreState(back, { broker, onNotice: (text) => notices.push(text) });
  expect(contentOf(back)).toEqual(committed);
  expect(records).toBe(3);
  expect(notices[0]).toContain(`The state file ${file} is damaged`);
  expect(existsSync(`${file}.damaged`)).toBe(true);
  expect(back.damage).toBeUndefined();
  back.close();
  expect((await restored(broker, file)).progress.records).toBe(0);
  await broker.close();
});

test('a file of another version is put aside, and made anew', async () => {
  const broker = await newBroker();
  const file = newPath();
  writeFileSync(file, 'KSQL-STATE 1\nwhatever');
  const state = await open();
  state.open('Aggregate').put('k', 1);
  await commit(state, broker);
  expect((await restored(broker, file)).content).toEqual(contentOf(state));
  expect(readFileSync(`${file}.damaged`, 'latin1')).toContain('whatever');
  await broker.close();
});

test('a great commit is made in slices, and holds the state as it was at its beginning', async () => {
  const broker = await newBroker();
  const state = await open();
  const store = state.open('Aggregate');
  const count = SLICE_ENTRIES * 10;
  for (let i = 0; i < count; i++) store.put(`k${i}`, 1);
  let turns = 0;
  const turn = () => {
    store.put(`k${count - 1 - turns}`, 'changed meanwhile');
    store.put(`new ${turns}`, 1);
    turns++;
    if (turns < 1000) setImmediate(turn);
  };
  setImmediate(turn);
  const offsets = new Map<string, number>();
  for await (const { topic, partition, batch } of state.changelogBatches())
    offsets.set(topic, (await broker.append(topic, partition, [batch])) + batch.count);
  expect(turns).toBeGreaterThanOrEqual(9);
  await state.commit(new Map(), offsets);
  turns = 1000;
  const { content } = await restored(broker);
  expect(content['Aggregate']!.length).toBe(count);
  expect(content['Aggregate']!.every(([, value]) => value === 1)).toBe(true);
  // What changed meanwhile is in the next one.
  await commit(state, broker);
  expect((await restored(broker)).content).toEqual(contentOf(state));
  await broker.close();
});

test('a restore waits for transactions that are open at its beginning, and skips those that are aborted', async () => {
  const broker = await newBroker();
  const state = await open();
  const producer = await broker.openTransactions('tx');
  const put = async (key: string) => {
    state.open('Aggregate').put(key, 1);
    await producer.begin();
    for await (const { topic, partition, batch } of state.changelogBatches())
      await producer.produce(topic, partition, [batch]);
    await state.commit(new Map());
  };
  await put('committed');
  await producer.commit();
  await put('aborted');
  await producer.abort();
  await put('pending');
  let isDone = false;
  const restoring = restored(broker).finally(() => {
    isDone = true;
  });
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(isDone).toBe(false);
  await producer.commit();
  expect((await restoring).content['Aggregate']!.map(([key]) => key)).toEqual(['committed', 'pending']);
  await broker.close();
});

test('what is no entry, and what does not fit into the memory, is told with its place', async () => {
  const broker = await newBroker();
  const state = await open();
  for (let i = 0; i < 50_000; i++) state.open('Aggregate').put(`k${i}`, 'x'.repeat(100));
  await commit(state, broker);
  const memory = new MemoryBudget(1_000_000);
  const small = await QueryState.open({ memory, queryId: 'q', changelog: CHANGELOG });
  await expect(restoreState(small, { broker, memory })).rejects.toThrow(
    'The state in the changelogs does not fit into the memory budget of',
  );
  small.close();
  const builder = new RecordBatchBuilder();
  builder.append(null, Buffer.from('whatever'), 0);
  await broker.append(TOPIC!, 1, [builder.build()]);
  await expect(restored(broker)).rejects.toThrow(
    'The changelog app-Aggregate-changelog-1 cannot be read at offset 50000: its record at offset 50000 has no key',
  );
  await broker.close();
});

test('a restore can be broken off, and goes on where it was kept', async () => {
  const broker = await newBroker();
  const state = await open();
  for (let i = 0; i < 5000; i++) state.open('Aggregate').put(`k${i}`, 'x'.repeat(2000));
  await commit(state, broker);
  const breaking = new AbortController();
  const back = await open(newPath());
  const onProgress = () => breaking.abort(new Error('revoked'));
  await expect(restoreState(back, { broker, onProgress, signal: breaking.signal })).rejects.toThrow('revoked');
  await restoreState(back, { broker });
  expect(contentOf(back)).toEqual(contentOf(state));
  back.close();
  await broker.close();
});

type Step =
  | { readonly kind: 'put'; readonly store: number; readonly key: number; readonly value: number }
  | { readonly kind: 'delete'; readonly store: number; readonly key: number }
  | { readonly kind: 'commit' | 'crash' | 'move' | 'unwritten' | 'unkept' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('put' as const), store: fc.nat(3), key: fc.nat(9), value: fc.nat() }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('delete' as const), store: fc.nat(3), key: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('crash' as const, 'move' as const, 'unwritten' as const, 'unkept' as const),
    }),
  },
);

test('whatever changes, is committed, crashes between any two steps and moves from engine to engine, the stores are those of the changelog', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const broker = await newBroker();
      // One engine keeps it in memory, the other on its disk.
      const paths = [newPath(), newPath('db')];
      let at = 0;
      let state = await open(paths[at]);
      await restoreState(state, { broker });
      /** What the changelog has. */
      let logged = contentOf(state);
      const reopen = async () => {
        state.close();
        state = await open(paths[at]);
        await restoreState(state, { broker });
        expect(contentOf(state)).toEqual(logged);
      };
      for (const each of steps) {
        if (each.kind === 'put') state.open(STORES[each.store]!).put(`k${each.key}`, [each.value]);
        else if (each.kind === 'delete') state.open(STORES[each.store]!).delete(`k${each.key}`);
        else if (each.kind === 'commit') {
          await commit(state, broker);
          logged = contentOf(state);
        } else if (each.kind === 'crash') await reopen();
        else if (each.kind === 'move') {
          at = 1 - at;
          await reopen();
        } else if (each.kind === 'unwritten') {
          // The batches were made, and never written.
          for await (const _ of state.changelogBatches()) break;
        } else {
          // They were written, and neither was the commit closed nor the file.
          for await (const { topic, partition, batch } of state.changelogBatches())
            await broker.append(topic, partition, [batch]);
          logged = contentOf(state);
          await reopen();
        }
      }
      await commit(state, broker);
      logged = contentOf(state);
      await reopen();
      expect((await restored(broker)).content).toEqual(logged);
      state.close();
      await broker.close();
    }),
    { numRuns: 60 },
  );
}, 60_000);
