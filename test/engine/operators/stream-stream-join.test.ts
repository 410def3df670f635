import { expect, test } from 'vitest';
import type { Change, Row } from '../../../engine/operators/operator.ts';
import { StreamStreamJoin } from '../../../engine/operators/stream-stream-join.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';
import { RowLog } from '../../../engine/state/row-log.ts';

test('rows of windowed keys that wait since the same time are given up by key, then window', () => {
  const join = new StreamStreamJoin({
    type: 'LEFT',
    beforeMs: 5,
    afterMs: 5,
    graceMs: 0,
    keyOf: [(row) => [row[0]!], (row) => [row[0]!]],
    joinRow: (left, right) => [left?.[0] ?? null, right?.[0] ?? null],
    orderOf: (key: Row) => String(key[0]),
    openStore: (name) => new MemoryStore(name),
    openRows: (name) => new RowLog(name),
  });
  const output: Change[] = [];
  const left = (key: string, timeMs: number, startMs: number) =>
    join.process(
      { key: [key], before: null, after: [key], timeMs, window: { startMs, endMs: startMs + 10 }, headers: [] },
      0,
      (change) => output.push(change),
    );
  left('b', 0, 0);
  left('ab', 0, 0);
  left('a', 0, 10);
  left('a', 0, 0);
  left('c', 20, 20);
  expect(output.map(({ key, window }) => `${key![0]} ${window!.startMs}`)).toEqual(['a 0', 'a 10', 'ab 0', 'b 0']);
});
