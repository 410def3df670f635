import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { FileHandles } from '../../../../engine/files/file-handles.ts';
import { type FileSystem, NODE_FILES } from '../../../../engine/files/file-system.ts';
import { MemoryBudget } from '../../../../engine/memory/memory-budget.ts';
import { SLICE_ENTRIES } from '../../../../engine/runtime/state/changelog-entries.ts';
import { QueryState } from '../../../../engine/runtime/state/query-state.ts';
import { stateFileChoice } from '../../../../engine/runtime/state/state-file-choice.ts';
import { aggregateLayout } from '../../../../engine/state/aggregate-layout.ts';
import type { StoreValue } from '../../../../engine/state/state-store.ts';
import { TrackedStore } from '../../../../engine/state/tracked-store.ts';
import { BIGINT } from '../../../../language/types/sql-type.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ksql-state-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = () => path.join(folder, `${files++}.state`);

const open = (file: string, filesystem?: FileSystem) =>
  QueryState.open({ file: { path: file, handles: new FileHandles(filesystem), sync: 'never' } });
const at = (offset: number) => new Map([['t-0', offset]]);

/** All entries of a store, and the position that belongs to them. */
function contentOf(state: QueryState): readonly [Record<string, StoreValue>, number | undefined] {
  return [Object.fromEntries(state.open('s').scan()), state.positions.get('t-0')];
}

async function reopened(file: string) {
  const state = await open(file);
  const content = contentOf(state);
  state.close();
  return content;
}

test('what was committed is there again, whatever the store holds', async () => {
  const file = newPath();
  const state = await open(file);
  const values: StoreValue[] = [
    null,
    true,
    false,
    0,
    -0,
    1,
    -1,
    2 ** 31,
    -(2 ** 53) + 1,
    2 ** 53,
    0.1,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    0n,
    -5n,
    2n ** 80n,
    -(2n ** 64n),
    '',
    'text',
    'ä\u0100\ud800',
    'x'.repeat(300),
    '€'.repeat(300),
    new Uint8Array([0, 255]),
    [],
    [[null], ['']],
    new Map<StoreValue, StoreValue>([
      ['k', [1n]],
      [null, new Map()],
    ]),
  ];
  const store = state.open('s');
  for (const [i, value] of values.entries()) store.put(`k${String(i).padStart(3, '0')}\u0000\ud801`, value);
  await state.commit(at(7));
  state.close();
  const again = await open(file);
  expect([...again.open('s').scan()].map(([, value]) => value)).toEqual(values);
  expect(again.positions.get('t-0')).toBe(7);
  again.close();
});

test('a commit holds the state as it was at its call, whatever changes while it is written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(SLICE_ENTRIES * 3), fc.option(fc.nat(9))), { maxLength: 60 }),
      fc.nat(3),
      async (changes, turns) => {
        const file = newPath();
        const state = await open(file);
        const store = state.open('s');
        for (let i = 0; i < SLICE_ENTRIES * 3; i++) store.put(String(i), i);
        const committed = state.commit(at(1));
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
        for (const [key, value] of changes) {
          if (value === null) store.delete(String(key));
          else store.put(String(key), value);
        }
        await committed;
        const expected = Object.fromEntries(Array.from({ length: SLICE_ENTRIES * 3 }, (_, i) => [String(i), i]));
        expect(await reopened(file)).toEqual([expected, 1]);
        await state.commit(at(2));
        const now = contentOf(state);
        state.close();
        expect(await reopened(file)).toEqual(now);
      },
    ),
    { numRuns: 15 },
  );
});

test('a great commit gives way to other work after every slice', async () => {
  const file = newPath();
  const state = await open(file);
  const count = SLICE_ENTRIES * 20;
  for (let i = 0; i < count; i++) state.open('s').put(`key ${i}`, ['some text', i]);
  let turns = 0;
  let isDone = false;
  const turn = () => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await state.commit(at(count));
  isDone = true;
  expect(turns).toBeGreaterThanOrEqual(20);
  state.close();
});

test('a great state is read in slices, however fast the machine is', async () => {
  const file = newPath();
  const state = await open(file);
  const count = SLICE_ENTRIES * 40;
  for (let i = 0; i < count; i++) state.open('s').put(`key ${i}`, ['some text', i]);
  await state.commit(at(count));
  state.close();
  const sizes: number[] = [];
  let isDone = false;
  const restore = vi.spyOn(TrackedStore.prototype, 'restore');
  const turn = () => {
    sizes.push(restore.mock.calls.length);
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  const again = await open(file);
  isDone = true;
  restore.mockRestore();
  expect(again.size).toBe(count);
  const slices = sizes.map((size, i) => size - (sizes[i - 1] ?? 0));
  expect(Math.max(...slices)).toBeLessThanOrEqual(SLICE_ENTRIES * 4);
  again.close();
});

test('a file that is cut anywhere gives the last whole commit, and takes further ones', async () => {
  const file = newPath();
  const state = await open(file);
  const ends: number[] = [];
  for (let commit = 0; commit < 5; commit++) {
    for (let i = 0; i < 4; i++) state.open('s').put(`k${i}`, `value ${commit}`);
    await state.commit(at(commit));
    ends.push(statSync(file).size);
  }
  state.close();
  const whole = readFileSync(file);
  const copy = newPath();
  for (let cut = 0; cut <= whole.length; cut += 3) {
    writeFileSync(copy, whole.subarray(0, cut));
    const torn = await open(copy);
    const last = ends.findLastIndex((end) => end <= cut);
    expect(torn.positions.get('t-0')).toBe(last < 0 ? undefined : last);
    expect(torn.open('s').get('k3')).toBe(last < 0 ? undefined : `value ${last}`);
    expect(torn.damage).toBeUndefined();
    torn.open('s').put('new', 1);
    await torn.commit(at(99));
    torn.close();
    const [content, position] = await reopened(copy);
    expect([content['new'], position]).toEqual([1, 99]);
  }
});

test('a flipped byte is found wherever it is, and said with the file and the place', async () => {
  const file = newPath();
  const state = await open(file);
  const ends: number[] = [13];
  for (let commit = 0; commit < 4; commit++) {
    state.open('s').put('k', commit);
    await state.commit(at(commit));
    ends.push(statSync(file).size);
  }
  state.close();
  const whole = readFileSync(file);
  for (let flipped = 13; flipped < ends[3]!; flipped++) {
    const damaged = Buffer.from(whole);
    damaged[flipped]! ^= 0x10;
    const copy = newPath();
    writeFileSync(copy, damaged);
    const opened = await open(copy);
    const last = ends.findLastIndex((end) => end <= flipped);
    expect(opened.damage).toContain(`${copy} is damaged at byte `);
    expect([opened.open('s').get('k'), opened.positions.get('t-0')]).toEqual(
      last === 0 ? [undefined, undefined] : [last - 1, last - 1],
    );
    // Nothing is cut off before something new is to be written; then the damaged file is kept beside it.
    expect(readFileSync(copy)).toEqual(damaged);
    opened.open('s').put('k', 'again');
    await opened.commit(at(50));
    opened.close();
    expect(readFileSync(`${copy}.damaged`)).toEqual(damaged);
    expect(await reopened(copy)).toEqual([{ k: 'again' }, 50]);
  }
});

test('a file of another version is refused with what to do', async () => {
  const file = newPath();
  writeFileSync(file, Buffer.alloc(100, 1));
  await expect(open(file)).rejects.toThrow(/is no state file of this version\. Move it away/);
  expect(readFileSync(file)).toEqual(Buffer.alloc(100, 1));
});

test('a file of the version before is read, aggregates into numbers, and rewritten by the first commit', async () => {
  const file = newPath();
  const entries = { a: [5, [1, 2n ** 60n], ['a']], b: [6, [2, null], ['b']] } as const;
  const before = await open(file);
  for (const [key, value] of Object.entries(entries)) before.open('s').put(key, value);
  await before.commit(at(1));
  before.close();
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([Buffer.from('KSQL-STATE 3\n'), bytes.subarray(13)]));
  const layout = aggregateLayout([BIGINT, BIGINT], false);
  const handles = new FileHandles();
  const layoutOf = (name: string) => (name === 's' ? layout : undefined);
  const state = await QueryState.open({ file: { path: file, handles, sync: 'never' }, layoutOf });
  expect(Object.fromEntries(state.openTable('s', layout).entriesInOrder())).toEqual(entries);
  for (let i = 2; readFileSync(file).subarray(0, 13).toString() !== 'KSQL-STATE 4\n'; i++) {
    await state.commit(at(i));
    await new Promise((resolve) => setImmediate(resolve));
  }
  state.close();
  expect((await reopened(file))[0]).toEqual(entries);
});

test('a store that was opened as another kind goes on as a table, with what it has yet to commit', async () => {
  const file = newPath();
  const state = await open(file);
  for (const key of ['a', 'b', 'c']) state.open('s').put(key, [1, [1], [key]]);
  await state.commit(at(1));
  state.open('s').put('a', [2, [2], ['a']]);
  state.open('s').delete('b');
  const table = state.openTable('s', aggregateLayout([BIGINT], false));
  const entries = { a: [2, [2], ['a']], c: [1, [1], ['c']] };
  expect(Object.fromEntries(table.entriesInOrder())).toEqual(entries);
  expect(state.openTable('s', aggregateLayout([BIGINT], false))).toBe(table);
  await state.commit(at(2));
  state.close();
  expect(await reopened(file)).toEqual([entries, 2]);
});

/** A disk that takes so many bytes and no more, a few at a time. */
class SmallDisk implements FileSystem {
  freeBytes: number;
  constructor(freeBytes: number) {
    this.freeBytes = freeBytes;
  }
  readonly open = NODE_FILES.open;
  readonly close = NODE_FILES.close;
  readonly read = NODE_FILES.read;
  readonly truncate = NODE_FILES.truncate;
  readonly sync = NODE_FILES.sync;
  readonly syncLater = NODE_FILES.syncLater;
  readonly rename = NODE_FILES.rename;
  write(descriptor: number, bytes: Uint8Array, from: number, length: number): number {
    if (this.freeBytes <= 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const written = NODE_FILES.write(descriptor, bytes, from, Math.min(length, 1000, this.freeBytes));
    this.freeBytes -= written;
    return written;
  }
}

test('a full disk refuses a commit as a whole, and the next one has what it could not write', async () => {
  const file = newPath();
  const disk = new SmallDisk(1_000_000);
  const state = await open(file, disk);
  state.open('s').put('a', 1);
  await state.commit(at(1));
  const size = statSync(file).size;
  disk.freeBytes = 5000;
  for (let i = 0; i < SLICE_ENTRIES; i++) state.open('s').put(`k${i}`, 'a value that takes room');
  const refused = expect(state.commit(at(2))).rejects.toThrow(/cannot be written: the disk is full/);
  state.open('s').put('b', 2);
  await refused;
  expect([statSync(file).size, state.positions.get('t-0')]).toEqual([size, 1]);
  expect(await reopened(file)).toEqual([{ a: 1 }, 1]);
  disk.freeBytes = 1_000_000;
  await state.commit(at(3));
  const now = contentOf(state);
  state.close();
  expect(await reopened(file)).toEqual(now);
  expect(Object.keys(now[0])).toHaveLength(SLICE_ENTRIES + 2);
});

test('a file that has grown is rewritten while the query goes on, and loses nothing', async () => {
  const file = newPath();
  const state = await open(file);
  const store = state.open('s');
  const other = state.open('other');
  let largest = 0;
  let shrunk = false;
  for (let round = 1; round <= 60 && !shrunk; round++) {
    for (let i = 0; i < 3000; i++) store.put(`k${i}`, `${'x'.repeat(80)} of round ${round}`);
    store.put(`only ${round}`, round);
    if (round > 1) store.delete(`only ${round - 1}`);
    other.put('round', round);
    const committed = state.commit(at(round));
    store.put('k0', 'changed meanwhile');
    await committed;
    const size = statSync(file).size;
    shrunk = size < largest;
    largest = Math.max(largest, size);
  }
  expect(shrunk).toBe(true);
  await state.commit(at(1000));
  const now = contentOf(state);
  state.close();
  expect(await reopened(file)).toEqual(now);
  expect(existsSync(`${file}.next`)).toBe(false);
});

test('a crash at any point of a rewrite leaves the file that counts', async () => {
  const file = newPath();
  const state = await open(file);
  for (let round = 0; round < 12; round++) {
    for (let i = 0; i < 5000; i++) state.open('s').put(`k${i}`, 'x'.repeat(80) + round);
    await state.commit(at(round));
    if (existsSync(`${file}.next`)) break;
  }
  expect(existsSync(`${file}.next`)).toBe(true);
  const copy = newPath();
  writeFileSync(copy, readFileSync(file));
  writeFileSync(`${copy}.next`, readFileSync(`${file}.next`));
  truncateSync(`${copy}.next`, 100);
  expect(await reopened(copy)).toEqual(contentOf(state));
  expect(existsSync(`${copy}.next`)).toBe(false);
  state.close();
});

test('a state that the memory has no room for is not opened, and its file stays', async () => {
  const file = newPath();
  const state = await open(file);
  for (let i = 0; i < 10_000; i++) state.open('s').put(`k${i}`, 'x'.repeat(100));
  await state.commit(at(1));
  state.close();
  const before = readFileSync(file);
  const memory = new MemoryBudget(100_000);
  const options = { memory, queryId: 'Q', file: { path: file, handles: new FileHandles(), sync: 'never' as const } };
  await expect(QueryState.open(options)).rejects.toThrow(/does not fit into the memory budget of 97.7 KB.*--memory/);
  expect(memory.usedBytes).toBe(0);
  expect(readFileSync(file)).toEqual(before);
});

test('a state goes from memory to a disk and back when the setting is changed, with where it stands', async () => {
  const directory = path.join(folder, 'kinds');
  const openAs = (kind: string) =>
    QueryState.open({ file: stateFileChoice(directory, 'q', kind, { handles: new FileHandles(), sync: 'never' }) });
  const state = await openAs('memory');
  for (let i = 0; i < SLICE_ENTRIES * 2; i++) state.open('s').put(`k${i}`, i);
  await state.commit(at(7));
  const content = contentOf(state);
  state.close();
  for (const kind of ['disk', 'disk', 'memory']) {
    const again = await openAs(kind);
    expect(contentOf(again)).toEqual(content);
    again.close();
    expect(existsSync(path.join(directory, 'q.db'))).toBe(kind === 'disk');
    expect(existsSync(path.join(directory, 'q.state'))).toBe(kind === 'memory');
  }
  expect(() => stateFileChoice(directory, 'q', 'tape', { handles: new FileHandles(), sync: 'never' })).toThrow(
    "ksql.workbench.state.store is 'tape': give memory or disk.",
  );
});
