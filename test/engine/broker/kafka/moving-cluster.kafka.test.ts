import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FetchedBatches } from '../../../../engine/broker/broker.ts';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { type KafkaServer, kafkaMissing, startKafka } from '../../../support/kafka-server.ts';
import { batchOf, recordsOf } from '../broker-contract.ts';

const PARTITIONS = 6;
const PATIENCE = { timeout: 120_000, interval: 200 };

describe.skipIf(kafkaMissing !== undefined)('a Kafka of two brokers', () => {
  let kafka: KafkaServer;
  let broker: KafkaBroker;

  beforeAll(async () => {
    kafka = await startKafka({ second: true });
    broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
  }, 300_000);
  afterAll(async () => {
    await broker?.close();
    await kafka?.stop();
  });

  const newTopic = async (name: string, partitions = PARTITIONS): Promise<string> => {
    await broker.createTopic({ name, partitions, replicas: 2 });
    return name;
  };
  const admin = async <T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> => {
    const own = new Kafka({ brokers: [kafka.bootstrapServer], logLevel: logLevel.NOTHING }).admin();
    await own.connect();
    return work(own).finally(() => own.disconnect());
  };
  /** Subscribes from the beginning, or from an offset; what comes is kept. */
  const reading = async (topic: string, offset = 0, partitions = PARTITIONS) => {
    const values: (string | null)[] = [];
    const skips: (number | undefined)[] = [];
    const positions = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset }));
    const subscription = await broker.subscribe(positions, (fetched: FetchedBatches) => {
      values.push(...recordsOf(fetched).map(({ value }) => value));
      if (fetched.skippedFrom !== undefined) skips.push(fetched.skippedFrom);
    });
    return { values, skips, close: () => subscription.close() };
  };

  test('leaders and coordinators move, and come back, while records, offsets and transactions go on', async () => {
    const topic = await newTopic('moving');
    const reader = await reading(topic);
    // Several of each, so that both brokers are the coordinators of some.
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const producers = await Promise.all(ids.map((id) => broker.openTransactions(`moving-${id}`)));
    const assigned = ids.map(() => 0);
    const members = ids.map((id, i) =>
      broker.joinGroup(
        { group: `moving-${id}`, process: id, capacity: 1 },
        {
          tasks: () => [{ id: 'q_0', family: 'q', isStateful: false, inputs: [{ topic, partition: 0 }] }],
          lags: () => ({}),
          revoked: async () => undefined,
          assigned: async () => {
            assigned[i]!++;
          },
          lost: async () => undefined,
        },
      ),
    );
    await expect.poll(() => Math.min(...assigned), PATIENCE).toBeGreaterThan(0);
    let isDone = false;
    const rounds = ids.map(() => 0);
    const working = producers.map(async (producer, i) => {
      for (; !isDone; rounds[i]!++) {
        await producer.begin();
        await producer.produce(topic, i, [batchOf(`${i}-${rounds[i]}`)]);
        const position = { topic, partition: i, offset: rounds[i]! + 1 };
        await members[i]!.during((member) => producer.sendOffsets(member, [position]));
        await producer.commit();
      }
    });
    const failed = Promise.all(working);
    const more = async () => {
      const before = [...rounds];
      await Promise.race([expect.poll(() => rounds.every((n, i) => n > before[i]! + 2), PATIENCE).toBe(true), failed]);
    };
    await more();
    await kafka.second!.kill();
    await more();
    await kafka.second!.start();
    await more();
    // The leaders that the topic was made with are preferred: they are taken back.
    await sleep(1000);
    await more();
    isDone = true;
    await failed;
    const all = rounds.flatMap((n, i) => Array.from({ length: n }, (_, round) => `${i}-${round}`)).sort();
    await expect.poll(() => reader.values.length, PATIENCE).toBe(all.length);
    expect([...reader.values].sort()).toEqual(all);
    for (const [i, id] of ids.entries()) {
      const offsets = () => broker.committed(`moving-${id}`, topic);
      await expect.poll(async () => (await offsets()).get(i)?.offset, PATIENCE).toBe(rounds[i]);
    }
    await reader.close();
    await Promise.all(members.map((member) => member.close()));
  }, 600_000);

  test('retention passes a place: reading goes on with the oldest record there is, and says where it stood', async () => {
    const topic = await newTopic('retained', 1);
    await broker.append(topic, 0, [batchOf('a', 'b', 'c'), batchOf('d')]);
    await admin(async (own) => {
      // kafkajs finds the leaders of topics only that it has been asked about.
      await own.fetchTopicOffsets(topic);
      await own.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
    });
    const reader = await reading(topic, 1, 1);
    await expect.poll(() => reader.values, PATIENCE).toEqual(['d']);
    expect(reader.skips).toEqual([1]);
    expect(await broker.read({ topic, partition: 0, offset: 1 }, 1 << 20)).toMatchObject({ skippedFrom: 1 });
    await reader.close();
  }, 300_000);

  test('a log that ends before a place is read from its beginning, and says where it stood', async () => {
    const topic = await newTopic('cut', 1);
    await broker.append(topic, 0, [batchOf('a')]);
    const reader = await reading(topic, 7, 1);
    await expect.poll(() => reader.values, PATIENCE).toEqual(['a']);
    expect(reader.skips).toEqual([7]);
    await reader.close();
  }, 300_000);
});
