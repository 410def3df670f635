import { expect, test } from 'vitest';
import { MemoryBudget } from '../../../engine/memory/memory-budget.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';

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

test('a store that has all the entries it can hold stops its query until some are gone', () => {
  const account = new MemoryBudget(1e9).open('state', 'state');
  const store = new MemoryStore('Aggregate', account, 3);
  for (const key of ['a', 'b']) store.put(key, 1);
  expect(account.mustStop).toBe(false);
  store.put('c', 1);
  expect([account.mustStop, account.blocked]).toEqual([
    true,
    'Its store Aggregate has 3 entries, and can hold no more.',
  ]);
  store.put('a', 2);
  store.delete('b');
  expect(account.mustStop).toBe(false);
});
