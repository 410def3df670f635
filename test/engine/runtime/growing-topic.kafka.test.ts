import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { KafkaListener } from '../../../engine/broker/listener/kafka-listener.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { kafkaMissing, startKafka } from '../../support/kafka-server.ts';

/** The embedded broker behind Kafka's protocol. */
async function startListener() {
  const broker = new MemoryBroker();
  const listener = await KafkaListener.open(broker, { host: '127.0.0.1', port: 0 });
  return { bootstrapServer: `127.0.0.1:${listener.port}`, stop: () => listener.close().then(() => broker.close()) };
}

describe.each([
  { name: 'the embedded broker over its listener', start: startListener, isMissing: false },
  { name: 'a real Kafka', start: () => startKafka(), isMissing: kafkaMissing !== undefined },
])('a topic of $name', ({ start, isMissing }) => {
  test.skipIf(isMissing)(
    'gets partitions while engines share its queries: one without state takes them, one with state stops and says why',
    async () => {
      const { bootstrapServer, stop } = await start();
      onTestFinished(stop);
      const properties = { 'ksql.streams.metadata.max.age.ms': '300', 'auto.offset.reset': 'earliest' };
      const open = () => openEngine({ bootstrapServers: bootstrapServer, properties, role: 'interactive' });
      const statements = `
        CREATE STREAM orders (id VARCHAR KEY, n INT) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');
        CREATE STREAM copies AS SELECT * FROM orders;
        CREATE TABLE by_key AS SELECT id, COUNT(*) AS c FROM orders GROUP BY id;
        CREATE TABLE by_value AS SELECT n, COUNT(*) AS c FROM orders GROUP BY n;`;
      const client = new Kafka({ brokers: [bootstrapServer], logLevel: logLevel.NOTHING });
      const admin = client.admin();
      await admin.connect();
      onTestFinished(() => admin.disconnect());
      await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 2 }] });
      let engine = await open();
      onTestFinished(() => engine.close());
      await engine.execute(statements);
      const runs = () => engine.queries.persistent().map(({ run }) => run);
      await expect.poll(() => runs().map(({ positions }) => positions.length), { timeout: 60_000 }).toEqual([2, 2, 4]);
      await admin.createPartitions({ topicPartitions: [{ topic: 'orders', count: 3 }] });
      const said = () => runs().map(({ state, errors }) => [state, errors.at(-1)?.errorMessage ?? '']);
      const refused = expect.stringContaining('Topic orders has 3 partitions, and had 2 when the query was created');
      const expected = [
        ['RUNNING', ''],
        ['ERROR', refused],
        ['ERROR', refused],
      ];
      await expect.poll(said, { timeout: 60_000 }).toEqual(expected);
      await expect.poll(() => runs()[0]!.positions.length, { timeout: 60_000 }).toBe(3);
      // Whoever starts later is told the same, and nothing is read from where it does not belong.
      await engine.close();
      engine = await open();
      await expect.poll(said, { timeout: 60_000 }).toEqual(expected);
    },
    300_000,
  );

  test.skipIf(isMissing)(
    'gets partitions while a query runs: they are read from their beginning, and that is said',
    async () => {
      const notices: string[] = [];
      const { bootstrapServer, stop } = await start();
      onTestFinished(stop);
      const engine = await openEngine({
        bootstrapServers: bootstrapServer,
        properties: { 'ksql.streams.metadata.max.age.ms': '300', 'auto.offset.reset': 'earliest' },
        onNotice: (notice) => notices.push(notice),
      });
      onTestFinished(() => engine.close());
      await engine.execute(`
        CREATE STREAM orders (id VARCHAR KEY, n INT) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', PARTITIONS=1);
        CREATE TABLE totals AS SELECT id, COUNT(*) AS n FROM orders GROUP BY id;`);
      await engine.execute("INSERT INTO orders VALUES ('a', 1);");
      const client = new Kafka({ brokers: [bootstrapServer], logLevel: logLevel.NOTHING });
      const admin = client.admin();
      await admin.connect();
      await admin.createPartitions({ topicPartitions: [{ topic: 'orders', count: 3 }] });
      await admin.disconnect();
      const producer = client.producer();
      await producer.connect();
      const messages = [0, 1, 2].map((partition) => ({ partition, key: `p${partition}`, value: '{"N":1}' }));
      await producer.send({ topic: 'orders', messages });
      await producer.disconnect();
      const keys = async (): Promise<unknown[]> => {
        const answer = await engine.ask('SELECT id FROM totals;', { properties: {} });
        if (answer.kind === 'print') throw new TypeError('No rows come from PRINT');
        const found: unknown[] = [];
        for (let next = await answer.next(); next !== undefined; next = await answer.next())
          found.push(...next.map(({ values }) => values[0]));
        await answer.close();
        return found.sort();
      };
      await expect.poll(keys, { timeout: 60_000 }).toEqual(['a', 'p0', 'p1', 'p2']);
      for (const partition of [1, 2])
        expect(notices.join('\n')).toContain(`topic orders has a new partition, ${partition}; it is read from its`);
    },
    300_000,
  );
});
