import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Change } from '../../../../engine/operators/operator.ts';
import { FoldedChanges } from '../../../../engine/runtime/task/folded-changes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Row = readonly [number] | null;

const change = (key: string, before: Row, after: Row, end?: number): Change => ({
  key: [key],
  before,
  after,
  timeMs: 0,
  headers: [],
  ...(end === undefined ? {} : { window: { startMs: 0, endMs: end } }),
});

/** A table behind the fold: what was emitted, and what rows that leaves. */
function setUp(options: { readonly limitBytes?: number; readonly intervalMs?: number } = {}) {
  const emitted: Change[] = [];
  const rows = new Map<string, Row>();
  const placeOf = ({ key, window }: Change) => `${key} ${window?.endMs}`;
  const onDue = vi.fn();
  const folded = new FoldedChanges({ limitBytes: 1_000_000, intervalMs: 2000, hasSessions: true, onDue, ...options });
  const take = folded.through(
    (change) => {
      emitted.push(change);
      rows.set(placeOf(change), change.after as Row);
    },
    (change) => rows.get(placeOf(change)) != null,
  );
  const add = (...changes: readonly Change[]) => {
    for (const each of changes) take(each);
  };
  const release = () => {
    folded.release();
    return emitted.splice(0).map(({ key, before, after }) => [key?.[0], before, after]);
  };
  return { folded, add, release, onDue };
}

test('the newest change of each key goes on, in the order of the last changes, from what was known before', () => {
  const { folded, add, release } = setUp();
  add(change('a', null, [1]), change('b', null, [1]), change('a', [1], [2]));
  expect(folded.isEmpty).toBe(false);
  expect(release()).toEqual([
    ['b', null, [1]],
    ['a', null, [2]],
  ]);
  expect(folded.isEmpty).toBe(true);
  add(change('a', [2], [3]), change('a', [3], [4]));
  expect(release()).toEqual([['a', [2], [4]]]);
});

test('a row that came and went is not heard of; one that was there before is deleted', () => {
  const { add, release } = setUp();
  add(change('new', null, [1]), change('new', [1], null), change('old', null, [1]));
  expect(release()).toEqual([['old', null, [1]]]);
  add(change('old', [1], [2]), change('old', [2], null));
  expect(release()).toEqual([['old', [1], null]]);
});

test('a single deletion goes on even of a row that nobody knows of', () => {
  const { add, release } = setUp();
  add(change('a', null, null));
  expect(release()).toEqual([['a', null, null]]);
});

test('sessions of one start that end at other times are rows of their own', () => {
  const { add, release } = setUp();
  add(change('a', null, [1], 5));
  expect(release()).toHaveLength(1);
  add(change('a', [1], null, 5), change('a', null, [2], 9), change('a', [2], null, 9), change('a', null, [3], 12));
  expect(release()).toEqual([
    ['a', [1], null],
    ['a', null, [3]],
  ]);
});

test('what is held is due after the interval, and at once when it is too much', () => {
  const { folded, add, release, onDue } = setUp({ intervalMs: 100 });
  add(change('a', null, [1]));
  vi.advanceTimersByTime(99);
  expect(folded.isDue).toBe(false);
  vi.advanceTimersByTime(1);
  expect(folded.isDue).toBe(true);
  expect(onDue).toHaveBeenCalledOnce();
  release();
  expect(folded.isDue).toBe(false);

  const small = setUp({ limitBytes: 1000 });
  for (let i = 0; !small.folded.isDue; i++) small.add(change(`key ${i}`, null, [i]));
  expect(small.release().length).toBeLessThan(10);
});

test('folded or not, a table ends the same', () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.option(fc.nat(3)), release: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { add, release } = setUp();
      const rows = new Map<string, Row>();
      const folded = new Map<string, Row>();
      const letGo = () => {
        for (const [key, , after] of release()) folded.set(key as string, after as Row);
      };
      for (const { key, value, release: isReleased } of steps) {
        const after: Row = value === null ? null : [value];
        add(change(key, rows.get(key) ?? null, after));
        rows.set(key, after);
        if (isReleased) letGo();
      }
      letGo();
      for (const [key, row] of rows) expect(folded.get(key) ?? null).toEqual(row);
    }),
  );
});
