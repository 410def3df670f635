/**
 * What windows cost by themselves: rows a second through the operator of a COUNT and a SUM, tumbling and hopping, with
 * nothing read and nothing written, and the memory of ten million pairs of a key and a window of a COUNT.
 * Run with: node --expose-gc bench/windows.ts [PAIRS]
 */
import { compileAddInPlace } from '../engine/compile/add-in-place.ts';
import { AggregateSet, type AggregateStep } from '../engine/operators/grouped-aggregate.ts';
import type { Change, Row } from '../engine/operators/operator.ts';
import { type TimeWindows, WindowedAggregate } from '../engine/operators/windowed-aggregate.ts';
import { FoldedChanges } from '../engine/runtime/task/folded-changes.ts';
import { aggregateLayout } from '../engine/state/aggregate-layout.ts';
import { AggregateTable } from '../engine/state/aggregate-table.ts';
import { MemoryStore } from '../engine/state/memory-store.ts';
import { FUNCTIONS } from '../language/functions/catalogue.ts';
import type { AggregateFunction } from '../language/functions/function.ts';
import { INTEGER } from '../language/types/sql-type.ts';
import { measure, rounded } from './measure.ts';

const PAIRS = Number(process.argv[2] ?? 10_000_000);
const KEYS = 10_000;
const ROWS = 2_000_000;
const RETAINED_MS = 86_400_000;

const KEY_ROWS = Array.from({ length: KEYS }, (_, i): Row => [`N${i}`]);

/** An aggregate of the row's second column. */
function step(name: string): AggregateStep {
  const { overloads } = FUNCTIONS.get(name) as AggregateFunction;
  const site = { argumentTypes: [INTEGER], returnType: INTEGER, lambdaResultTypes: [] };
  return {
    aggregator: overloads[0]!.implement(site, [], { nextInOrder: () => 0 }),
    args: [(row: Row) => row[1]!],
  };
}

function windowed(names: readonly string[], windows: TimeWindows, fold?: FoldedChanges) {
  const steps = names.map(step);
  const types = steps.map(({ aggregator }) => aggregator.stateType);
  const table = new AggregateTable('windows', { layout: aggregateLayout(types, true) });
  const operator = new WindowedAggregate({
    groupOf: (row) => [row[0]!],
    aggregates: new AggregateSet(steps, compileAddInPlace(steps)),
    windows,
    table,
    timeStore: new MemoryStore('time'),
    withBefore: false,
    final: false,
    orderOf: String,
    onLate: () => undefined,
    fold,
  });
  return { table, operator };
}

const rowAt = (i: number, timeMs: number): Change => {
  const key = KEY_ROWS[(i * 7919) % KEYS]!;
  return { key, before: null, after: [key[0]!, i % 1000], timeMs, headers: [] };
};

for (const [title, sizeMs, advanceMs] of [
  ['tumbling, a minute', 60_000, 60_000],
  ['hopping, six windows a row', 60_000, 10_000],
] as const) {
  const fold = new FoldedChanges({ limitBytes: 1e9, intervalMs: 1e9, hasSessions: false, onDue: () => undefined });
  const windows = { sizeMs, advanceMs, graceMs: RETAINED_MS, retentionMs: RETAINED_MS };
  const { operator } = windowed(['COUNT', 'SUM'], windows, fold);
  let results = 0;
  const emit = () => results++;
  const { cpuSeconds } = await measure(async () => {
    for (let i = 0; i < ROWS; i++) {
      operator.process(rowAt(i, i), 0, emit);
      if (i % 250_000 === 0) fold.release();
    }
    fold.release();
  });
  console.log(`${title.padEnd(30)} ${rounded(ROWS / cpuSeconds)} rows per CPU-second, ${rounded(results)} results`);
}

const heldBytes = (): number => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
const before = heldBytes();
const { table, operator } = windowed(['COUNT'], {
  sizeMs: 1000,
  advanceMs: 1000,
  graceMs: RETAINED_MS,
  retentionMs: RETAINED_MS,
});
for (let i = 0; i < PAIRS; i++) operator.process(rowAt(i, Math.floor(i / KEYS) * 1000), 0, () => undefined);
const bytes = heldBytes() - before;
console.log(
  `${rounded(table.size)} pairs of ${rounded(KEYS)} keys and a window: ${rounded(bytes / 2 ** 20)} MB, ${rounded(bytes / table.size)} bytes each with keys and index`,
);
