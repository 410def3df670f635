import { expect, test } from 'vitest';
import { AggregateSet } from '../../../engine/operators/grouped-aggregate.ts';
import type { Change, Row } from '../../../engine/operators/operator.ts';
import { SessionAggregate } from '../../../engine/operators/session-aggregate.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';
import { INTEGER } from '../../../language/types/sql-type.ts';

const COUNT = new AggregateSet([
  {
    aggregator: {
      stateType: INTEGER,
      init: () => 0,
      add: (count: number) => count + 1,
      merge: (a: number, b: number) => a + b,
      result: (count: number) => count,
    },
    args: [() => null],
  },
]);

/** What comes of records of these keys and times, with the gap 10 and no grace. */
function sessionsOf(
  records: readonly (readonly [key: string, timeMs: number])[],
  final: boolean,
  retentionMs = 10,
): Change[] {
  const operator = new SessionAggregate({
    groupOf: (row: Row) => [row[0]!],
    aggregates: COUNT,
    windows: { gapMs: 10, graceMs: 0, retentionMs },
    store: new MemoryStore('sessions'),
    timeStore: new MemoryStore('time'),
    final,
    orderOf: (key: Row) => String(key[0]),
    onLate: () => {},
  });
  const output: Change[] = [];
  for (const [key, timeMs] of records)
    operator.process({ key: [key], before: null, after: [key], timeMs, headers: [] }, 0, (change) =>
      output.push(change),
    );
  return output;
}

/** Changes as `key start-end count`. */
const described = (changes: readonly Change[]) =>
  changes.map(({ key, window, after }) => `${key![0]} ${window!.startMs}-${window!.endMs} ${after?.[1] ?? 'gone'}`);

test('a second record of the same instant replaces the session without knowing what it was', () => {
  const output = sessionsOf(
    [
      ['a', 5],
      ['a', 5],
    ],
    false,
  );
  expect(described(output)).toEqual(['a 5-5 1', 'a 5-5 2']);
  expect(output[1]!.before).toBeNull();
});

test('a closed session is sent though the store has let it expire for merging', () => {
  const output = sessionsOf(
    [
      ['a', 8],
      ['b', 18],
      ['a', 29],
    ],
    true,
  );
  expect(described(output)).toEqual(['a 8-8 1', 'b 18-18 1']);
});

test('a session that was sent as final is merged by a record that is near enough, and sent again', () => {
  const output = sessionsOf(
    [
      ['a', 8],
      ['b', 19],
      ['a', 12],
      ['b', 30],
    ],
    true,
    100,
  );
  expect(described(output)).toEqual(['a 8-8 1', 'a 8-12 2', 'b 19-19 1']);
});

test('groups of which nothing comes any more are forgotten', () => {
  const store = new MemoryStore('sessions');
  const operator = new SessionAggregate({
    groupOf: (row: Row) => [row[0]!],
    aggregates: COUNT,
    windows: { gapMs: 10, graceMs: 0, retentionMs: 100 },
    store,
    timeStore: new MemoryStore('time'),
    final: false,
    orderOf: (key: Row) => String(key[0]),
    onLate: () => {},
  });
  let results = 0;
  for (let i = 0; i < 20_000; i++) {
    const key = [`group ${i}`];
    operator.process({ key, before: null, after: key, timeMs: i, headers: [] }, 0, () => results++);
  }
  expect(results).toBe(20_000);
  expect(store.size).toBeLessThan(2500);
});
