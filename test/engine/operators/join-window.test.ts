import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueBytes } from '../../../engine/memory/value-bytes.ts';
import { JoinWindow } from '../../../engine/operators/join-window.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';

test('finds what a list of all rows gives, by time and then as they came, also after a restart', () => {
  const retentionMs = 20;
  const put = fc.record({ key: fc.constantFrom('a', 'b'), timeMs: fc.nat(60), restart: fc.boolean() });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 60 }), fc.nat(60), fc.nat(60), (puts, fromMs, toMs) => {
      const [store, times] = [new MemoryStore('rows'), new MemoryStore('times')];
      let window = new JoinWindow(store, times, retentionMs);
      const all: { readonly key: string; readonly timeMs: number; readonly row: readonly [number] }[] = [];
      let latestMs = Number.NEGATIVE_INFINITY;
      for (const [i, { key, timeMs, restart }] of puts.entries()) {
        window.put(key, timeMs, [i]);
        all.push({ key, timeMs, row: [i] });
        latestMs = Math.max(latestMs, timeMs);
        if (!restart) continue;
        window = new JoinWindow(store, times, retentionMs);
        for (const _ of window.restore());
      }
      for (const key of ['a', 'b']) {
        const wanted = all
          .filter((row) => row.key === key && row.timeMs >= fromMs && row.timeMs <= toMs)
          .filter(({ timeMs }) => timeMs > latestMs - retentionMs)
          .sort((x, y) => x.timeMs - y.timeMs);
        expect(window.find(key, fromMs, toMs).map(({ timeMs, row }) => [timeMs, row])).toEqual(
          wanted.map(({ timeMs, row }) => [timeMs, row]),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('a row of a key that has many costs the store as much as the first one', () => {
  let storedBytes = 0;
  class Measured extends MemoryStore {
    override put(...[key, value]: Parameters<MemoryStore['put']>): void {
      storedBytes += valueBytes(value);
      super.put(key, value);
    }
  }
  const window = new JoinWindow(new Measured('rows'), new MemoryStore('times'), 1e9);
  window.put('key', 0, ['some row']);
  const firstBytes = storedBytes;
  for (let timeMs = 1; timeMs < 2000; timeMs++) window.put('key', timeMs, ['some row']);
  expect(storedBytes).toBeLessThan(2000 * (firstBytes + 16));
});

test('expired rows leave the store, of keys that come again and of others', () => {
  const store = new MemoryStore('rows');
  const window = new JoinWindow(store, new MemoryStore('times'), 100);
  for (let i = 0; i < 500; i++) window.put(`once ${i}`, 0, [i]);
  for (let i = 0; i < 30_000; i++) window.put('again', i, [i]);
  expect(store.size).toBeLessThan(300);
});
