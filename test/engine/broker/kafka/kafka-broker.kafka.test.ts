import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FetchedBatches } from '../../../../engine/broker/broker.ts';
import { KafkaBroker, testKafkaConnection } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { type KafkaServer, kafkaMissing, startKafka } from '../../../support/kafka-server.ts';
import { batchOf, brokerContract, recordsOf } from '../broker-contract.ts';

describe.skipIf(kafkaMissing !== undefined)('a real Kafka', () => {
  let kafka: KafkaServer;
  const connect = (server = kafka.bootstrapServer) => KafkaBroker.connect({ bootstrapServers: [server] });

  beforeAll(async () => {
    kafka = await startKafka();
  }, 300_000);
  afterAll(() => kafka?.stop());

  brokerContract('KafkaBroker', () => connect());

  test('says what is wrong with an address', async () => {
    expect(await testKafkaConnection({ bootstrapServers: ['127.0.0.1:1'] })).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/127\.0\.0\.1:1: .*ECONNREFUSED/),
    });
    const tls = await testKafkaConnection({ bootstrapServers: [kafka.bootstrapServer], ssl: true });
    expect(tls).toMatchObject({ code: 'unreachable' });
  });

  test('tells a topic’s own settings and keeps internal topics to itself', async () => {
    const broker = await connect();
    await broker.createTopic({
      name: 'compacted',
      partitions: 2,
      replicas: -1,
      config: { 'cleanup.policy': 'compact' },
    });
    expect(await broker.describeTopic('compacted')).toEqual({
      name: 'compacted',
      partitions: 2,
      replicas: 1,
      config: { 'cleanup.policy': 'compact' },
    });
    await broker.commit('internal', [{ topic: 'compacted', partition: 0, offset: 1 }]);
    expect((await broker.listTopics()).map(({ name }) => name)).not.toContain('__consumer_offsets');
    await broker.close();
  });

  test('topics whose records were removed can be deleted, and others made after them', async () => {
    const broker = await connect();
    await broker.createTopic({ name: 'purged', partitions: 2, replicas: 1 });
    await broker.append('purged', 1, [batchOf('a', 'b', 'c')]);
    await broker.deleteRecords([{ topic: 'purged', partition: 1, offset: 2 }]);
    expect(await broker.offsets('purged', { partition: 1 })).toEqual([{ partition: 1, earliest: 2, latest: 3 }]);
    await broker.deleteTopic('purged');
    await broker.createTopic({ name: 'next', partitions: 1, replicas: 1 });
    await broker.deleteTopic('next');
    await expect(broker.deleteRecords([{ topic: 'purged', partition: 1, offset: 3 }])).rejects.toThrow('purged');
    await broker.close();
  });

  test('cuts a batch that the broker finds too large', async () => {
    const broker = await connect();
    await broker.createTopic({ name: 'large', partitions: 1, replicas: 1 });
    const builder = new RecordBatchBuilder();
    for (let i = 0; i < 30; i++) builder.append(null, new Uint8Array(100_000).fill(i), 1000 + i);
    expect(await broker.append('large', 0, [builder.build()])).toBe(0);
    expect(await broker.offsets('large')).toEqual([{ partition: 0, earliest: 0, latest: 30 }]);
    await broker.close();
  });

  // The broker compresses what it is given in the codec of the topic, with the same libraries as Java clients.
  test.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads batches compressed with %s', async (codec) => {
    const broker = await connect();
    const topic = `compressed-${codec}`;
    await broker.createTopic({ name: topic, partitions: 1, replicas: 1, config: { 'compression.type': codec } });
    const values = Array.from(
      { length: 20_000 },
      (_, i) => `a value of the kind that repeats itself, number ${i * 7919}`,
    );
    await broker.append(topic, 0, [batchOf(...values.slice(0, 5000)), batchOf(...values.slice(5000))]);
    const fetched = await broker.read({ topic, partition: 0, offset: 0 }, 1 << 24);
    expect(fetched.batches[0]!.attributes & 7).not.toBe(0);
    const records = recordsOf(fetched);
    expect(records.map(({ value }) => value)).toEqual(values);
    expect(records[6000]).toMatchObject({ offset: 6000, timeMs: 2000, key: 'k1000', headers: ['h=x'] });
    await broker.close();
  });

  test('shows no record of an aborted transaction, and reads up to the end all the same', async () => {
    const broker = await connect();
    await broker.createTopic({ name: 'transactions', partitions: 1, replicas: 1 });
    const producer = new Kafka({ brokers: [kafka.bootstrapServer], logLevel: logLevel.NOTHING }).producer({
      transactionalId: 'transactions-test',
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    for (const value of ['kept', 'aborted', 'kept too']) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'transactions', messages: [{ value }] });
      await (value === 'aborted' ? transaction.abort() : transaction.commit());
    }
    await producer.disconnect();
    // Three records and a marker each; the last marker comes a moment after the producer was told that all is well.
    const latest = async () => (await broker.offsets('transactions'))[0]!.latest;
    await expect.poll(latest).toBe(6);
    const fetched = await broker.read({ topic: 'transactions', partition: 0, offset: 0 }, 1 << 20);
    expect(recordsOf(fetched).map(({ value }) => value)).toEqual(['kept', 'kept too']);
    expect(fetched.batches.at(-1)!.lastOffset + 1).toBe(await latest());
    await broker.close();
  });

  test('a subscription goes on after the broker was gone, without losing or repeating a record', async () => {
    const broker = await connect();
    await broker.createTopic({ name: 'restarted', partitions: 1, replicas: 1 });
    const seen: (string | null)[] = [];
    const onFetched = (fetched: FetchedBatches) => {
      seen.push(...recordsOf(fetched).map(({ value }) => value));
    };
    const subscription = await broker.subscribe([{ topic: 'restarted', partition: 0, offset: 0 }], onFetched);
    await broker.append('restarted', 0, [batchOf('a')]);
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['a']);
    await kafka.restart();
    const other = await connect();
    await other.append('restarted', 0, [batchOf('b', 'c')]);
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual(['a', 'b', 'c']);
    await subscription.close();
    await other.close();
    await broker.close();
  }, 60_000);
});
