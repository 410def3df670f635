/** The codec of record batches, on one core: rows built, walked over and summed up, in memory. Run: node bench/record-batch.ts */
import { crc32c } from '../engine/broker/crc32c.ts';
import { MemoryBroker } from '../engine/broker/memory-broker.ts';
import { type RecordBatch, RecordBatchBuilder } from '../engine/broker/record-batch.ts';

const ROWS = 1_000_000;
const BATCH_ROWS = 1000;
const ROUNDS = 3;
const APPENDS = 100;
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

const broker = new MemoryBroker();
await broker.createTopic({ name: 'rows', partitions: 1, replicas: 1 });
// A batch is kept as it is, so what it costs does not depend on its rows.
measure('append to the embedded broker', batches.length * APPENDS, 'batches', () => {
  for (let round = 0; round < APPENDS; round++) for (const batch of batches) broker.appendNow('rows', 0, [batch]);
});
await broker.close();
