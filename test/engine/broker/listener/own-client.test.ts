import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { KafkaListener } from '../../../../engine/broker/listener/kafka-listener.ts';
import { batchOf, recordsOf } from '../broker-contract.ts';

/** What transactions and groups do on a real Kafka, over the listener: with nothing installed. */
describe('our own client', () => {
  let embedded: MemoryBroker;
  let listener: KafkaListener;
  let broker: KafkaBroker;
  const connect = () =>
    KafkaBroker.connect({
      bootstrapServers: [`127.0.0.1:${listener.port}`],
      sessionTimeoutMs: 6000,
      compression: 'lz4',
    });

  beforeAll(async () => {
    embedded = new MemoryBroker();
    listener = await KafkaListener.open(embedded, { host: '127.0.0.1', port: 0 });
    broker = await connect();
  });
  afterAll(async () => {
    await broker.close();
    await listener.close();
    await embedded.close();
  });

  const valuesOf = async (topic: string, partition = 0) =>
    recordsOf(await broker.read({ topic, partition, offset: 0 }, 1 << 22)).map(({ value }) => value);

  test('commits and aborts records with offsets, in several batches and partitions', async () => {
    await broker.createTopic({ name: 'transactions', partitions: 2, replicas: 1 });
    const producer = await broker.openTransactions('own');
    const many = Array.from({ length: 300 }, (_, i) => `a value that repeats itself ${i}`);
    for (const [n, isKept] of [true, false, true].entries()) {
      await producer.begin();
      const batches = Array.from({ length: 8 }, (_, i) => batchOf(`${n}-${i}`, ...many));
      await Promise.all([
        producer.produce('transactions', 0, batches),
        producer.produce('transactions', 1, [batchOf(`${n}`)]),
        producer.sendOffsets({ group: 'own', generation: -1, memberId: '' }, [
          { topic: 'transactions', partition: 1, offset: n + 1 },
        ]),
      ]);
      await (isKept ? producer.commit() : producer.abort());
    }
    expect(await valuesOf('transactions', 1)).toEqual(['0', '2']);
    expect((await valuesOf('transactions')).filter((value) => !many.includes(value!))).toHaveLength(16);
    expect((await broker.committed('own', 'transactions')).get(1)?.offset).toBe(3);
    await producer.close();
  });

  test('fences who had the transactional id before', async () => {
    await broker.createTopic({ name: 'fenced', partitions: 1, replicas: 1 });
    const zombie = await broker.openTransactions('fenced');
    await zombie.begin();
    await zombie.produce('fenced', 0, [batchOf('zombie')]);
    const heir = await broker.openTransactions('fenced');
    await heir.begin();
    await heir.produce('fenced', 0, [batchOf('heir')]);
    await expect(zombie.commit()).rejects.toMatchObject({ consequence: 'fenced' });
    await heir.commit();
    expect(await valuesOf('fenced')).toEqual(['heir']);
  });

  test('shares tasks in a group, and fences offsets by its generation', async () => {
    await broker.createTopic({ name: 'shared', partitions: 4, replicas: 1 });
    const tasks = [0, 1, 2, 3].map((partition) => ({
      id: `q_${partition}`,
      family: 'q',
      isStateful: false,
      inputs: [{ topic: 'shared', partition }],
    }));
    const join = async (process: string) => {
      const own = await connect();
      const callbacks = {
        tasks: () => tasks,
        lags: () => ({}),
        revoked: async () => undefined,
        assigned: async () => undefined,
        lost: async () => undefined,
      };
      return {
        own,
        member: own.joinGroup({ group: 'sharing', process, capacity: 1, sessionTimeoutMs: 6000 }, callbacks),
      };
    };
    const first = await join('first');
    await expect.poll(() => first.member.active.length, { timeout: 30_000 }).toBe(4);
    const stale = await first.member.during(async (member) => member);
    const second = await join('second');
    await expect
      .poll(() => [first.member.active.length, second.member.active.length], { timeout: 30_000 })
      .toEqual([2, 2]);
    const positions = [{ topic: 'shared', partition: 0, offset: 5 }];
    const producer = await broker.openTransactions('sharing');
    await producer.begin();
    await expect(producer.sendOffsets(stale, positions)).rejects.toMatchObject({ consequence: 'rejoin' });
    await producer.abort();
    await producer.begin();
    await first.member.during((member) => producer.sendOffsets(member, positions));
    await producer.commit();
    expect(await second.member.committed([{ topic: 'shared', partition: 0 }])).toMatchObject([{ offset: 5 }]);
    await first.own.close();
    await expect.poll(() => second.member.active.length, { timeout: 30_000 }).toBe(4);
    await second.own.close();
  }, 120_000);

  test('says where a reader stood that the log has no place for', async () => {
    await broker.createTopic({ name: 'cut', partitions: 1, replicas: 1 });
    await broker.append('cut', 0, [batchOf('a')]);
    const seen: { values: (string | null)[]; skippedFrom: number | undefined }[] = [];
    const subscription = await broker.subscribe([{ topic: 'cut', partition: 0, offset: 7 }], (fetched) => {
      seen.push({ values: recordsOf(fetched).map(({ value }) => value), skippedFrom: fetched.skippedFrom });
    });
    await expect.poll(() => seen, { timeout: 30_000 }).toEqual([{ values: ['a'], skippedFrom: 7 }]);
    await broker.append('cut', 0, [batchOf('b')]);
    await expect.poll(() => seen[1], { timeout: 30_000 }).toEqual({ values: ['b'], skippedFrom: undefined });
    await subscription.close();
  });
});
