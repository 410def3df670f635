/**
 * What it costs to keep a large state: a commit of a million new keys, one of a tenth of them changed, the rewrite of
 * the file, and a start; and how long other work has to wait meanwhile at the
 * longest.
 * Run with: node bench/state.ts [KEYS]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { FileHandles } from '../engine/files/file-handles.ts';
import { MemoryBudget } from '../engine/memory/memory-budget.ts';
import type { Operator } from '../engine/operators/operator.ts';
import { StreamStreamJoin } from '../engine/operators/stream-stream-join.ts';
import { QueryState } from '../engine/runtime/state/query-state.ts';
import { aggregateLayout } from '../engine/state/aggregate-layout.ts';
import { NONE } from '../engine/state/aggregate-store.ts';
import { storeKey } from '../engine/state/key-codec.ts';
import { MemoryStore } from '../engine/state/memory-store.ts';
import { RowLog } from '../engine/state/row-log.ts';
import { BIGINT, DOUBLE } from '../language/types/sql-type.ts';
import { rounded } from './measure.ts';

const KEYS = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(path.join(tmpdir(), 'ksql-bench-'));
const file = path.join(folder, 'bench.state');
const memory = new MemoryBudget(64 * 1024 ** 3);
const LAYOUT = aggregateLayout([BIGINT, DOUBLE], false);
const open = () =>
  QueryState.open({
    memory,
    queryId: 'bench',
    file: { path: file, handles: new FileHandles(), sync: 'always' },
    layoutOf: (name) => (name === 'Aggregate' ? LAYOUT : undefined),
  });

async function timed<T>(title: string, work: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  const result = await work();
  const tookMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  console.log(
    `${title.padEnd(40)} ${rounded(tookMs)} ms, ${rounded((user + system) / 1000)} ms of CPU, the longest wait ${rounded(delay.max / 1e6)} ms`,
  );
  return result;
}

/** What COUNT(*) and SUM() of a key keep in numbers, and a row as other tables have it. */
function put(state: QueryState, i: number, count: number): void {
  const key = [`customer ${i}`];
  const text = storeKey(key);
  const table = state.openTable('Aggregate', LAYOUT);
  const number = table.findKey(text);
  const known = table.find(number, 0);
  if (known === NONE) table.add({ key, text }, number, 0, [count, count * 2.5], 1_700_000_000_000 + i);
  else table.set(known, [count, count * 2.5], 1_700_000_000_000 + i);
  state.open('Materialized').put(text, [1_700_000_000_000 + i, key, [count, count * 2.5], null, null]);
}

const state = await open();
const heapBefore = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
for (let i = 0; i < KEYS; i++) put(state, i, 1);
globalThis.gc?.();
console.log(`${KEYS.toLocaleString('en-US')} keys in two stores`);
await timed('commit of all keys', () => state.commit(new Map([['t-0', KEYS]])));
console.log(`  ${rounded(statSync(file).size / KEYS / 2)} bytes an entry in the file`);
console.log(
  `  ${rounded((process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers - heapBefore) / KEYS / 2)} bytes an entry in memory, estimated ${rounded(memory.usedBytes / KEYS / 2)}`,
);
for (let i = 0; i < KEYS / 10; i++) put(state, i * 10, 2);
await timed('commit of a tenth of them, while changing', async () => {
  const committed = state.commit(new Map([['t-0', KEYS + 1]]));
  for (let i = 0; i < KEYS / 10; i += 100) {
    for (let j = i; j < i + 100; j++) put(state, j, 3);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await committed;
});
await state.commit(new Map([['t-0', KEYS + 2]]));
state.close();
const again = await timed('start', open);
console.log(`  ${again.size.toLocaleString('en-US')} entries`);
again.close();

// What a join in a window knows besides its stores, of as many entries.
const stores = new Map<string, MemoryStore>();
const openStore = (name: string) => {
  const store = stores.get(name) ?? new MemoryStore(name);
  stores.set(name, store);
  return store;
};
const rows = new RowLog('this');
for (let i = 0; i < KEYS; i++) {
  const key = [`customer ${i % 100_000}`];
  rows.append(storeKey(key), i, [`customer ${i}`, i]);
}
const restored = (operator: Operator) => async () => {
  for (const _ of operator.restore!()) await new Promise((resolve) => setImmediate(resolve));
};
const join = new StreamStreamJoin({
  type: 'INNER',
  beforeMs: 1e9,
  afterMs: 1e9,
  graceMs: 0,
  keyOf: [(row) => row, (row) => row],
  joinRow: () => [],
  orderOf: String,
  openStore,
  openRows: (name) => (name === 'this' ? rows : new RowLog(name)),
});
await timed('the rows of a join at a start', restored(join));
rmSync(folder, { recursive: true, force: true });
