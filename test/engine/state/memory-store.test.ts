import { expect, test } from 'vitest';
import { MemoryBudget } from '../../../engine/memory/memory-budget.ts';
import { MemoryStore, ORDERED_AT_ONCE } from '../../../engine/state/memory-store.ts';

test('what a store holds is counted, and given back with the last entry', () => {
  const account = new MemoryBudget(1e9).open('state', 'state');
  const store = new MemoryStore('s', account);
  store.put('a', ['text', 1, [2n, null]]);
  const one = account.usedBytes;
  expect(one).toBeGreaterThan(100);
  store.put('b', ['text', 1, [2n, null]]);
  expect(account.usedBytes).toBe(2 * one);
  store.put('a', ['a text that is longer', 1.5, new Map([['k', new Uint8Array(1000)]])]);
  expect(account.usedBytes).toBeGreaterThan(2 * one + 1000);
  store.put('a', null);
  store.delete('a');
  store.delete('a');
  store.delete('b');
  expect(account.usedBytes).toBe(0);
});

test.each([
  ['numbers', (i: number) => [i % 2 === 0 ? 1 : 1.5, [i, i * 2.5], null]],
  ['texts', (i: number) => ['x'.repeat(i % 2 === 0 ? 10 : 400)]],
])('what is replaced is estimated close enough, in whatever rhythm values change: %s', (_title, valueAt) => {
  const account = new MemoryBudget(1e12).open('state', 'state');
  const store = new MemoryStore('s', account);
  const keys = 1000;
  for (let i = 0; i < 40 * keys; i++) store.put(`k${i % keys}`, valueAt(i + Math.floor(i / keys)));
  const exact = new MemoryBudget(1e12).open('state', 'state');
  const again = new MemoryStore('s', exact);
  for (const [key, value] of store.entries()) again.put(key, value);
  expect(Math.abs(account.usedBytes - exact.usedBytes)).toBeLessThan(exact.usedBytes * 0.2);
  for (let i = 0; i < keys; i++) store.delete(`k${i}`);
  expect(account.usedBytes).toBe(0);
});

test('a value that grows large is counted to the byte', () => {
  const account = new MemoryBudget(1e12).open('state', 'state');
  const store = new MemoryStore('s', account);
  store.put('k', []);
  const emptyBytes = account.usedBytes;
  for (let i = 1; i <= 1000; i++) store.put('k', new Array(i).fill('12345678'));
  store.put('k', 'x'.repeat(1e6));
  expect(account.usedBytes - emptyBytes).toBeGreaterThan(0.99e6);
  expect(account.usedBytes - emptyBytes).toBeLessThan(1.02e6);
});

/** What a store gives must be what a plain map gives, over the size at which it divides its entries. */
test('a store of many entries gives what was put, and scans in order, whatever comes and goes', async () => {
  const store = new MemoryStore('s');
  const model = new Map<string, number>();
  const keyOf = (i: number) => `${(i * 7919) % 100_003}\u0000${i % 3}`;
  const put = (i: number) => {
    store.put(keyOf(i), i);
    model.set(keyOf(i), i);
  };
  const drop = (i: number) => {
    store.delete(keyOf(i));
    model.delete(keyOf(i));
  };
  for (let i = 0; i < 90_000; i++) put(i);
  for (let i = 0; i < 90_000; i += 7) drop(i);
  const preparing = store.prepareScan();
  for (let i = 0; i < 3000; i++) {
    put(200_000 + i * 3);
    drop(i * 11);
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await preparing;
  const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  expect(store.size).toBe(model.size);
  expect([...store.scan()]).toEqual(sorted);
  expect(new Map(store.entries())).toEqual(model);
  for (let i = 0; i < 5000; i++) {
    put(500_000 + i);
    drop(i * 13);
  }
  const from = '3\u0000';
  const expected = [...model].filter(([key]) => key >= from && key < '5').sort(([a], [b]) => (a < b ? -1 : 1));
  expect([...store.scan(from, '5')]).toEqual(expected);
});

test('keys are put into order a slice at a time; a scan that does not wait has them all', async () => {
  const store = new MemoryStore('s');
  const count = ORDERED_AT_ONCE * 30;
  for (let i = 0; i < count; i++) store.put(String((i * 7919) % count).padStart(6, '0'), i);
  let turns = 0;
  let isDone = false;
  const turn = () => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await store.prepareScan();
  isDone = true;
  expect(turns).toBeGreaterThanOrEqual(29);

  const other = new MemoryStore('s');
  for (let i = 0; i < count; i++) other.put(`k${i}`, i);
  const preparing = other.prepareScan();
  await new Promise((resolve) => setImmediate(resolve));
  expect([...other.scan()].length).toBe(count);
  other.put('another', 0);
  await preparing;
  expect([...other.scan()].length).toBe(count + 1);
});
