/**
 * What it costs to keep a large state: a commit of a million new keys, one of a tenth of them changed, the rewrite of
 * the file, and a start; and how long other work has to wait meanwhile at the longest.
 * Run with: node bench/state.ts [KEYS]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { FileHandles } from '../engine/files/file-handles.ts';
import { MemoryBudget } from '../engine/memory/memory-budget.ts';
import { QueryState } from '../engine/runtime/state/query-state.ts';
import { storeKey } from '../engine/state/key-codec.ts';
import { rounded } from './measure.ts';

const KEYS = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(path.join(tmpdir(), 'ksql-bench-'));
const file = path.join(folder, 'bench.state');
const memory = new MemoryBudget(64 * 1024 ** 3);
const open = () =>
  QueryState.open({ memory, queryId: 'bench', file: { path: file, handles: new FileHandles(), sync: 'always' } });

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

/** What COUNT(*) and SUM() of a key keep, as a query has it: its aggregate and its row. */
function put(state: QueryState, i: number, count: number): void {
  const key = [`customer ${i}`];
  const text = storeKey(key);
  state.open('Aggregate').put(text, [1_700_000_000_000 + i, [count, count * 2.5], key]);
  state.open('Materialized').put(text, [1_700_000_000_000 + i, key, [count, count * 2.5], null, null]);
}

const state = await open();
const heapBefore = process.memoryUsage().heapUsed;
for (let i = 0; i < KEYS; i++) put(state, i, 1);
globalThis.gc?.();
console.log(`${KEYS.toLocaleString('en-US')} keys in two stores`);
await timed('commit of all keys', () => state.commit(new Map([['t-0', KEYS]])));
console.log(`  ${rounded(statSync(file).size / KEYS / 2)} bytes an entry in the file`);
console.log(
  `  ${rounded((process.memoryUsage().heapUsed - heapBefore) / KEYS / 2)} bytes an entry in memory, estimated ${rounded(memory.usedBytes / KEYS / 2)}`,
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
rmSync(folder, { recursive: true, force: true });
