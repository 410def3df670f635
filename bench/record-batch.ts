/**
 * The codec of record batches, on one core: rows built, walked over and summed up, and what a topic in memory costs.
 * Run: node bench/record-batch.ts
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { crc32c } from '../engine/broker/crc32c.ts';
import { MemoryBroker } from '../engine/broker/embedded/memory-broker.ts';
import { type RecordBatch, RecordBatchBuilder } from '../engine/broker/record-batch.ts';

const ROWS = 1_000_000;
const BATCH_ROWS = 1000;
const ROUNDS = 3;
const key = new TextEncoder().encode('customer-1234');
const value = new TextEncoder().encode(JSON.stringify({ id: 1234, name: 'x'.repeat(120), stars: 4 }));

/** Prints the best of some rounds, in units a second. */
function measure(title: string, units: number, unit: string, run: () => void): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(started);
    best = Math.min(best, (user + system) / 1e6);
  }
  console.log(`${title.padEnd(34)} ${Math.round(units / best).toLocaleString('en')} ${unit} per CPU-second`);
}

let batches: RecordBatch[] = [];
measure('build batches of 1,000 rows', ROWS, 'rows', () => {
  batches = [];
  const builder = new RecordBatchBuilder(BATCH_ROWS * 256);
  for (let row = 0; row < ROWS; row++) {
    builder.append(key, value, 1_700_000_000_000 + row);
    if (builder.count === BATCH_ROWS) batches.push(builder.build());
  }
});
measure('walk over rows', ROWS, 'rows', () => {
  let bytes = 0;
  for (const batch of batches) {
    const cursor = batch.records();
    while (cursor.next()) bytes += cursor.valueEnd - cursor.valueStart;
  }
  if (bytes !== ROWS * value.length) throw new Error('Rows are missing.');
});
const block = new Uint8Array(64 * 1024 * 1024);
measure('checksum (CRC-32C)', block.length / 1e6, 'MB', () => {
  crc32c(block);
});

/** Appends rows to a topic in memory and prints what it then costs, with all that belongs to it. */
async function measureTopic(title: string, appended: () => Iterable<RecordBatch>): Promise<void> {
  const broker = new MemoryBroker({ maxTopicBytes: 4 * 1024 * 1024 * 1024 });
  await broker.createTopic({ name: 'rows', partitions: 1, replicas: 1 });
  const before = usedBytes();
  const started = process.cpuUsage();
  let rows = 0;
  let count = 0;
  for (const batch of appended()) {
    rows += batch.count;
    count++;
    await broker.append('rows', 0, [batch]);
  }
  const { user, system } = process.cpuUsage(started);
  const bytesPerRow = (usedBytes() - before) / rows;
  const perSecond = Math.round(count / ((user + system) / 1e6)).toLocaleString('en');
  console.log(
    `${title.padEnd(34)} ${bytesPerRow.toFixed(0)} bytes of memory a row; ${perSecond} appends per CPU-second`,
  );
  await broker.close();
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function* single(count: number, rowBytes: number): Iterable<RecordBatch> {
  const small = new Uint8Array(rowBytes);
  for (let row = 0; row < count; row++) {
    const builder = new RecordBatchBuilder();
    builder.append(null, small, 1_700_000_000_000 + row);
    yield builder.build();
  }
}

function* chunks(count: number): Iterable<RecordBatch> {
  const builder = new RecordBatchBuilder(BATCH_ROWS * 256);
  for (let row = 0; row < count; row++) {
    builder.append(key, value, 1_700_000_000_000 + row);
    if (builder.count === BATCH_ROWS) yield builder.build();
  }
}

await measureTopic('topic: 23-byte rows one by one', () => single(ROWS, 23));
await measureTopic('topic: 150-byte rows by 1,000', () => chunks(ROWS));
