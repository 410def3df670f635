import { type Consumer, Kafka, logLevel, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { quietKafkajs } from '../../../../engine/broker/kafka/quiet-kafkajs.ts';
import { KafkaListener } from '../../../../engine/broker/listener/kafka-listener.ts';
import { Engine } from '../../../../engine/index.ts';
import { recordsOf } from '../broker-contract.ts';

describe('a kafkajs client', () => {
  let broker: MemoryBroker;
  let listener: KafkaListener;
  let kafka: Kafka;
  const closing: (Consumer | Producer)[] = [];
  let topics = 0;

  beforeAll(async () => {
    quietKafkajs();
    broker = new MemoryBroker();
    listener = await KafkaListener.open(broker, { host: '127.0.0.1', port: 0 });
    kafka = new Kafka({ brokers: [`127.0.0.1:${listener.port}`], logLevel: logLevel.NOTHING });
  });
  afterAll(async () => {
    await Promise.all(closing.map((each) => each.disconnect()));
    await listener.close();
    await broker.close();
  });

  const newTopic = async (partitions = 1) => {
    const name = `topic-${++topics}`;
    await broker.createTopic({ name, partitions, replicas: 1 });
    return name;
  };
  const producer = async (options = {}) => {
    const made = kafka.producer(options);
    closing.push(made);
    await made.connect();
    return made;
  };
  const consumer = async (topic: string, groupId: string, seen: string[], options = {}) => {
    const made = kafka.consumer({ groupId, ...options });
    closing.push(made);
    await made.connect();
    await made.subscribe({ topic, fromBeginning: true });
    await made.run({
      eachMessage: async ({ partition, message }) => void seen.push(`${partition}:${message.value?.toString()}`),
    });
    return made;
  };
  const valuesIn = async (topic: string, partition = 0) =>
    recordsOf(await broker.read({ topic, partition, offset: 0 }, 1 << 20)).map(({ value }) => value);

  test('administers topics', async () => {
    const admin = kafka.admin();
    await admin.connect();
    const config = [{ name: 'cleanup.policy', value: 'compact' }];
    expect(await admin.createTopics({ topics: [{ topic: 'made', numPartitions: 2, configEntries: config }] })).toBe(
      true,
    );
    expect(await broker.describeTopic('made')).toMatchObject({
      partitions: 2,
      config: { 'cleanup.policy': 'compact' },
    });
    expect(await admin.createTopics({ topics: [{ topic: 'made' }] })).toBe(false);
    await admin.createPartitions({ topicPartitions: [{ topic: 'made', count: 5 }] });
    expect((await broker.describeTopic('made'))!.partitions).toBe(5);
    await expect(
      admin.createTopics({ topics: [{ topic: 'wide', replicationFactor: 3, numPartitions: 1 }] }),
    ).rejects.toMatchObject({ errors: [{ type: 'INVALID_REPLICATION_FACTOR' }] });
    await expect(
      admin.createTopics({ topics: [{ topic: 'odd', configEntries: [{ name: 'no.such', value: '1' }] }] }),
    ).rejects.toMatchObject({ errors: [{ type: 'INVALID_CONFIG' }] });
    expect(await admin.describeCluster()).toMatchObject({ clusterId: broker.clusterId, controller: 1 });
    await admin.deleteTopics({ topics: ['made'] });
    expect(await admin.listTopics()).not.toContain('made');
    await admin.disconnect();
  });

  test('writes with keys, headers and times, compressed, too, and a new topic is made by that', async () => {
    const made = await producer();
    await made.send({
      topic: 'found-nowhere',
      compression: 1,
      messages: [{ key: 'k', value: 'v', headers: { h: 'x' }, timestamp: '1234' }, { value: null }],
    });
    const records = recordsOf(await broker.read({ topic: 'found-nowhere', partition: 0, offset: 0 }, 1 << 20));
    expect(records).toEqual([
      { offset: 0, timeMs: 1234, key: 'k', value: 'v', headers: ['h=x'] },
      { offset: 1, timeMs: expect.any(Number), key: null, value: null, headers: [] },
    ]);
  });

  test('members of a group share the partitions, and go on where the group stood', async () => {
    const topic = await newTopic(4);
    const made = await producer();
    const send = (n: number) =>
      made.send({ topic, messages: [0, 1, 2, 3].map((partition) => ({ partition, value: `${n}` })) });
    await send(1);
    const [first, second]: [string[], string[]] = [[], []];
    const one = await consumer(topic, 'sharing', first);
    await expect.poll(() => first.length).toBe(4);
    await consumer(topic, 'sharing', second);
    const admin = kafka.admin();
    await admin.connect();
    await expect
      .poll(async () => (await admin.describeGroups(['sharing'])).groups[0])
      .toMatchObject({ state: 'Stable', members: [{}, {}] });
    await send(2);
    await expect
      .poll(() => [...first, ...second].toSorted())
      .toEqual([1, 2].flatMap((n) => [0, 1, 2, 3].map((partition) => `${partition}:${n}`)).toSorted());
    expect(second.length).toBeGreaterThan(0);
    // With one gone, the other has all; nothing comes twice.
    await one.stop();
    await one.disconnect();
    await send(3);
    await expect.poll(() => second.filter((value) => value.endsWith(':3')).length).toBe(4);
    expect(new Set([...first, ...second]).size).toBe(first.length + second.length);
    const offsets = await admin.fetchOffsets({ groupId: 'sharing', topics: [topic] });
    expect(offsets[0]!.partitions.map(({ offset }) => offset)).toEqual(['3', '3', '3', '3']);
    await expect(admin.deleteGroups(['sharing'])).rejects.toMatchObject({
      groups: [{ error: { type: 'NON_EMPTY_GROUP' } }],
    });
    await admin.disconnect();
  }, 60_000);

  test('a transaction is seen as a whole, or not at all', async () => {
    const topic = await newTopic(2);
    const made = await producer({ transactionalId: 'whole', maxInFlightRequests: 1, idempotent: true });
    const committed: string[] = [];
    await consumer(topic, 'committed', committed);
    const all: string[] = [];
    await consumer(topic, 'all', all, { readUncommitted: true });

    const lost = await made.transaction();
    await lost.send({
      topic,
      messages: [
        { partition: 0, value: 'lost' },
        { partition: 1, value: 'lost' },
      ],
    });
    await expect.poll(() => all.length).toBe(2);
    expect(committed).toEqual([]);
    await lost.abort();
    const kept = await made.transaction();
    await kept.send({
      topic,
      messages: [
        { partition: 0, value: 'kept' },
        { partition: 1, value: 'kept' },
      ],
    });
    expect(await valuesIn(topic)).toEqual([]);
    await kept.commit();
    await expect.poll(() => committed.toSorted()).toEqual(['0:kept', '1:kept']);
    expect(await valuesIn(topic)).toEqual(['kept']);
  }, 60_000);

  test('offsets count with the transaction that sends them', async () => {
    const topic = await newTopic();
    const made = await producer({ transactionalId: 'offsets', maxInFlightRequests: 1, idempotent: true });
    const offsets = { consumerGroupId: 'reader', topics: [{ topic, partitions: [{ partition: 0, offset: '7' }] }] };
    const lost = await made.transaction();
    await lost.send({ topic, messages: [{ value: 'x' }] });
    await lost.sendOffsets(offsets);
    await lost.abort();
    expect((await broker.committed('reader', topic)).size).toBe(0);
    const kept = await made.transaction();
    await kept.send({ topic, messages: [{ value: 'y' }] });
    await kept.sendOffsets(offsets);
    expect((await broker.committed('reader', topic)).size).toBe(0);
    await kept.commit();
    expect((await broker.committed('reader', topic)).get(0)).toMatchObject({ offset: 7 });
  });

  test('who takes a transactional id over has the transaction of before aborted, and its producer refused', async () => {
    const topic = await newTopic();
    const options = {
      transactionalId: 'one-at-a-time',
      maxInFlightRequests: 1,
      idempotent: true,
      retry: { retries: 1 },
    };
    const before = await producer(options);
    const left = await before.transaction();
    await left.send({ topic, messages: [{ value: 'of before' }] });
    const after = await producer(options);
    const kept = await after.transaction();
    await kept.send({ topic, messages: [{ value: 'of after' }] });
    await kept.commit();
    await expect(left.send({ topic, messages: [{ value: 'too late' }] })).rejects.toThrow();
    expect(await valuesIn(topic)).toEqual(['of after']);
  });
});

test('the engine reads and lists what clients of Kafka write, and they read what it writes', async () => {
  const broker = new MemoryBroker();
  const engine = await Engine.open({ broker });
  const listener = await KafkaListener.open(broker, { host: '127.0.0.1', port: 0, memory: engine.memory });
  const kafka = new Kafka({ brokers: [`127.0.0.1:${listener.port}`], logLevel: logLevel.NOTHING });
  const made = kafka.producer({ transactionalId: 'writer', maxInFlightRequests: 1, idempotent: true });
  await made.connect();
  const order = (id: number) => ({ key: `${id}`, value: JSON.stringify({ ITEM: `item ${id}` }) });
  const first = await made.transaction();
  await first.send({ topic: 'orders', messages: [order(1), order(2)] });
  await first.commit();
  expect(JSON.stringify(await engine.execute('SHOW TOPICS;'))).toContain('"orders"');

  await engine.execute(
    `CREATE STREAM orders (id STRING KEY, item STRING) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON');
     CREATE TABLE counts WITH (PARTITIONS = 1) AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item EMIT CHANGES;`,
    { properties: { 'auto.offset.reset': 'earliest' } },
  );
  const seen: string[] = [];
  const consumer = kafka.consumer({ groupId: 'counts' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'COUNTS', fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => void seen.push(`${message.key} ${message.value}`),
  });
  await expect.poll(() => seen).toEqual(['item 1 {"N":1}', 'item 2 {"N":1}']);
  const aborted = await made.transaction();
  await aborted.send({ topic: 'orders', messages: [order(1)] });
  await aborted.abort();
  const second = await made.transaction();
  await second.send({ topic: 'orders', messages: [order(2)] });
  await second.commit();
  await expect.poll(() => seen).toEqual(['item 1 {"N":1}', 'item 2 {"N":1}', 'item 2 {"N":2}']);

  await consumer.disconnect();
  await made.disconnect();
  await listener.close();
  await engine.close();
});
