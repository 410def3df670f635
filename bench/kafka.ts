/**
 * A million rows of 150 bytes through a real Kafka on this machine: written, and read and filtered to another topic.
 * Starts Kafka from Maven Central's jars (needs java and mvn), or takes one: node bench/kafka.ts [HOST:PORT]
 */
import { KafkaBroker } from '../engine/broker/kafka/kafka-broker.ts';
import { RecordBatchBuilder } from '../engine/broker/record-batch.ts';
import { startKafka } from '../test/support/kafka-server.ts';

const ROWS = 1_000_000;
const BATCH_BYTES = 512 * 1024;
const given = process.argv[2];
const kafka = given === undefined ? await startKafka() : undefined;
const broker = await KafkaBroker.connect({ bootstrapServers: [given ?? kafka!.bootstrapServer] });
const [input, output] = [`bench-in-${process.pid}`, `bench-out-${process.pid}`];
for (const name of [input, output]) await broker.createTopic({ name, partitions: 1, replicas: 1 });

async function measure(title: string, run: () => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  await run();
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = (each: number) => Math.round(ROWS / each).toLocaleString('en');
  console.log(
    `${title.padEnd(24)} ${perSecond((user + system) / 1e6)} rows per CPU-second, ${perSecond(seconds)} rows/s by the clock`,
  );
}

const encode = new TextEncoder();
const keys = Array.from({ length: 1000 }, (_, i) => encode.encode(`key-${i}`));
const values = Array.from({ length: 1000 }, (_, i) =>
  encode.encode(JSON.stringify({ id: i, text: 'x'.repeat(120), stars: i % 5 })),
);

await measure('write', async () => {
  const builder = new RecordBatchBuilder(BATCH_BYTES);
  const pending: Promise<number>[] = [];
  for (let row = 0; row < ROWS; row++) {
    builder.append(keys[row % 1000]!, values[row % 1000]!, 1_700_000_000_000 + row);
    if (builder.sizeBytes < BATCH_BYTES) continue;
    pending.push(broker.append(input, 0, [builder.build()]));
    if (pending.length === 5) await pending.shift();
  }
  await Promise.all([...pending, broker.append(input, 0, [builder.build()])]);
});

/** Reads all of the input, and writes the rows that `keep` accepts. */
async function copy(keep: (row: number) => boolean): Promise<void> {
  const done = Promise.withResolvers<void>();
  const builder = new RecordBatchBuilder(BATCH_BYTES);
  let rows = 0;
  let written: Promise<unknown> = Promise.resolve();
  const subscription = await broker.subscribe([{ topic: input, partition: 0, offset: 0 }], async ({ batches }) => {
    for (const batch of batches) {
      const cursor = batch.records();
      while (cursor.next()) if (keep(rows++)) builder.append(cursor.key, cursor.value, cursor.timeMs);
    }
    // One write is under way while the next batches are handled.
    await written;
    if (builder.count > 0) written = broker.append(output, 0, [builder.build()]);
    if (rows === ROWS) done.resolve();
  });
  await done.promise;
  await written;
  await subscription.close();
}
await measure('read', () => copy(() => false));
await measure('read, write 40%', () => copy((row) => row % 5 < 2));

for (const name of [input, output]) await broker.deleteTopic(name);
await broker.close();
await kafka?.stop();
