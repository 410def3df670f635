import { expect, test } from 'vitest';
import { BrokerError } from '../../../../engine/broker/broker.ts';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { PartitionBuffer } from '../../../../engine/runtime/task/partition-buffer.ts';
import { TaskPartitions } from '../../../../engine/runtime/task/task-partitions.ts';

/** A broker that is not reached a few times by who begins to read a topic. */
class ShyBroker extends MemoryBroker {
  refusals = new Map<string, number>();
  readonly subscribed: string[] = [];

  override async subscribe(...given: Parameters<MemoryBroker['subscribe']>): ReturnType<MemoryBroker['subscribe']> {
    const { topic } = given[0][0]!;
    const left = this.refusals.get(topic) ?? 0;
    this.refusals.set(topic, left - 1);
    if (left > 0) throw new BrokerError('It is not reached.', 'unreachable');
    this.subscribed.push(topic);
    return super.subscribe(...given);
  }
}

test('what could not be fetched at first is fetched when it is tried again, and nothing is fetched twice', async () => {
  const broker = new ShyBroker();
  const fetched = Promise.withResolvers<void>();
  const partitions = new TaskPartitions({
    broker,
    fetched: undefined,
    onFetched: fetched.resolve,
    onNotice: () => undefined,
  });
  for (const topic of ['a', 'b']) {
    await broker.createTopic({ name: topic, partitions: 1, replicas: 1 });
    const start = { partition: 0, offset: 0, endOffset: 0, rebuiltAt: 0, origin: 0 };
    partitions.add([new PartitionBuffer(topic, start, false)]);
  }
  broker.refusals.set('b', 1);
  await expect(partitions.subscribe()).rejects.toThrow('It is not reached.');
  expect(partitions.areSubscribed).toBe(false);
  await Promise.all([partitions.subscribe(), partitions.subscribe()]);
  expect(partitions.areSubscribed).toBe(true);
  expect(broker.subscribed).toEqual(['a', 'b']);
  const builder = new RecordBatchBuilder();
  builder.append(null, Buffer.from('{}'), 0);
  await broker.append('b', 0, [builder.build()]);
  await fetched.promise;
  expect(partitions.buffers[1]!.head).toBeDefined();
  await partitions.close();
  await broker.close();
});
