import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AggregateSet } from '../../../engine/operators/grouped-aggregate.ts';
import type { Change, Row } from '../../../engine/operators/operator.ts';
import { SessionAggregate } from '../../../engine/operators/session-aggregate.ts';
import { StreamStreamJoin } from '../../../engine/operators/stream-stream-join.ts';
import { TableAggregate } from '../../../engine/operators/table-aggregate.ts';
import { WindowedAggregate } from '../../../engine/operators/windowed-aggregate.ts';
import { aggregateLayout } from '../../../engine/state/aggregate-layout.ts';
import { AggregateTable } from '../../../engine/state/aggregate-table.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';
import { RowLog } from '../../../engine/state/row-log.ts';
import { INTEGER } from '../../../language/types/sql-type.ts';

/** Operators against what a batch over all the input gives, whatever the order in which it comes. */

const COUNT_AND_SUM = new AggregateSet([
  {
    aggregator: {
      stateType: INTEGER,
      init: () => 0,
      add: (count: number) => count + 1,
      remove: (count: number) => count - 1,
      merge: (a: number, b: number) => a + b,
      result: (count: number) => count,
    },
    args: [() => null],
  },
  {
    aggregator: {
      stateType: INTEGER,
      init: () => 0,
      add: (sum: number, value: number) => sum + value,
      remove: (sum: number, value: number) => sum - value,
      merge: (a: number, b: number) => a + b,
      result: (sum: number) => sum,
    },
    args: [(row) => row[1]!],
  },
]);

interface Event {
  readonly key: string;
  readonly value: number;
  readonly timeMs: number;
}

const event: fc.Arbitrary<Event> = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  value: fc.integer({ min: -9, max: 9 }),
  timeMs: fc.integer({ min: 0, max: 400 }),
});
const events = fc.array(event, { maxLength: 60 });

const changeOf = ({ key, value, timeMs }: Event): Change => ({
  key: [key],
  before: null,
  after: [key, value],
  timeMs,
  headers: [],
});
const byKey = (row: Row): Row => [row[0]!];
const textOrder = (key: Row): string => String(key[0]);

/** The newest result of every key and window, without those that were deleted. */
function newestOf(changes: readonly Change[]): Map<string, readonly unknown[]> {
  const newest = new Map<string, readonly unknown[]>();
  for (const { key, window, after } of changes) {
    const id = `${key?.[0]} ${window?.startMs} ${window?.endMs}`;
    if (after === null) newest.delete(id);
    else newest.set(id, after.slice(1, 3));
  }
  return newest;
}

function batch(groups: Iterable<readonly [string, readonly Event[]]>): Map<string, readonly unknown[]> {
  return new Map(
    [...groups].map(([id, members]) => [id, [members.length, members.reduce((sum, { value }) => sum + value, 0)]]),
  );
}

const common = {
  groupOf: byKey,
  aggregates: COUNT_AND_SUM,
  withBefore: false,
  final: false,
  orderOf: textOrder,
  onLate: () => undefined,
};

test('hopping and tumbling windows hold what falls into them', () => {
  const sizes = fc.record({ advanceMs: fc.integer({ min: 1, max: 50 }), times: fc.integer({ min: 1, max: 4 }) });
  fc.assert(
    fc.property(events, sizes, (input, { advanceMs, times }) => {
      const sizeMs = advanceMs * times;
      const operator = new WindowedAggregate({
        ...common,
        windows: { sizeMs, advanceMs, graceMs: 1_000, retentionMs: 2_000 },
        table: new AggregateTable('windows', { layout: aggregateLayout([INTEGER, INTEGER], true) }),
        timeStore: new MemoryStore('time'),
      });
      const output: Change[] = [];
      for (const each of input) operator.process(changeOf(each), 0, (change) => output.push(change));
      const wanted = new Map<string, Event[]>();
      for (const each of input) {
        for (let startMs = 0; startMs <= each.timeMs; startMs += advanceMs) {
          if (each.timeMs >= startMs + sizeMs) continue;
          const id = `${each.key} ${startMs} ${startMs + sizeMs}`;
          wanted.set(id, [...(wanted.get(id) ?? []), each]);
        }
      }
      expect(newestOf(output)).toEqual(batch(wanted));
    }),
  );
});

test('sessions are the runs of events that are within the gap of one another', () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 0, max: 40 }), (input, gapMs) => {
      const operator = new SessionAggregate({
        ...common,
        windows: { gapMs, graceMs: 1_000, retentionMs: 2_000 },
        store: new MemoryStore('sessions'),
        timeStore: new MemoryStore('time'),
      });
      const output: Change[] = [];
      for (const each of input) operator.process(changeOf(each), 0, (change) => output.push(change));
      const wanted = new Map<string, Event[]>();
      for (const key of ['a', 'b', 'c']) {
        let run: Event[] = [];
        const finish = () => {
          if (run.length > 0) wanted.set(`${key} ${run[0]!.timeMs} ${run.at(-1)!.timeMs}`, run);
          run = [];
        };
        for (const each of input.filter((one) => one.key === key).toSorted((a, b) => a.timeMs - b.timeMs)) {
          if (run.length > 0 && each.timeMs > run.at(-1)!.timeMs + gapMs) finish();
          run.push(each);
        }
        finish();
      }
      expect(newestOf(output)).toEqual(batch(wanted));
    }),
  );
});

test('an aggregate of a table is that of its newest rows', () => {
  const update = fc.record({
    row: fc.constantFrom('r1', 'r2', 'r3', 'r4'),
    group: fc.option(fc.constantFrom('a', 'b')),
    value: fc.integer({ min: -9, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(update, { maxLength: 60 }), (updates) => {
      const operator = new TableAggregate({
        groupOf: byKey,
        aggregates: COUNT_AND_SUM,
        table: new AggregateTable('table', { layout: aggregateLayout([INTEGER, INTEGER], false) }),
        withBefore: false,
      });
      const table = new Map<string, Row>();
      const output: Change[] = [];
      for (const { row, group, value } of updates) {
        const before = table.get(row) ?? null;
        const after = group === null ? null : [group, value];
        if (after === null) table.delete(row);
        else table.set(row, after);
        operator.process({ key: [row], before, after, timeMs: 0, headers: [] }, 0, (change) => output.push(change));
      }
      const seen = new Set(output.map(({ key }) => String(key![0])));
      const wanted = new Map<string, Event[]>([...seen].map((group) => [`${group} undefined undefined`, []]));
      for (const [group, value] of table.values())
        wanted.get(`${group} undefined undefined`)!.push({ key: String(group), value: value as number, timeMs: 0 });
      expect(newestOf(output)).toEqual(batch(wanted));
    }),
  );
});

describe('joins of streams', () => {
  interface Sided extends Event {
    readonly side: 0 | 1;
    readonly id: number;
  }
  const sided = fc
    .array(fc.tuple(event, fc.constantFrom<0 | 1>(0, 1)), { maxLength: 40 })
    .map((list) => list.map(([each, side], id): Sided => ({ ...each, side, id })));
  const bounds = fc.record({ beforeMs: fc.integer({ min: 0, max: 60 }), afterMs: fc.integer({ min: 0, max: 60 }) });

  function joined(
    input: readonly Sided[],
    type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL',
    { beforeMs, afterMs }: { readonly beforeMs: number; readonly afterMs: number },
    graceMs: number,
  ): string[] {
    const operator = new StreamStreamJoin({
      type,
      beforeMs,
      afterMs,
      graceMs,
      keyOf: [byKey, byKey],
      joinRow: (left, right) => [left?.[1] ?? null, right?.[1] ?? null],
      orderOf: textOrder,
      openStore: (name) => new MemoryStore(name),
      openRows: (name) => new RowLog(name),
    });
    const pairs: string[] = [];
    for (const { key, id, timeMs, side } of input) {
      const change = { key: [key], before: null, after: [key, id], timeMs, headers: [] };
      operator.process(change, side, ({ after }) => pairs.push(after!.join(' & ')));
    }
    return pairs.sort();
  }

  const matches = (left: Sided, right: Sided, { beforeMs, afterMs }: { beforeMs: number; afterMs: number }) =>
    left.side === 0 &&
    right.side === 1 &&
    left.key === right.key &&
    right.timeMs >= left.timeMs - beforeMs &&
    right.timeMs <= left.timeMs + afterMs;

  test('INNER gives every pair within the bounds once, in whatever order rows come', () => {
    fc.assert(
      fc.property(sided, bounds, (input, within) => {
        const wanted = input.flatMap((left) =>
          input.filter((right) => matches(left, right, within)).map((right) => `${left.id} & ${right.id}`),
        );
        expect(joined(input, 'INNER', within, 10_000)).toEqual(wanted.sort());
      }),
    );
  });

  // Without any reach a row would leave its window store as it enters it, as in Kafka Streams: so it begins at 1.
  test.each(['LEFT', 'RIGHT', 'FULL'] as const)(
    '%s also gives the rows without a partner, once time is past them',
    (type) => {
      fc.assert(
        fc.property(sided, fc.integer({ min: 1, max: 60 }), (unordered, reachMs) => {
          const within = { beforeMs: reachMs, afterMs: reachMs };
          const input = unordered.toSorted((a, b) => a.timeMs - b.timeMs);
          // Rows far behind all others, one of each side, give up what waits; they themselves go on waiting.
          const flush = [0, 1].map(
            (side, i): Sided => ({ key: 'z', value: 0, timeMs: 5_000 + i * 5_000, side: side as 0 | 1, id: 1_000 + i }),
          );
          const partners = (one: Sided) =>
            input.filter((other) => matches(one, other, within) || matches(other, one, within));
          const pairs = input.flatMap((left) =>
            left.side === 0 ? partners(left).map((right) => `${left.id} & ${right.id}`) : [],
          );
          const alone = input.filter((one) => partners(one).length === 0);
          const padded = [
            ...(type === 'RIGHT' ? [] : alone.filter(({ side }) => side === 0).map(({ id }) => `${id} & `)),
            ...(type === 'LEFT' ? [] : alone.filter(({ side }) => side === 1).map(({ id }) => ` & ${id}`)),
            ...(type === 'RIGHT' ? [] : ['1000 & ']),
          ];
          expect(joined([...input, ...flush], type, within, 0)).toEqual([...pairs, ...padded].sort());
        }),
      );
    },
  );
});
