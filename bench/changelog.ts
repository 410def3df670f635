/**
 * What it costs to keep a state in a changelog and to restore it: a commit of all keys as batches, and restores without
 * and with a state file; how long other work has to wait meanwhile at the longest.
 * Run with: node bench/changelog.ts [KEYS] [BOOTSTRAP_SERVER]; without a server over the embedded broker
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { MemoryBroker } from '../engine/broker/embedded/memory-broker.ts';
import { KafkaBroker } from '../engine/broker/kafka/kafka-broker.ts';
import { FileHandles } from '../engine/files/file-handles.ts';
import {
  changelogTopics,
  deleteChangelogTopics,
  ensureChangelogTopics,
} from '../engine/runtime/state/changelog-topics.ts';
import { QueryState } from '../engine/runtime/state/query-state.ts';
import { restoreState } from '../engine/runtime/state/restore-state.ts';
import { storeKey } from '../engine/state/key-codec.ts';
import { measure, rounded } from './measure.ts';

const KEYS = Number(process.argv[2] ?? 1_000_000);
const server = process.argv[3];
const broker = server === undefined ? new MemoryBroker() : await KafkaBroker.connect({ bootstrapServers: [server] });
const changelog = changelogTopics(`bench-${process.pid}`, ['Aggregate-Aggregate-Materialize'], 0);
await ensureChangelogTopics(
  broker,
  changelog.topics.map((name) => ({ name, partitions: 1 })),
);
const folder = mkdtempSync(path.join(tmpdir(), 'ksql-bench-'));
const file = { path: path.join(folder, 'bench.state'), handles: new FileHandles(), sync: 'always' as const };

async function timed(title: string, entries: number, work: () => Promise<number>): Promise<void> {
  globalThis.gc?.();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let bytes = 0;
  const { wallSeconds, cpuSeconds } = await measure(async () => {
    bytes = await work();
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  console.log(
    `${title.padEnd(40)} ${rounded(entries / wallSeconds)} entries/s (${rounded(entries / cpuSeconds)} a CPU-second), ${rounded(bytes / 1e6 / wallSeconds)} MB/s, the longest wait ${rounded(delay.max / 1e6)} ms`,
  );
}

const owner = await QueryState.open({ changelog });
for (let i = 0; i < KEYS; i++) {
  // What COUNT(*) and SUM() of a key keep, as a query has it: its aggregate and its row.
  const key = [`customer ${i}`];
  const text = storeKey(key);
  owner.open('Aggregate-Aggregate-Materialize').put(text, [1_700_000_000_000 + i, [i, i * 2.5], key]);
  owner.open('Materialized').put(text, [1_700_000_000_000 + i, key, [i, i * 2.5], null, null]);
}
console.log(`${KEYS.toLocaleString('en-US')} keys in two stores, ${broker.description}`);
await timed('commit of all entries', 2 * KEYS, async () => {
  let bytes = 0;
  const written: Promise<number>[] = [];
  for await (const { topic, partition, batch } of owner.changelogBatches()) {
    bytes += batch.sizeBytes;
    written.push(broker.append(topic, partition, [batch]));
    if (written.length % 8 === 0) await Promise.all(written);
  }
  await Promise.all(written);
  await owner.commit(new Map());
  return bytes;
});
owner.close();
for (const [title, options] of [
  ['restore in memory', {}],
  ['restore with a file', { file }],
  ['the same from the file', { file }],
] as const) {
  await timed(title, 2 * KEYS, async () => {
    const state = await QueryState.open({ changelog, ...options });
    const { bytes } = await restoreState(state, { broker });
    if (state.size !== 2 * KEYS) throw new Error(`${state.size} entries were restored`);
    state.close();
    return bytes;
  });
}
await deleteChangelogTopics(broker, changelog.topics);
await broker.close();
rmSync(folder, { recursive: true, force: true });
