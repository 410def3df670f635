import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { AnswerBuffers } from '../../../../engine/broker/kafka/answer-buffers.ts';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { type RecordBatch, RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { type EmbeddedKafka, startEmbeddedKafka } from '../../../support/embedded-kafka.ts';

const MEGABYTE = 1024 * 1024;

test('no buffer is given to two at a time, and each is as large as was asked for', () => {
  const step = fc.oneof(
    fc.record({ takes: fc.integer({ min: 0, max: 4 * MEGABYTE }) }),
    fc.record({ givesBack: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const buffers = new AnswerBuffers();
      const taken: Buffer[] = [];
      for (const each of steps) {
        if ('takes' in each) {
          const buffer = buffers.take(each.takes);
          expect(buffer.length).toBeGreaterThanOrEqual(each.takes);
          expect(taken.some((other) => other.buffer === buffer.buffer)).toBe(false);
          taken.push(buffer);
        } else if (taken.length > 0) {
          buffers.giveBack(taken.splice(each.givesBack % taken.length, 1)[0]!);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('a large buffer is used again, until an answer is small', () => {
  const buffers = new AnswerBuffers();
  const first = buffers.take(2 * MEGABYTE);
  buffers.giveBack(first);
  expect(buffers.take(2 * MEGABYTE - 1000)).toBe(first);
  buffers.giveBack(first);
  buffers.take(100);
  expect(buffers.take(2 * MEGABYTE)).not.toBe(first);
});

let kafka: EmbeddedKafka | undefined;
let broker: KafkaBroker | undefined;
afterEach(async () => {
  await broker?.close();
  await kafka?.stop();
});

test('batches stay what they are until they are released, whatever is fetched meanwhile', async () => {
  kafka = await startEmbeddedKafka();
  broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
  const topic = 't';
  const partitions = [0, 1];
  await broker.createTopic({ name: topic, partitions: partitions.length, replicas: 1 });
  const builder = new RecordBatchBuilder();
  const BATCHES = 40;
  for (let i = 0; i < BATCHES; i++)
    for (const partition of partitions) {
      for (let row = 0; row < 20; row++) builder.append(Buffer.from(`${i}`), Buffer.alloc(10_000, `${i}/${row} `), row);
      await broker.append(topic, partition, [builder.build()]);
    }
  const done = Promise.withResolvers<void>();
  const bytes = new Set<ArrayBufferLike>();
  const held: { batches: readonly RecordBatch[]; release: (() => void) | undefined }[] = [];
  const texts: string[][] = partitions.map(() => []);
  const subscription = await broker.subscribe(
    partitions.map((partition) => ({ topic, partition, offset: 0 })),
    ({ partition, batches, release }) => {
      held.push({ batches, release });
      for (const batch of batches) bytes.add(batch.bytes.buffer);
      for (const { baseOffset } of batches) texts[partition]!.push(String(baseOffset / 20));
      // What came two fetches ago is still there, and goes now.
      if (held.length > 2) {
        const oldest = held.shift()!;
        for (const batch of oldest.batches) expect(batch.isIntact).toBe(true);
        oldest.release?.();
      }
      if (texts.every(({ length }) => length === BATCHES)) done.resolve();
    },
  );
  await done.promise;
  await subscription.close();
  for (const of of texts) expect(of).toEqual(Array.from({ length: BATCHES }, (_, i) => String(i)));
  // Sixteen megabytes came in a few buffers.
  expect(bytes.size).toBeLessThan(7);
});
