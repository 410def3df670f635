/**
 * What a tumbling count over many windows of keys takes where state is in memory, and where it is on a disk: rows a
 * CPU-second, bytes an entry in memory and in the file, and a start with what is there.
 * Run with: node --expose-gc bench/store-kinds.ts [ENTRIES] [memory|disk]; all kinds, each in a process of its own
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RecordBatchBuilder } from '../engine/broker/record-batch.ts';
import { openEngine } from '../engine/open-engine.ts';
import { measure, rounded } from './measure.ts';
import { runToEnd } from './table/run-to-end.ts';

const ENTRIES = Number(process.argv[2] ?? 1_000_000);
const KEYS = 100_000;
const BATCH_BYTES = 512 * 1024;
const SCRIPT = `
  CREATE STREAM rides (id STRING KEY, km INT) WITH (KAFKA_TOPIC = 'rides', VALUE_FORMAT = 'JSON');
  CREATE TABLE counted AS SELECT id, COUNT(*) AS n, SUM(km) AS total FROM rides
    WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 30 DAYS, GRACE PERIOD 1 MINUTE) GROUP BY id;`;

function sizeOf(folder: string): number {
  const files = readdirSync(folder, { withFileTypes: true });
  return files.reduce((sum, { name }) => sum + statSync(path.join(folder, name)).size, 0);
}

async function run(kind: string): Promise<void> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'ksql-bench-'));
  const properties = {
    'auto.offset.reset': 'earliest',
    'ksql.workbench.state.store': kind,
    'ksql.workbench.fsync': 'never',
    'ksql.workbench.memory.max.bytes': '16GB',
  };
  const open = () => openEngine({ stateDir, properties });
  let engine = await open();
  await engine.broker.createTopic({ name: 'rides', partitions: 1, replicas: 1 });
  const builder = new RecordBatchBuilder(BATCH_BYTES);
  for (let n = 0; n < ENTRIES; n++) {
    const key = Buffer.from(`customer ${(n * 7919) % KEYS}`);
    builder.append(key, Buffer.from(`{"km":${n % 100}}`), 1_700_000_000_000 + Math.floor(n / KEYS) * 60_000);
    if (builder.sizeBytes >= BATCH_BYTES || n === ENTRIES - 1)
      await engine.broker.append('rides', 0, [builder.build()]);
  }
  globalThis.gc?.();
  const before = process.memoryUsage();
  const { cpuSeconds } = await measure(async () => void (await runToEnd(engine, SCRIPT)));
  globalThis.gc?.();
  const after = process.memoryUsage();
  const heap = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  await engine.close();
  const fileBytes = sizeOf(path.join(stateDir, 'queries'));
  const start = await measure(async () => {
    engine = await open();
  });
  await engine.close();
  rmSync(stateDir, { recursive: true, force: true });
  console.log(
    `${kind.padEnd(8)} ${rounded(ENTRIES)} windows: ${rounded(ENTRIES / cpuSeconds)} rows a CPU-second, ${rounded(heap / ENTRIES)} bytes an entry in memory, ${rounded(fileBytes / ENTRIES)} in the file, a start in ${rounded(start.cpuSeconds)} s of CPU`,
  );
}

const kind = process.argv[3];
if (kind !== undefined) await run(kind);
else
  for (const each of ['memory', 'disk'])
    spawnSync(process.execPath, ['--expose-gc', import.meta.filename, String(ENTRIES), each], { stdio: 'inherit' });
