import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileAddInPlace } from '../../../engine/compile/add-in-place.ts';
import { AggregateSet } from '../../../engine/operators/grouped-aggregate.ts';
import type { Change, ChangeFold, Row } from '../../../engine/operators/operator.ts';
import { StreamAggregate } from '../../../engine/operators/stream-aggregate.ts';
import { WindowedAggregate } from '../../../engine/operators/windowed-aggregate.ts';
import { FoldedChanges } from '../../../engine/runtime/task/folded-changes.ts';
import { type AggregateLayout, aggregateLayout } from '../../../engine/state/aggregate-layout.ts';
import type { AggregateStore } from '../../../engine/state/aggregate-store.ts';
import { AggregateTable } from '../../../engine/state/aggregate-table.ts';
import { storeKey, windowParts } from '../../../engine/state/key-codec.ts';
import { MemoryStore } from '../../../engine/state/memory-store.ts';
import type { StoreKey, StoreValue, WindowStore } from '../../../engine/state/state-store.ts';
import { StoredAggregates } from '../../../engine/state/stored-aggregates.ts';
import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import type { AggregateFunction, Aggregator } from '../../../language/functions/function.ts';
import { BIGINT, DOUBLE, INTEGER, type SqlType, type SqlValue, STRING } from '../../../language/types/sql-type.ts';
import { PlainWindows } from './plain-windows.ts';

const COLUMNS: readonly SqlType[] = [INTEGER, BIGINT, DOUBLE, STRING];
const FUNCTIONS_OF_NUMBERS = ['COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'STDDEV_SAMPLE', 'LATEST_BY_OFFSET'];
const FUNCTIONS_OF_TEXTS = ['COUNT', 'MIN', 'MAX', 'EARLIEST_BY_OFFSET', 'COLLECT_LIST', 'HISTOGRAM'];
const MAX_LONG = 2n ** 63n - 1n;

interface Call {
  readonly name: string;
  /** Of the row's value columns. */
  readonly column: number;
}

const call: fc.Arbitrary<Call> = fc.nat(COLUMNS.length - 1).chain((column) =>
  fc.record({
    name: fc.constantFrom(...(COLUMNS[column] === STRING ? FUNCTIONS_OF_TEXTS : FUNCTIONS_OF_NUMBERS)),
    column: fc.constant(column),
  }),
);

/** Values at the edges of what stands in a typed array as itself are among them. */
const values = fc.tuple(
  fc.option(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))),
  fc.option(
    fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 53 - 1, 2n ** 53n, MAX_LONG, -MAX_LONG - 1n)),
  ),
  fc.option(
    fc.oneof(
      fc.double({ min: -2, max: 2 }),
      fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, -1.7976931348623155e308, -1.7976931348623153e308),
    ),
  ),
  fc.option(fc.constantFrom('', 'x', 'ä\u0000', 'long '.repeat(20))),
);

const keys: readonly fc.Arbitrary<Row>[] = [
  fc.tuple(fc.constantFrom<SqlValue>('a', 'b', '', 'a\u0000b', 'c'.repeat(40))),
  fc.tuple(fc.constantFrom<SqlValue>(0, -0, 1, -1.5, Number.NaN)),
  fc.tuple(fc.constantFrom<SqlValue>('a', 'b'), fc.constantFrom<SqlValue>(1, 2n ** 60n)),
];

/** Finds windows by their starts as a store on a disk does. */
class WindowsInMemory extends MemoryStore implements WindowStore {
  findByStart(): void {}

  get starts(): Iterable<number> {
    return new Set(this.#windows().map(([, startMs]) => startMs));
  }

  keysOfStart(wantedMs: number): readonly StoreKey[] {
    return this.#windows().flatMap(([text, startMs]) => (startMs === wantedMs ? [text] : []));
  }

  #windows(): (readonly [StoreKey, number])[] {
    return Array.from(this.entries(), ([text]) => [text, windowParts(text)[1]]);
  }
}

interface Input {
  readonly key: Row;
  readonly values: Row;
  readonly timeMs: number;
  /** What is done after the row: nothing, or the state is kept, and goes on from what was kept. */
  readonly then: 'go on' | 'commit' | 'restart';
}

const inputs = fc.constantFrom(...keys).chain((key) =>
  fc.array(
    fc.record<Input>({
      key,
      values,
      timeMs: fc.integer({ min: 0, max: 300 }),
      then: fc.constantFrom('go on', 'go on', 'commit', 'restart'),
    }),
    { maxLength: 50, size: 'max' },
  ),
);

const windows = fc
  .record({ advanceMs: fc.integer({ min: 7, max: 50 }), sizeMs: fc.integer({ min: 0, max: 90 }) })
  .chain(({ advanceMs, sizeMs: more }) =>
    fc.record({
      sizeMs: fc.constant(advanceMs + more),
      advanceMs: fc.constant(advanceMs),
      graceMs: fc.integer({ min: 0, max: 60 }),
      retentionMs: fc.integer({ min: advanceMs + more, max: 250 }),
    }),
  );

function implementations(calls: readonly Call[]): Aggregator[] {
  let numbers = 0;
  const environment = { nextInOrder: () => ++numbers };
  return calls.map(({ name, column }) => {
    const type = COLUMNS[column]!;
    const overload = (FUNCTIONS.get(name) as AggregateFunction).overloads.find(
      ({ parameters: [parameter], initParameters }) =>
        (initParameters ?? []).length === 0 &&
        (parameter!.type.kind === type.kind || parameter!.type.kind === 'GENERIC'),
    )!;
    return overload.implement({ argumentTypes: [type], returnType: type, lambdaResultTypes: [] }, [], environment);
  });
}

/** Aggregates of their own, which number what comes by themselves, and the layout of a table for them. */
function aggregatesOf(calls: readonly Call[], isWindowed: boolean) {
  const all = implementations(calls);
  const steps = all.map((aggregator, i) => ({
    aggregator,
    args: [(row: Row) => (row[1] as unknown as Row)[calls[i]!.column]!],
  }));
  const layout = aggregateLayout(
    all.map(({ stateType }) => stateType),
    isWindowed,
  );
  return { aggregates: new AggregateSet(steps, compileAddInPlace(steps)), layout };
}

const changeOf = ({ key, values: row, timeMs }: Input): Change => ({
  key: null,
  before: null,
  after: [key as SqlValue, row as SqlValue],
  timeMs,
  headers: timeMs % 3 === 0 ? [{ key: String(timeMs), value: null }] : [],
});
const groupOf = ([key]: Row): Row => key as unknown as Row;
const orderOf = (key: Row): string => key.map((part) => `${typeof part} ${Object.is(part, -0) ? '-0' : part}`).join();

/** Writes a commit of a table to what is kept of it. */
function commit(table: AggregateTable, kept: Map<StoreKey, StoreValue>): void {
  for (const text of table.beginCommit()) {
    const value = table.committed(text);
    if (value === undefined) kept.delete(text);
    else kept.set(text, value);
  }
  table.endCommit(true);
}

function restored(table: AggregateTable, kept: ReadonlyMap<StoreKey, StoreValue>): AggregateTable {
  const again = new AggregateTable(table.name, { layout: table.layout, isTracked: true });
  for (const [text, value] of kept) again.restore(text, value);
  return again;
}

const inOrder = (entries: Iterable<readonly [StoreKey, unknown]>) =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

describe('windows in numbers give what plain windows give', () => {
  const query = fc.record({
    calls: fc.array(call, { minLength: 1, maxLength: 4 }),
    windows,
    withBefore: fc.boolean(),
    final: fc.boolean(),
  });

  test('the same changes, late records and entries, over restarts', () => {
    fc.assert(
      fc.property(query, inputs, ({ calls, final, withBefore, windows: times }, input) => {
        const wanted: unknown[] = [];
        const common = { groupOf, windows: times, final, withBefore: withBefore && !final, orderOf };
        const plain = new PlainWindows({
          ...common,
          aggregates: aggregatesOf(calls, true).aggregates,
          onLate: (...late) => wanted.push(late),
        });
        const found: unknown[] = [];
        const { aggregates, layout } = aggregatesOf(calls, true);
        const kept = new Map<StoreKey, StoreValue>();
        const timeStore = new MemoryStore('time');
        let table = new AggregateTable('windows', { layout, isTracked: true });
        const make = () =>
          new WindowedAggregate({ ...common, aggregates, table, timeStore, onLate: (...late) => found.push(late) });
        let operator = make();
        for (const each of input) {
          plain.process(changeOf(each), (change) => wanted.push(change));
          operator.process(changeOf(each), 0, (change) => found.push(change));
          expect(inOrder(table.entries())).toEqual(inOrder(plain.entries));
          if (each.then === 'go on') continue;
          commit(table, kept);
          expect(inOrder(kept)).toEqual(inOrder(plain.entries));
          if (each.then === 'commit') continue;
          table = restored(table, kept);
          operator = make();
        }
        expect(found).toEqual(wanted);
        expect([...table.scan()]).toEqual(inOrder(plain.entries));
        expect(table.size).toBe(plain.entries.size);
      }),
      { numRuns: 200 },
    );
  });

  test('so do windows whose entries stand as values in a store', () => {
    fc.assert(
      fc.property(query, inputs, ({ calls, final, withBefore, windows: times }, input) => {
        const run = (makeTable: (layout: AggregateLayout) => () => AggregateStore) => {
          const found: unknown[] = [];
          const { aggregates, layout } = aggregatesOf(calls, true);
          const open = makeTable(layout);
          const timeStore = new MemoryStore('time');
          const make = () => {
            const common = { groupOf, windows: times, final, withBefore: withBefore && !final, orderOf, timeStore };
            const onLate = (...late: unknown[]) => found.push(late);
            const operator = new WindowedAggregate({ ...common, aggregates, table: open(), onLate });
            return operator;
          };
          let operator = make();
          for (const each of input) {
            operator.process(changeOf(each), 0, (change) => found.push(change));
            if (each.then === 'restart') operator = make();
          }
          return [found, [...open().entriesInOrder()], [...open().entriesOfKey(storeKey(input[0]?.key ?? []))]];
        };
        const inNumbers = run((layout) => {
          const table = new AggregateTable('windows', { layout });
          return () => table;
        });
        const asValues = run((layout) => {
          const store = new WindowsInMemory('windows');
          return () => new StoredAggregates(store, layout);
        });
        expect(asValues).toEqual(inNumbers);
      }),
    );
  });

  test('groups without windows are windows that never end', () => {
    const endless = { sizeMs: 1e9, advanceMs: 1e9, graceMs: 1e9, retentionMs: 1e9 };
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 3 }), inputs, (calls, input) => {
        const wanted: Change[] = [];
        const found: Change[] = [];
        const plain = new PlainWindows({
          groupOf,
          windows: endless,
          final: false,
          withBefore: true,
          orderOf,
          onLate: () => {},
          aggregates: aggregatesOf(calls, true).aggregates,
        });
        const { aggregates, layout } = aggregatesOf(calls, false);
        const table = new AggregateTable('groups', { layout });
        const operator = new StreamAggregate({ groupOf, aggregates, table, withBefore: true });
        for (const each of input) {
          plain.process(changeOf(each), ({ window: _, before, after, ...change }) =>
            wanted.push({ ...change, before: before!.slice(0, -2), after: after!.slice(0, -2) }),
          );
          operator.process(changeOf(each), 0, (change) => found.push(change));
        }
        expect(found).toEqual(wanted);
      }),
    );
  });
});

describe('windows whose changes are held', () => {
  const fold = () =>
    new FoldedChanges({ limitBytes: 1e9, intervalMs: 1e9, hasSessions: false, onDue: () => undefined });

  test('what is let go is what is let go where rows are held', () => {
    fc.assert(
      fc.property(windows, inputs, fc.nat(5), (times, input, every) => {
        const calls: Call[] = [
          { name: 'COUNT', column: 0 },
          { name: 'SUM', column: 1 },
        ];
        const run = (entryFold: ChangeFold | undefined, rowFold: FoldedChanges | undefined) => {
          const { aggregates, layout } = aggregatesOf(calls, true);
          const found: Change[] = [];
          const operator = new WindowedAggregate({
            groupOf,
            aggregates,
            table: new AggregateTable('windows', { layout }),
            timeStore: new MemoryStore('time'),
            windows: { ...times, retentionMs: 1e6 },
            withBefore: false,
            final: false,
            orderOf,
            onLate: () => undefined,
            fold: entryFold,
          });
          const take = (change: Change) => found.push(change);
          const emit = rowFold?.through(take, () => true) ?? take;
          for (const [i, each] of input.entries()) {
            operator.process(changeOf(each), 0, emit);
            if (i % (every + 1) === 0) (entryFold ?? rowFold)!.release();
          }
          (entryFold ?? rowFold)!.release();
          return found;
        };
        expect(run(fold(), undefined)).toEqual(run(undefined, fold()));
      }),
    );
  });

  test('a window that is forgotten goes out before', () => {
    const { aggregates, layout } = aggregatesOf([{ name: 'COUNT', column: 0 }], true);
    const table = new AggregateTable('windows', { layout });
    const folded = fold();
    const operator = new WindowedAggregate({
      groupOf,
      aggregates,
      table,
      timeStore: new MemoryStore('time'),
      windows: { sizeMs: 10, advanceMs: 10, graceMs: 0, retentionMs: 20 },
      withBefore: false,
      final: false,
      orderOf,
      onLate: () => undefined,
      fold: folded,
    });
    const found: unknown[] = [];
    const take = ({ key, after, window }: Change) => found.push([key![0], after![1], window!.startMs]);
    const row = (key: string, timeMs: number): Input => ({ key: [key], values: [1, 1, 1, ''], timeMs, then: 'go on' });
    for (const each of [row('a', 1), row('b', 2), row('a', 3), row('a', 100)])
      operator.process(changeOf(each), 0, take);
    expect(found).toEqual([
      ['b', 1, 0],
      ['a', 2, 0],
      ['a', 1, 100],
    ]);
    expect(table.size).toBe(1);
    folded.release();
    expect(found).toHaveLength(3);
    expect(folded.isEmpty).toBe(true);
  });
});
