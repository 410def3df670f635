import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import { type KafkaServer, kafkaMissing, startKafka } from '../../support/kafka-server.ts';
import type { Served } from '../../support/ksql-command.ts';
import { propertyOptions, ServedEngines } from '../../support/served-engines.ts';
import { topicRecords } from '../../support/topic-records.ts';

const RECORDS = 20_000;
const KEYS = 40;
const PARTITIONS = 3;
const KILLS = 3;

interface TopicRecord {
  readonly key: string;
  readonly value: { readonly ID: number; readonly N: number };
}

describe.skipIf(kafkaMissing !== undefined)('exactly once on Kafka', () => {
  let kafka: KafkaServer;
  let broker: KafkaBroker;
  let home: string;
  let engine: Served;
  const engines = new ServedEngines();

  beforeAll(async () => {
    kafka = await startKafka();
    broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
    home = mkdtempSync(path.join(tmpdir(), 'ksql-exactly-once-'));
  }, 300_000);

  afterAll(async () => {
    await engines.endAll('SIGKILL');
    await broker?.close();
    await kafka?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const serve = (service: string, stateDir: readonly string[]): Promise<Served> => {
    const properties = propertyOptions({
      'processing.guarantee': 'exactly_once_v2',
      'ksql.streams.auto.offset.reset': 'earliest',
      'session.timeout.ms': '6000',
      'ksql.query.retry.backoff.initial.ms': '500',
      'ksql.query.retry.backoff.max.ms': '2000',
    });
    return engines.start(kafka.bootstrapServer, home, '--service-id', service, ...properties, ...stateDir);
  };

  async function post({ url }: Served, ksql: string): Promise<void> {
    const answer = await fetch(`${url}/ksql`, { method: 'POST', body: JSON.stringify({ ksql }) });
    if (!answer.ok) throw new Error(await answer.text());
  }

  const recordsOf = async (topic: string): Promise<readonly TopicRecord[]> =>
    (await topicRecords(broker, topic)).map(({ key, value }) => ({ key: key!, value: JSON.parse(value!) }));

  test.each([
    ['with a state directory', 'kept', ['--state-dir', 'state']],
    ['without one', 'rebuilt', []],
  ] as const)(
    '%s: engine and broker are killed under load, and each record counts once',
    {
      timeout: 300_000,
    },
    async (_, service, stateDir) => {
      const [clicks, copies, counts] = ['clicks', 'copies', 'counts'].map((name) => `${service}-${name}`) as [
        string,
        string,
        string,
      ];
      engine = await serve(`${service}_`, stateDir);
      await post(
        engine,
        `CREATE STREAM clicks (k STRING KEY, id INT) WITH (KAFKA_TOPIC='${clicks}', VALUE_FORMAT='JSON', PARTITIONS=${PARTITIONS});
       CREATE STREAM copies WITH (KAFKA_TOPIC='${copies}') AS SELECT k, id FROM clicks;
       CREATE TABLE counts WITH (KAFKA_TOPIC='${counts}') AS SELECT k, COUNT(*) AS n FROM clicks GROUP BY k;`,
      );
      let written = 0;
      const load = (async () => {
        while (written < RECORDS) {
          const builder = new RecordBatchBuilder();
          const number = Math.floor(written / 20) % KEYS;
          for (let i = 0; i < 20; i++)
            builder.append(Buffer.from(`k${number}`), Buffer.from(`{"ID":${written + i}}`), Date.now());
          await broker.append(clicks, number % PARTITIONS, [builder.build()]);
          written += 20;
          await sleep(1);
        }
      })();
      for (let killed = 0; killed < KILLS; killed++) {
        const due = ((killed + 1) * RECORDS) / (KILLS + 1);
        await expect.poll(() => written, { timeout: 60_000 }).toBeGreaterThan(due);
        await engines.end(engine, 'SIGKILL');
        engine = await serve(`${service}_`, stateDir);
      }
      await load;
      await kafka.restart();
      await post(engine, `INSERT INTO clicks (k, id) VALUES ('last', ${RECORDS});`);

      const ids = async () => (await recordsOf(copies)).map(({ value }) => value.ID);
      await expect.poll(async () => (await ids()).length, { timeout: 90_000 }).toBeGreaterThan(RECORDS);
      const found = await ids();
      expect(new Set(found).size).toBe(RECORDS + 1);
      expect(found).toHaveLength(RECORDS + 1);

      const lastCounts = async () => new Map((await recordsOf(counts)).map(({ key, value }) => [key, value.N]));
      const expected = new Map(Array.from({ length: KEYS }, (_, key) => [`k${key}`, RECORDS / KEYS]));
      await expect.poll(lastCounts, { timeout: 90_000 }).toEqual(expected.set('last', 1));
      // No count was written by a state that had gone back.
      const highest = new Map<string, number>();
      for (const { key, value } of await recordsOf(counts)) {
        expect(value.N).toBeGreaterThan(highest.get(key) ?? 0);
        highest.set(key, value.N);
      }
      await engines.end(engine, 'SIGKILL');
    },
  );
});
