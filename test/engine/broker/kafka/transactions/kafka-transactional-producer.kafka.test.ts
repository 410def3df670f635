import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KafkaBroker } from '../../../../../engine/broker/kafka/kafka-broker.ts';
import { TransactionError } from '../../../../../engine/broker/transaction-error.ts';
import { type KafkaServer, kafkaMissing, startKafka } from '../../../../support/kafka-server.ts';
import { batchOf, recordsOf } from '../../broker-contract.ts';

/** Both protocols of transactions: clusters from before KIP-890 have the first. */
describe.skipIf(kafkaMissing !== undefined).each([
  { version: 2, features: {} },
  { version: 1, features: { 'transaction.version': 0 } },
])('transactions on a real Kafka, version $version', ({ features }) => {
  let kafka: KafkaServer;
  let broker: KafkaBroker;
  let names = 0;
  const open = (id: string, timeoutMs?: number) => broker.openTransactions(id, { timeoutMs });
  const newTopic = async (partitions = 2): Promise<string> => {
    const name = `topic-${++names}`;
    await broker.createTopic({ name, partitions, replicas: -1 });
    return name;
  };
  const valuesOf = async (topic: string, partition = 0): Promise<(string | null)[]> => {
    const values: (string | null)[] = [];
    for (let offset = 0; ; ) {
      const fetched = await broker.read({ topic, partition, offset }, 1 << 20);
      const last = fetched.batches.at(-1);
      if (last === undefined) return values;
      values.push(...recordsOf(fetched, offset).map(({ value }) => value));
      offset = last.lastOffset + 1;
    }
  };
  const refused = (work: Promise<unknown>): Promise<TransactionError> =>
    work.then(
      () => expect.fail('It was not refused.'),
      (error: unknown) => {
        expect(error).toBeInstanceOf(TransactionError);
        return error as TransactionError;
      },
    );

  beforeAll(async () => {
    kafka = await startKafka({ features });
    broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
  }, 300_000);
  afterAll(async () => {
    await broker?.close();
    await kafka?.stop();
  });

  test('shows what is committed once it is, nothing of what is aborted, and numbers go on', async () => {
    const topic = await newTopic();
    const producer = await open('basic');
    for (const [n, isKept] of [true, false, true, true, false, true].entries()) {
      await producer.begin();
      // More batches than a broker remembers, to two partitions at once.
      const batches = Array.from({ length: 12 }, (_, i) => batchOf(`${n}-${i}`));
      await Promise.all([producer.produce(topic, 0, batches), producer.produce(topic, 1, [batchOf(`${n}`)])]);
      const before = await valuesOf(topic, 1);
      expect(before).not.toContain(`${n}`);
      await (isKept ? producer.commit() : producer.abort());
    }
    await expect.poll(() => valuesOf(topic, 1), { timeout: 30_000 }).toEqual(['0', '2', '3', '5']);
    const ofOne = (n: number) => Array.from({ length: 12 }, (_, i) => `${n}-${i}`);
    expect(await valuesOf(topic, 0)).toEqual([0, 2, 3, 5].flatMap(ofOne));
    await producer.close();
  }, 60_000);

  test('commits offsets with the records, or neither', async () => {
    const [topic, source] = [await newTopic(), await newTopic()];
    const group = { group: 'offsets', generation: -1, memberId: '' };
    const producer = await open('offsets');
    await producer.begin();
    await producer.produce(topic, 0, [batchOf('a')]);
    await producer.sendOffsets(group, [{ topic: source, partition: 1, offset: 5, note: 'n' }]);
    await producer.commit();
    await producer.begin();
    await producer.sendOffsets(group, [{ topic: source, partition: 1, offset: 9 }]);
    await producer.abort();
    const committed = () => broker.committed('offsets', source);
    await expect.poll(committed, { timeout: 30_000 }).toEqual(new Map([[1, { offset: 5, note: 'n' }]]));
    await producer.close();
  }, 60_000);

  test('fences who had the id before, and aborts what was open', async () => {
    const topic = await newTopic();
    const zombie = await open('fenced');
    await zombie.begin();
    await zombie.produce(topic, 0, [batchOf('zombie')]);
    const heir = await open('fenced');
    await heir.begin();
    await heir.produce(topic, 0, [batchOf('heir')]);
    expect((await refused(zombie.commit())).consequence).toBe('fenced');
    expect((await refused(zombie.abort())).consequence).toBe('fenced');
    expect((await refused(zombie.begin())).message).toMatch(/'fenced'.*(PRODUCER_FENCED|INVALID_PRODUCER_EPOCH)/);
    await heir.commit();
    await expect.poll(() => valuesOf(topic), { timeout: 30_000 }).toEqual(['heir']);
    // One that is fenced while it writes hears of it when it aborts.
    const late = await open('fenced');
    await refused(heir.begin().then(() => heir.produce(topic, 0, [batchOf('late')])));
    expect((await refused(heir.abort())).consequence).toBe('fenced');
    await late.close();
  }, 60_000);

  test('refuses offsets of a member that the group has given up', async () => {
    const topic = await newTopic();
    const kafkajs = new Kafka({ brokers: [kafka.bootstrapServer], logLevel: logLevel.NOTHING });
    const consumer = kafkajs.consumer({ groupId: 'generations' });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    const joined = Promise.withResolvers<string>();
    consumer.on('consumer.group_join', ({ payload }) => joined.resolve(payload.memberId));
    await consumer.run({ eachMessage: async () => undefined });
    const memberId = await joined.promise;
    const producer = await open('generations');
    const positions = [{ topic, partition: 0, offset: 1 }];
    for (const [generation, member] of [
      [0, memberId],
      [1, 'somebody else'],
    ] as const) {
      await producer.begin();
      await producer.produce(topic, 0, [batchOf('zombie')]);
      const stale = { group: 'generations', generation, memberId: member };
      expect((await refused(producer.sendOffsets(stale, positions))).consequence).toBe('rejoin');
      expect((await refused(producer.commit())).consequence).toBe('rejoin');
      await producer.abort();
    }
    await producer.begin();
    await producer.sendOffsets({ group: 'generations', generation: 1, memberId }, positions);
    await producer.commit();
    await expect
      .poll(async () => (await broker.committed('generations', topic)).get(0)?.offset, { timeout: 30_000 })
      .toBe(1);
    expect(await valuesOf(topic)).toEqual([]);
    await producer.close();
    await consumer.disconnect();
  }, 120_000);

  test('what a crash leaves open is aborted after the timeout, and readers go on', async () => {
    const topic = await newTopic();
    const crashed = await open('crashed', 2000);
    await crashed.begin();
    await crashed.produce(topic, 0, [batchOf('crashed')]);
    const other = await open('other');
    await other.begin();
    await other.produce(topic, 0, [batchOf('behind')]);
    await other.commit();
    expect(await valuesOf(topic)).toEqual([]);
    await expect.poll(() => valuesOf(topic), { timeout: 60_000, interval: 200 }).toEqual(['behind']);
    expect((await refused(crashed.commit())).consequence).toBe('fenced');
    await other.close();
  }, 120_000);

  test('cuts what is too large, and numbers it all the same', async () => {
    const topic = await newTopic();
    const producer = await open('large');
    await producer.begin();
    const values = Array.from({ length: 40 }, (_, i) => String(i).repeat(60_000));
    await producer.produce(topic, 0, [batchOf('first'), batchOf(...values), batchOf('last')]);
    await producer.commit();
    await expect.poll(async () => (await valuesOf(topic)).length, { timeout: 30_000 }).toBe(42);
    expect(await valuesOf(topic)).toEqual(['first', ...values, 'last']);
    await producer.close();
  }, 60_000);

  test('a transaction lives through a restart of the broker, and nothing in it is doubled', async () => {
    const topic = await newTopic();
    const producer = await open('restart');
    await producer.begin();
    await producer.produce(topic, 0, [batchOf('before')]);
    const writing = (async () => {
      for (let i = 0; i < 30; i++) {
        await producer.produce(topic, 0, [batchOf(`${i}`)]);
        await sleep(10);
      }
    })();
    await kafka.restart();
    await writing;
    await producer.commit();
    const values = ['before', ...Array.from({ length: 30 }, (_, i) => `${i}`)];
    await expect.poll(() => valuesOf(topic).catch(() => []), { timeout: 60_000 }).toEqual(values);
    await producer.close();
  }, 180_000);

  test('says what a setting is that the broker does not take', async () => {
    const error = await refused(open('patient', 10 * 3_600_000));
    expect(error).toMatchObject({ consequence: 'fatal' });
    expect(error.message).toMatch(/'patient': .*transaction\.max\.timeout\.ms/);
  });
});
