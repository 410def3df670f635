import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JoinWindow } from '../../../engine/operators/join-window.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';
import { RowLog } from '../../../engine/state/row-log.ts';

const newSides = () =>
  [
    [new RowLog('this'), new MemoryStore('this-time')],
    [new RowLog('other'), new MemoryStore('other-time')],
  ] as const;

test('finds what a list of all rows gives, by time and then as they came, also after a restart', () => {
  const retentionMs = 20;
  const put = fc.record({
    key: fc.constantFrom('a', 'b'),
    side: fc.constantFrom<0 | 1>(0, 1),
    timeMs: fc.nat(60),
    restart: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 60 }), fc.nat(60), fc.nat(60), (puts, fromMs, toMs) => {
      const sides = newSides();
      let window = new JoinWindow(sides, retentionMs);
      const all: { readonly key: string; readonly side: 0 | 1; readonly timeMs: number; readonly row: [number] }[] = [];
      const latestMs = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const [i, { key, side, timeMs, restart }] of puts.entries()) {
        window.put(side, key, window.rowsOf(key), timeMs, [i]);
        all.push({ key, side, timeMs, row: [i] });
        latestMs[side] = Math.max(latestMs[side]!, timeMs);
        if (!restart) continue;
        window = new JoinWindow(sides, retentionMs);
        for (const _ of window.restore());
      }
      for (const key of ['a', 'b']) {
        for (const side of [0, 1] as const) {
          const wanted = all
            .filter((row) => row.key === key && row.side === side && row.timeMs >= fromMs && row.timeMs <= toMs)
            .filter(({ timeMs }) => timeMs > latestMs[side]! - retentionMs)
            .sort((x, y) => x.timeMs - y.timeMs);
          expect(window.find(side, window.rowsOf(key), fromMs, toMs).map(({ timeMs, row }) => [timeMs, row])).toEqual(
            wanted.map(({ timeMs, row }) => [timeMs, row]),
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('expired rows leave the log, of keys that come again and of others', () => {
  const sides = newSides();
  const window = new JoinWindow(sides, 100);
  const put = (key: string, timeMs: number) => window.put(0, key, window.rowsOf(key), timeMs, [timeMs]);
  for (let i = 0; i < 500; i++) put(`once ${i}`, 0);
  for (let i = 0; i < 30_000; i++) put('again', i);
  expect(sides[0][0].size).toBeLessThan(300);
});
