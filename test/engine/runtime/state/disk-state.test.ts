import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { SLICE_ENTRIES } from '../../../../engine/runtime/state/changelog-entries.ts';
import { decodeKey, encodeKey } from '../../../../engine/runtime/state/disk-key.ts';
import { DiskState } from '../../../../engine/runtime/state/disk-state.ts';
import { DiskStore } from '../../../../engine/state/disk-store.ts';
import { windowKey } from '../../../../engine/state/key-codec.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ksql-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = () => path.join(folder, `${files++}.db`);
const open = (file: string) => DiskState.open(file, { sync: 'never' });

const place = (offset: number) => ({
  positions: new Map([['t-0', offset]]),
  changelogOffsets: new Map([['app-s-changelog', offset]]),
  timeMs: 17,
});

async function commit(state: DiskState, store: DiskStore, offset: number): Promise<void> {
  const changes = [{ store, keys: store.beginCommit(), size: store.size }];
  let isWritten = false;
  try {
    await state.commit(changes, place(offset));
    isWritten = true;
  } finally {
    store.endCommit(isWritten);
  }
}

/** A file with two commits. */
async function written(): Promise<string> {
  const file = newPath();
  const state = await open(file);
  const store = new DiskStore('s', state.entriesOf('s'), () => 1000);
  for (let i = 0; i < 500; i++) store.put(`key ${i}`, ['some text', i]);
  const windows = new DiskStore('windows', state.entriesOf('windows', true), () => 1000);
  for (let i = 0; i < 500; i++) windows.put(windowKey(`key ${i}`, i), i);
  await commit(state, windows, 0);
  await commit(state, store, 1);
  store.put('key 7', 'changed');
  store.delete('key 8');
  await commit(state, store, 2);
  state.close();
  return file;
}

test('keys are other keys as bytes, and keep their order', () => {
  const text = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 4 });
  const near = fc.string({ unit: fc.constantFrom('\0', '\u0001', 'a', '\u007f', '\u0080', '\ud800', '\uffff') });
  fc.assert(
    fc.property(fc.oneof(text, near), fc.oneof(text, near), (a, b) => {
      expect(decodeKey(encodeKey(a))).toBe(a);
      expect(Math.sign(Buffer.compare(encodeKey(a), encodeKey(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
});

test('whenever the process ends, what was acknowledged is there, also while the log is copied into the file', {
  timeout: 60_000,
}, async () => {
  const file = newPath();
  const state = await DiskState.open(file, { sync: 'always' });
  const store = new DiskStore('s', state.entriesOf('s'), () => 1000);
  let acknowledged = 0;
  const left: { readonly copy: string; readonly acknowledged: number }[] = [];
  const end = () => {
    const copy = newPath();
    for (const suffix of ['', '-wal']) copyFileSync(file + suffix, copy + suffix);
    left.push({ copy, acknowledged });
  };
  // Each commit is larger than what is gathered before it is copied.
  for (let offset = 1; offset <= 3; offset++) {
    for (let i = 0; i < 200; i++) store.put(`key ${i}`, `${offset} ${'x'.repeat(100_000)}`);
    let isDone = false;
    const done = commit(state, store, offset).finally(() => {
      isDone = true;
    });
    for (; !isDone; await nextTurn()) if (left.length < 2 * offset) end();
    await done;
    acknowledged = offset;
    end();
  }
  expect(left.length).toBeGreaterThan(4);
  state.delete();
  for (const { copy, acknowledged } of left) {
    const again = await open(copy);
    const offset = again.place?.positions.get('t-0') ?? 0;
    expect(again.damage).toBeUndefined();
    expect([acknowledged, acknowledged + 1]).toContain(offset);
    const entries = again.entriesOf('s');
    for (let i = 0; i < 200 && offset > 0; i++) expect(entries.get(`key ${i}`)).toMatch(new RegExp(`^${offset} x`));
    again.delete();
  }
});

test('a commit is there again with its place, and what was not committed is not', async () => {
  const file = await written();
  const state = await open(file);
  expect(state.damage).toBeUndefined();
  expect(state.place).toEqual(place(2));
  expect(state.stores).toEqual(['s', 'windows']);
  const store = new DiskStore('s', state.entriesOf('s'), () => 1000);
  expect(store.size).toBe(499);
  expect([store.get('key 7'), store.get('key 8'), store.get('key 9')]).toEqual([
    'changed',
    undefined,
    ['some text', 9],
  ]);
  store.put('never committed', 1);
  state.close();
  const again = await open(file);
  expect(again.entriesOf('s').get('never committed')).toBeUndefined();
  again.delete();
  expect(existsSync(file)).toBe(false);
});

test('a great commit gives way to other work, which sees the state as it is, and is one with its place', async () => {
  const file = newPath();
  const state = await open(file);
  const store = new DiskStore('s', state.entriesOf('s'), () => 1000);
  for (let i = 0; i < SLICE_ENTRIES * 5; i++) store.put(`key ${i}`, i);
  let turns = 0;
  const turn = () => {
    turns++;
    store.put('key 1', `changed ${turns}`);
    expect(store.get('key 1')).toBe(`changed ${turns}`);
    // A store that is opened meanwhile.
    if (turns === 1) new DiskStore('other', state.entriesOf('other'), () => 1000).get('k');
    if (turns < 100) setImmediate(turn);
  };
  setImmediate(turn);
  await commit(state, store, 1);
  expect(turns).toBeGreaterThanOrEqual(4);
  turns = 100;
  state.close();
  const again = await open(file);
  expect(again.entriesOf('s').get('key 1')).toBe(1);
  expect(again.entriesOf('s').count).toBe(SLICE_ENTRIES * 5);
  again.close();
});

test('a commit that fails leaves the one before, and its changes go into the next', async () => {
  const file = await written();
  const state = await open(file);
  const store = new DiskStore('s', state.entriesOf('s'), () => 1000);
  const other = new DiskStore('other', state.entriesOf('other'), () => 1000);
  store.put('key 1', 'changed');
  // What is no value cannot be written.
  other.put('bad', (() => undefined) as never);
  const changes = [store, other].map((each) => ({ store: each, keys: each.beginCommit(), size: each.size }));
  await expect(state.commit(changes, place(3))).rejects.toThrow('A store cannot hold a function');
  for (const each of [store, other]) each.endCommit(false);
  expect(store.get('key 1')).toBe('changed');
  expect(state.entriesOf('s').get('key 1')).toEqual(['some text', 1]);
  await commit(state, store, 4);
  state.close();
  const again = await open(file);
  expect(again.entriesOf('s').get('key 1')).toBe('changed');
  expect(again.place).toEqual(place(4));
  again.close();
});

test('windows are found by their starts, also where that was not asked for at first', async () => {
  const file = newPath();
  const state = await open(file);
  const store = new DiskStore('s', state.entriesOf('s', true), () => 1000);
  const late = new DiskStore('late', state.entriesOf('late'), () => 1000);
  const keyOf = (i: number) => windowKey(`key ${i}`, (i % 3) * 60_000 - 60_000);
  for (let i = 0; i < 3000; i++) for (const each of [store, late]) each.put(keyOf(i), i);
  const changes = [store, late].map((each) => ({ store: each, keys: each.beginCommit(), size: each.size }));
  await state.commit(changes, place(1));
  for (const each of [store, late]) each.endCommit(true);
  store.delete(keyOf(3));
  await commit(state, store, 2);
  const starts = (count: number) => [
    [-60_000, count],
    [0, 1000],
    [60_000, 1000],
  ];
  expect(state.entriesOf('late', true).starts()).toEqual(starts(1000));
  await commit(state, late, 3);
  state.close();
  const again = await open(file);
  expect(again.damage).toBeUndefined();
  for (const [name, count] of [
    ['s', 999],
    ['late', 1000],
  ] as const) {
    const entries = again.entriesOf(name, true);
    expect(entries.starts()).toEqual(starts(count));
    expect(entries.keysOfStart(-60_000)).toHaveLength(count);
    expect(entries.keysOfStart(60_000)).toContain(keyOf(2));
  }
  again.close();
});

test('a flipped byte is found wherever it matters: the state is whole, or the file is named and put aside', async () => {
  const file = await written();
  const bytes = readFileSync(file);
  const contentOf = (state: DiskState) => [
    state.entriesOf('s').page('', true, undefined, 1000),
    state.entriesOf('windows').page('', true, undefined, 1000),
    state.entriesOf('windows', true).starts(),
  ];
  const intact = await open(file);
  const whole = contentOf(intact);
  intact.close();
  let damaged = 0;
  for (let at = 0; at < bytes.length; at += 1009) {
    const flipped = newPath();
    const copy = Buffer.from(bytes);
    copy[at]! ^= 0x10;
    writeFileSync(flipped, copy);
    const state = await open(flipped);
    if (state.damage === undefined) {
      expect(contentOf(state)).toEqual(whole);
      expect(state.place).toEqual(place(2));
    } else {
      damaged++;
      expect(state.damage).toContain(`The state file ${flipped} is damaged`);
      expect(existsSync(`${flipped}.damaged`)).toBe(true);
      expect([state.place, state.stores]).toEqual([undefined, []]);
    }
    state.close();
  }
  expect(damaged).toBeGreaterThan(10);
});

test('a file that is none of SQLite is put aside', async () => {
  const file = newPath();
  writeFileSync(file, 'whatever '.repeat(1000));
  const state = await open(file);
  expect(state.damage).toContain(`it was moved to ${file}.damaged`);
  expect(state.place).toBeUndefined();
  state.close();
});
