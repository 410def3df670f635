import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { partitionOf } from '../../../engine/broker/murmur2.ts';
import { RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import { type KafkaServer, kafkaMissing, startKafka } from '../../support/kafka-server.ts';
import type { Served } from '../../support/ksql-command.ts';
import { propertyOptions, ServedEngines } from '../../support/served-engines.ts';
import { topicRecords } from '../../support/topic-records.ts';

const KEYS = 7;
const PARTITIONS = 3;
const PROPERTIES = propertyOptions({
  // The shortest that brokers take: a killed engine is in the way of the next one for so long.
  'session.timeout.ms': '6000',
  'ksql.streams.commit.interval.ms': '200',
});

describe.skipIf(kafkaMissing !== undefined)('an engine on Kafka without a state directory', () => {
  let kafka: KafkaServer;
  let broker: KafkaBroker;
  let home: string;
  const engines = new ServedEngines();
  const end = engines.end.bind(engines);

  beforeAll(async () => {
    kafka = await startKafka();
    broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
    home = mkdtempSync(path.join(tmpdir(), 'ksql-kafka-restarts-'));
  }, 300_000);

  afterAll(async () => {
    await engines.endAll('SIGKILL');
    await broker?.close();
    await kafka?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const serve = (...more: string[]): Promise<Served> =>
    engines.start(kafka.bootstrapServer, home, ...PROPERTIES, ...more);

  async function post(engine: Served, ksql: string): Promise<{ readonly [name: string]: unknown }[]> {
    const answer = await fetch(`${engine.url}/ksql`, { method: 'POST', body: JSON.stringify({ ksql }) });
    const body = (await answer.json()) as { readonly [name: string]: unknown }[];
    if (!answer.ok) throw new Error(JSON.stringify(body));
    return body;
  }

  const recordsOf = async (topic: string) =>
    (await topicRecords(broker, topic)).map(({ key, value }) => ({ key: key!, value: value! }));

  test('is killed under load again and again, and neither loses a record nor counts one twice', {
    timeout: 120_000,
  }, async () => {
    let engine = await serve();
    await post(
      engine,
      `CREATE STREAM clicks (k STRING KEY, id INT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS=${PARTITIONS});`,
    );
    // What was there before the queries is not theirs (auto.offset.reset is latest), also when they build their state
    // anew.
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const builder = new RecordBatchBuilder();
      for (let key = 0; key < KEYS; key++) builder.append(Buffer.from(`k${key}`), Buffer.from('{"ID":-1}'), Date.now());
      await broker.append('clicks', partition, [builder.build()]);
    }
    await post(
      engine,
      `CREATE STREAM copies AS SELECT k, id FROM clicks;
       CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM clicks GROUP BY k;`,
    );
    const readByCounts = async () => {
      const group = '_confluent-ksql-default_query_CTAS_COUNTS_5';
      return [...(await broker.committed(group, 'clicks')).values()].reduce((sum, { offset }) => sum + offset, 0);
    };
    let written = 0;
    let isOver = false;
    const load = (async () => {
      while (!isOver) {
        const builder = new RecordBatchBuilder();
        const key = Buffer.from(`k${Math.floor(written / 10) % KEYS}`);
        const partition = partitionOf(key, PARTITIONS);
        for (let i = 0; i < 10; i++) builder.append(key, Buffer.from(`{"ID":${written + i}}`), Date.now());
        await broker.append('clicks', partition, [builder.build()]);
        written += 10;
        await sleep(2);
      }
    })();
    for (let kill = 0; kill < 2; kill++) {
      await expect.poll(readByCounts, { timeout: 20_000 }).toBeGreaterThan(1000 * (kill + 1));
      await end(engine, 'SIGKILL');
      engine = await serve();
    }
    await sleep(500);
    isOver = true;
    await load;

    const expected = new Map<string, number>();
    for (let i = 0; i < written; i += 10) {
      const key = `k${Math.floor(i / 10) % KEYS}`;
      expected.set(key, (expected.get(key) ?? 0) + 10);
    }
    const lastCounts = async () =>
      new Map((await recordsOf('COUNTS')).map(({ key, value }) => [key, (JSON.parse(value) as { N: number }).N]));
    await expect.poll(lastCounts, { timeout: 20_000 }).toEqual(expected);
    const ids = async () => (await recordsOf('COPIES')).map(({ value }) => (JSON.parse(value) as { ID: number }).ID);
    await expect.poll(async () => new Set(await ids()).size, { timeout: 20_000 }).toBe(written);
    expect(Math.min(...(await ids()))).toBe(0);

    // A clean stop has committed everything: nothing comes twice, and the counts are in their changelog.
    const before = { copies: (await ids()).length, counts: (await recordsOf('COUNTS')).length };
    await end(engine, 'SIGTERM');
    engine = await serve();
    await post(engine, "INSERT INTO clicks (k, id) VALUES ('k0', 1000000);");
    await expect.poll(async () => (await recordsOf('COUNTS')).length, { timeout: 20_000 }).toBe(before.counts + 1);
    await expect.poll(async () => (await ids()).length, { timeout: 20_000 }).toBe(before.copies + 1);
    expect((await lastCounts()).get('k0')).toBe(expected.get('k0')! + 1);

    const [queries] = await post(engine, 'SHOW QUERIES;');
    expect(queries).toMatchObject({ queries: [{ id: 'CSAS_COPIES_3' }, { id: 'CTAS_COUNTS_5' }] });
    // A statement that was acknowledged right before the end is there again; a new query gets an id of its own.
    await post(engine, 'DROP STREAM copies; CREATE TYPE money AS DECIMAL(8, 2);');
    await end(engine, 'SIGKILL');
    engine = await serve();
    expect(await post(engine, 'SHOW TYPES;')).toMatchObject([{ types: { MONEY: {} } }]);
    expect(await post(engine, 'CREATE STREAM again AS SELECT * FROM clicks;')).toMatchObject([
      { commandStatus: { queryId: 'CSAS_AGAIN_11' } },
    ]);
    await end(engine, 'SIGTERM');
  });

  test('that stood still for too long comes back to its queries', {
    timeout: 120_000,
  }, async () => {
    const service = ['--service-id', 'single_'];
    const first = await serve(...service);
    await post(
      first,
      `CREATE STREAM pings (k STRING KEY, v INT) WITH (KAFKA_TOPIC='pings', VALUE_FORMAT='JSON', PARTITIONS=1);
       CREATE STREAM pongs AS SELECT * FROM pings;`,
    );
    // A process that stands still is taken for dead, and finds out when it comes to itself again.
    first.child.kill('SIGSTOP');
    const second = await serve(...service);
    first.child.kill('SIGCONT');
    await post(second, "INSERT INTO pings (k, v) VALUES ('a', 1);");
    await expect.poll(async () => (await recordsOf('PONGS')).length, { timeout: 20_000 }).toBe(1);
    await end(second, 'SIGTERM');
    // It has come back into the group of the query, which gives it the task again.
    const builder = new RecordBatchBuilder();
    builder.append(Buffer.from('b'), Buffer.from('{"V":2}'), Date.now());
    await broker.append('pings', 0, [builder.build()]);
    await expect.poll(async () => (await recordsOf('PONGS')).length, { timeout: 20_000 }).toBe(2);
    await end(first, 'SIGTERM');
  });
});
