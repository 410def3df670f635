import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import { type Served, serveKsql } from '../../../support/ksql-command.ts';
import { topicRecords } from '../../../support/topic-records.ts';

const PARTITIONS = 4;
const KEYS = 32;
const QUERY = 'CTAS_COUNTS_0';
const SETTINGS = {
  'ksql.streams.auto.offset.reset': 'earliest',
  'session.timeout.ms': '6000',
  'ksql.streams.commit.interval.ms': '200',
  'ksql.query.retry.backoff.initial.ms': '500',
};

/** What the engines share: a Kafka, or what answers as one. */
export interface SharedBroker {
  readonly bootstrapServer: string;
  stop(): Promise<void>;
}

interface Task {
  readonly taskId: string;
}

/** What holds of engines that share a query, whatever answers as Kafka. */
export function describeSharing(start: () => Promise<SharedBroker>): void {
  let kafka: SharedBroker;
  let broker: KafkaBroker;
  let home: string;
  const running = new Set<Served>();

  beforeAll(async () => {
    kafka = await start();
    broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
    home = mkdtempSync(path.join(tmpdir(), 'ksql-shared-'));
    writeFileSync(
      path.join(home, 'counts.ksql'),
      `CREATE STREAM clicks (k STRING KEY, id INT) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON');
       CREATE TABLE counts AS SELECT k, COUNT(*) AS n, SUM(id) AS total FROM clicks GROUP BY k;`,
    );
  }, 300_000);

  afterEach(async () => {
    for (const engine of running) await end(engine, 'SIGKILL');
  });

  afterAll(async () => {
    await broker?.close();
    await kafka?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  async function serve(service: string, settings: Readonly<Record<string, string>> = {}, ...more: string[]) {
    const properties = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => [
      '--property',
      `${name}=${value}`,
    ]);
    const where = ['--listen', '127.0.0.1:0', '--no-token', '--bootstrap-server', kafka.bootstrapServer];
    const file = ['--queries-file', 'counts.ksql', '--service-id', service];
    const engine = await serveKsql([...where, ...file, ...properties, ...more], home);
    running.add(engine);
    return engine;
  }

  async function end(engine: Served, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const closed = once(engine.child, 'close');
    engine.child.kill(signal);
    await closed;
    running.delete(engine);
  }

  /** The tasks that an engine does. */
  async function tasksOf({ url }: Served): Promise<readonly string[]> {
    const answer = await fetch(`${url}/ksql`, { method: 'POST', body: JSON.stringify({ ksql: `EXPLAIN ${QUERY};` }) });
    const [entity] = (await answer.json()) as { queryDescription: { tasksMetadata: Task[] } }[];
    return entity!.queryDescription.tasksMetadata.map(({ taskId }) => taskId).sort();
  }

  const allTasks = Array.from({ length: PARTITIONS }, (_, partition) => `0_${partition}`);

  /** Waits until the engines have all tasks, none twice, and at least one each. */
  const shared = (...engines: readonly Served[]) =>
    expect
      .poll(
        async () => {
          const tasks = await Promise.all(engines.map(tasksOf));
          return tasks.every((own) => own.length > 0) ? tasks.flat().sort() : tasks;
        },
        { timeout: 30_000, interval: 200 },
      )
      .toEqual(allTasks);

  /** Writes rows, until told to stop. */
  function load(topic: string): { stop(): Promise<number> } {
    let isOver = false;
    const writing = (async () => {
      let written = 0;
      for (; !isOver; written += KEYS) {
        const builders = Array.from({ length: PARTITIONS }, () => new RecordBatchBuilder());
        for (let key = 0; key < KEYS; key++)
          builders[key % PARTITIONS]!.append(Buffer.from(`k${key}`), Buffer.from(`{"ID":${written}}`), Date.now());
        await Promise.all(builders.map((builder, partition) => broker.append(topic, partition, [builder.build()])));
        await sleep(3);
      }
      return written / KEYS;
    })();
    return {
      stop() {
        isOver = true;
        return writing;
      },
    };
  }

  async function prepare(): Promise<void> {
    for (const { name } of await broker.listTopics())
      if (/^(clicks|COUNTS)$/.test(name)) await broker.deleteTopic(name);
    await expect.poll(async () => (await broker.listTopics()).map(({ name }) => name)).not.toContain('COUNTS');
    await broker.createTopic({ name: 'clicks', partitions: PARTITIONS, replicas: 1 });
  }

  /** The newest row of each key. */
  async function counts(): Promise<ReadonlyMap<string, { readonly N: number; readonly TOTAL: number }>> {
    const records = await topicRecords(broker, 'COUNTS');
    return new Map(records.map(({ key, value }) => [key!, JSON.parse(value!)]));
  }

  /** Each key was written so often, with the numbers of its rows times the keys. */
  function expected(rounds: number): ReadonlyMap<string, { readonly N: number; readonly TOTAL: number }> {
    const TOTAL = (KEYS * rounds * (rounds - 1)) / 2;
    return new Map(Array.from({ length: KEYS }, (_, key) => [`k${key}`, { N: rounds, TOTAL }]));
  }

  const inOrder = (rows: ReadonlyMap<string, unknown>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

  test('one is killed under load, and the other goes on: exactly once', { timeout: 120_000 }, async () => {
    await prepare();
    const exactly = { 'processing.guarantee': 'exactly_once_v2' };
    const first = await serve('kills_', exactly);
    const second = await serve('kills_', exactly);
    const writing = load('clicks');
    await shared(first, second);
    await expect.poll(async () => (await counts()).size, { timeout: 20_000 }).toBe(KEYS);
    await end(first, 'SIGKILL');
    await shared(second);
    const third = await serve('kills_', exactly);
    await shared(second, third);
    await end(second, 'SIGTERM');
    await shared(third);
    const rounds = await writing.stop();
    await expect.poll(async () => inOrder(await counts()), { timeout: 30_000 }).toEqual(inOrder(expected(rounds)));
  });
}
