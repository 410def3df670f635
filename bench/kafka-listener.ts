/**
 * Records of 100 bytes through the listener for clients of Kafka and back, client and listener in this one process:
 * checked, appended and fetched, in memory and in a state directory without flushing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MemoryBroker } from '../engine/broker/embedded/memory-broker.ts';
import { KafkaBroker } from '../engine/broker/kafka/kafka-broker.ts';
import { KafkaListener } from '../engine/broker/listener/kafka-listener.ts';
import { RecordBatchBuilder } from '../engine/broker/record-batch.ts';

const TOTAL_BYTES = 200 * 1024 * 1024;
const BATCH_BYTES = 64 * 1024;
const IN_FLIGHT = 5;
const FETCH_BYTES = 1024 * 1024;

async function measure(title: string, run: () => Promise<number>): Promise<void> {
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  const megabytes = (await run()) / 1024 / 1024;
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const perCpu = Math.round(megabytes / ((user + system) / 1e6));
  console.log(`${title.padEnd(28)} ${perCpu} MB per CPU-second, ${Math.round(megabytes / seconds)} MB/s by the clock`);
}

const builder = new RecordBatchBuilder(BATCH_BYTES);
while (builder.sizeBytes < BATCH_BYTES - 200) builder.append(null, new Uint8Array(100).fill(120), 1_700_000_000_000);
const batch = builder.build();

async function through(title: string, embedded: MemoryBroker): Promise<void> {
  const listener = await KafkaListener.open(embedded, { host: '127.0.0.1', port: 0 });
  const client = await KafkaBroker.connect({ bootstrapServers: [`127.0.0.1:${listener.port}`] });
  await client.createTopic({ name: 't', partitions: 1, replicas: 1 });
  await measure(`write, ${title}`, async () => {
    const pending: Promise<number>[] = [];
    let sent = 0;
    for (; sent < TOTAL_BYTES; sent += batch.sizeBytes) {
      pending.push(client.append('t', 0, [batch]));
      if (pending.length === IN_FLIGHT) await pending.shift();
    }
    await Promise.all(pending);
    return sent;
  });
  await measure(`read, ${title}`, async () => {
    let read = 0;
    for (let offset = 0; ; ) {
      const { batches } = await client.read({ topic: 't', partition: 0, offset }, FETCH_BYTES);
      if (batches.length === 0) return read;
      offset = batches.at(-1)!.lastOffset + 1;
      for (const { sizeBytes } of batches) read += sizeBytes;
    }
  });
  await client.close();
  await listener.close();
  await embedded.close();
}

await through('in memory', new MemoryBroker());
const stateDir = mkdtempSync(path.join(tmpdir(), 'ksql-bench-'));
await through('in a directory', new MemoryBroker({ stateDir, sync: 'never' }));
rmSync(stateDir, { recursive: true });
