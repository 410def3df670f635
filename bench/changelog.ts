/**
 * What it costs to keep a state in a changelog and to restore it: a commit of all keys as batches, and restores without
 * and with a state file; how long other work has to wait meanwhile at the longest. Over Kafka, Kafka Streams restores
 * the same changelog. Prints the medians of some rounds, and writes JSON to bench/results/.
 * Run with: node bench/changelog.ts [KEYS [embedded|kafka|HOST:PORT [ROUNDS]]]; `kafka` starts one
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
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
import { BenchKafka, kafkaUnavailable } from './over-kafka/peers.ts';
import { restoreWithStreams } from './restore/streams.ts';
import { type Figure, machineState, printReport, type Report } from './table/figures.ts';

const [keys = '1000000', where = 'embedded', rounds = '5'] = process.argv.slice(2);
const KEYS = Number(keys);
const ROUNDS = Number(rounds);
const STORE = 'Aggregate-Aggregate-Materialize';
const unavailable = where === 'kafka' ? kafkaUnavailable() : undefined;
if (unavailable !== undefined) {
  console.log(`A changelog on Kafka ${unavailable}.`);
  process.exit(0);
}
const kafka = where === 'kafka' ? await BenchKafka.start() : undefined;
const server = kafka?.bootstrap ?? (where === 'embedded' ? undefined : where);
const broker = server === undefined ? new MemoryBroker() : await KafkaBroker.connect({ bootstrapServers: [server] });
const application = `bench-${process.pid}`;
const changelog = changelogTopics(application, [STORE], 0);
await ensureChangelogTopics(
  broker,
  changelog.topics.map((name) => ({ name, partitions: 1 })),
);
const folder = mkdtempSync(path.join(tmpdir(), 'ksql-bench-'));
const file = { path: path.join(folder, 'bench.state'), handles: new FileHandles(), sync: 'always' as const };
const report: Report = {
  machine: machineState(path.join(import.meta.dirname, '..'), {}),
  figures: [],
  missing: [],
};
let changelogBytes = 0;

/** Adds a run to the figures of what was done with all entries. */
function add(title: string, engine: string, cost: { wallSeconds: number; cpuSeconds: number }): void {
  const rates = [
    ['entries/s by the clock', (2 * KEYS) / cost.wallSeconds],
    ['MB/s by the clock', changelogBytes / 1e6 / cost.wallSeconds],
    ['entries per CPU-second', (2 * KEYS) / cost.cpuSeconds],
  ] as const;
  for (const [unit, value] of rates) {
    const known = report.figures.find((each) => each.title === title && each.engine === engine && each.unit === unit);
    const figure: Figure = known ?? { line: title, title, engine, unit, isRate: true, rows: 2 * KEYS, runs: [] };
    if (known === undefined) report.figures.push(figure);
    figure.runs.push({ value });
  }
}

async function timed(title: string, work: () => Promise<void>): Promise<void> {
  globalThis.gc?.();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cost = await measure(work);
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  add(title, 'here', cost);
  const rate = `${rounded((2 * KEYS) / cost.wallSeconds)} entries/s, ${rounded(changelogBytes / 1e6 / cost.wallSeconds)} MB/s`;
  console.error(`${title}: ${rate}, the longest wait ${rounded(delay.max / 1e6)} ms`);
}

const owner = await QueryState.open({ changelog });
for (let i = 0; i < KEYS; i++) {
  // What COUNT(*) and SUM() of a key keep, as a query has it: its aggregate and its row.
  const key = [`customer ${i}`];
  const text = storeKey(key);
  owner.open(STORE).put(text, [1_700_000_000_000 + i, [i, i * 2.5], key]);
  owner.open('Materialized').put(text, [1_700_000_000_000 + i, key, [i, i * 2.5], null, null]);
}
console.error(`${KEYS.toLocaleString('en-US')} keys in two stores, ${broker.description}`);
await timed('commit of all entries', async () => {
  const written: Promise<number>[] = [];
  for await (const { topic, partition, batch } of owner.changelogBatches()) {
    changelogBytes += batch.sizeBytes;
    written.push(broker.append(topic, partition, [batch]));
    if (written.length % 8 === 0) await Promise.all(written);
  }
  await Promise.all(written);
  await owner.commit(new Map());
});
owner.close();

/** The first round makes it warm. */
for (let round = 0; round <= ROUNDS; round++) {
  for (const [title, options] of [
    ['restore in memory', {}],
    ['restore with a file', { file }],
    ['the same from the file', { file }],
  ] as const) {
    const restore = async () => {
      const state = await QueryState.open({ changelog, ...options });
      await restoreState(state, { broker });
      if (state.size !== 2 * KEYS) throw new Error(`${state.size} entries were restored`);
      state.close();
    };
    if (round === 0) await restore();
    else await timed(title, restore);
  }
  rmSync(file.path, { force: true });
  report.machine.loads.push(loadavg()[0]!);
}

if (server !== undefined) {
  const input = `${application}-input`;
  await broker.createTopic({ name: input, partitions: 1, replicas: 1 });
  for (const [kind, title] of [
    ['memory', 'restore in memory'],
    ['rocksdb', 'restore with a file'],
  ] as const)
    for (const { version, entries, wall_s, cpu_s } of restoreWithStreams(kind, {
      ...{ bootstrap: server, application, store: STORE, input, rounds: ROUNDS },
    })) {
      if (entries !== 2 * KEYS) throw new Error(`Kafka Streams restored ${entries} entries`);
      const engine = `Kafka Streams ${version}, ${kind === 'memory' ? 'in memory' : 'RocksDB'}`;
      add(title, engine, { wallSeconds: wall_s, cpuSeconds: cpu_s });
    }
  report.machine.loads.push(loadavg()[0]!);
  await broker.deleteTopic(input);
} else {
  report.missing.push({ title: 'restore', engine: 'Kafka Streams', reason: 'has no part in the embedded broker' });
}
await deleteChangelogTopics(broker, changelog.topics);
await broker.close();
kafka?.stop();
rmSync(folder, { recursive: true, force: true });
printReport(report);
const results = path.join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
const to = path.join(results, `changelog-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.json`);
writeFileSync(to, `${JSON.stringify(report, null, 2)}\n`);
console.log(`\nwritten to ${to}`);
