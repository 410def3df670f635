import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import type { EmbeddedKafka } from '../../../support/embedded-kafka.ts';
import { appendKeyed } from '../../../support/keyed-records.ts';
import type { Served } from '../../../support/ksql-command.ts';
import { propertyOptions, ServedEngines } from '../../../support/served-engines.ts';
import { topicRecords } from '../../../support/topic-records.ts';

const PARTITIONS = 4;
const KEYS = 32;
const GROUPS = 8;
const SETTINGS = {
  'ksql.streams.auto.offset.reset': 'earliest',
  'session.timeout.ms': '6000',
  'ksql.streams.commit.interval.ms': '200',
  'ksql.query.retry.backoff.initial.ms': '500',
  'ksql.streams.repartition.purge.interval.ms': '1000',
};

/** What the engines share: a Kafka, or what answers as one. */
export interface SharedBroker extends EmbeddedKafka {
  /** Whether records can be removed from its topics. */
  readonly deletesRecords?: boolean;
}

interface Task {
  readonly taskId: string;
  /** Empty while its state is being restored. */
  readonly topicOffsets: readonly unknown[];
}

interface Entity {
  readonly queries?: readonly { readonly id: string; readonly statusCount: Readonly<Record<string, number>> }[];
  readonly queryDescription?: { readonly tasksMetadata: readonly Task[] };
}

/** What holds of engines that share a query, whatever answers as Kafka. */
export function describeSharing(start: () => Promise<SharedBroker>): void {
  let kafka: SharedBroker;
  let broker: KafkaBroker;
  let home: string;
  const engines = new ServedEngines();
  const end = engines.end.bind(engines);

  beforeAll(async () => {
    kafka = await start();
    broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
    home = mkdtempSync(path.join(tmpdir(), 'ksql-shared-'));
    const source =
      "CREATE STREAM clicks (k STRING KEY, id INT, g INT) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON');";
    const write = (name: string, query: string) => writeFileSync(path.join(home, name), `${source}\n${query}`);
    write('by-key.ksql', 'CREATE TABLE counts AS SELECT k, COUNT(*) AS n, SUM(id) AS total FROM clicks GROUP BY k;');
    write('by-value.ksql', 'CREATE TABLE counts AS SELECT g, COUNT(*) AS n, SUM(id) AS total FROM clicks GROUP BY g;');
  }, 300_000);

  afterEach(() => engines.endAll('SIGKILL'));

  afterAll(async () => {
    await broker?.close();
    await kafka?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  /** Each test has one of its own. */
  const serviceId = () => `${expect.getState().currentTestName}_`.replace(/\W+/g, '_');

  /** @param file the statements that it runs, by whose name its service goes */
  function serve(file: string | undefined, settings: Readonly<Record<string, string>> = {}, ...more: string[]) {
    const statements = file === undefined ? [] : ['--queries-file', file];
    const own = ['--service-id', serviceId(), ...statements, ...propertyOptions({ ...SETTINGS, ...settings }), ...more];
    return engines.start(kafka.bootstrapServer, home, ...own);
  }

  async function post({ url }: Served, ksql: string): Promise<readonly Entity[]> {
    const answer = await fetch(`${url}/ksql`, { method: 'POST', body: JSON.stringify({ ksql }) });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Entity[];
  }

  const queriesOf = async (engine: Served) => (await post(engine, 'SHOW QUERIES;'))[0]!.queries!;

  /** The tasks that an engine does, whose state is there. */
  async function tasksOf(engine: Served): Promise<readonly string[]> {
    const [query] = await queriesOf(engine);
    if (query === undefined) return [];
    const [entity] = await post(engine, `EXPLAIN ${query.id};`);
    const running = entity!.queryDescription!.tasksMetadata.filter(({ topicOffsets }) => topicOffsets.length > 0);
    return running.map(({ taskId }) => taskId).sort();
  }

  const tasksOfParts = (parts: number): readonly string[] =>
    Array.from({ length: parts * PARTITIONS }, (_, n) => `${Math.floor(n / PARTITIONS)}_${n % PARTITIONS}`);

  /** Waits until the engines have all tasks, none twice, and at least one each. */
  const share = (engines: readonly Served[], parts = 1) =>
    expect
      .poll(
        async () => {
          const tasks = await Promise.all(engines.map(tasksOf));
          return tasks.every((own) => own.length > 0) ? tasks.flat().sort() : tasks;
        },
        { timeout: 30_000, interval: 200 },
      )
      .toEqual(tasksOfParts(parts));

  /** Writes rows, until told to stop. */
  function load(topic: string): { stop(): Promise<number> } {
    let isOver = false;
    const writing = (async () => {
      let written = 0;
      for (; !isOver; written += KEYS) {
        const rows = Array.from({ length: KEYS }, (_, key) => {
          return { key: Buffer.from(`k${key}`), value: Buffer.from(`{"ID":${written},"G":${key % GROUPS}}`) };
        });
        await appendKeyed(broker, topic, PARTITIONS, rows);
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

  /** The newest rows of all keys, added up. */
  async function sums(): Promise<{ readonly keys: number; readonly n: number; readonly total: number }> {
    const rows = [...(await counts()).values()];
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((all, row) => all + of(row), 0);
    return { keys: rows.length, n: sum(({ N }) => N), total: sum(({ TOTAL }) => TOTAL) };
  }

  const expectedSums = (keys: number, rounds: number) => {
    return { keys, n: KEYS * rounds, total: (KEYS * KEYS * rounds * (rounds - 1)) / 2 };
  };

  async function restoredRecords({ url }: Served): Promise<number> {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^kafka_streams_stream_task_metrics_restore_total\{.*\} (\d+)$/m.exec(text)?.[1]);
  }

  /** Whether something is gone from the topic between the tasks. */
  async function purged(): Promise<boolean> {
    return (await broker.offsets(await ofStore('-repartition'))).some(({ earliest }) => earliest > 0);
  }

  /** Topics and groups that belong to the query. */
  async function ofQuery(): Promise<readonly string[]> {
    const topics = (await broker.listTopics()).map(({ name }) => name);
    return [...topics, ...(await broker.listGroups())].filter((name) => name.includes(`${serviceId()}query_`)).sort();
  }

  const ofStore = async (suffix: string) => (await ofQuery()).find((name) => name.endsWith(suffix))!;

  const inOrder = (rows: ReadonlyMap<string, unknown>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

  test('one is killed under load, and the other goes on: exactly once', { timeout: 120_000 }, async () => {
    await prepare();
    const exactly = { 'processing.guarantee': 'exactly_once_v2' };
    const first = await serve('by-key.ksql', exactly);
    const second = await serve('by-key.ksql', exactly);
    const writing = load('clicks');
    await share([first, second]);
    await expect.poll(async () => (await counts()).size, { timeout: 20_000 }).toBe(KEYS);
    await end(first, 'SIGKILL');
    await share([second]);
    const third = await serve('by-key.ksql', exactly);
    await share([second, third]);
    await end(second, 'SIGTERM');
    await share([third]);
    const rounds = await writing.stop();
    await expect.poll(async () => inOrder(await counts()), { timeout: 30_000 }).toEqual(inOrder(expected(rounds)));
  });

  test('one becomes three and one again under load, with keys that are spread anew', { timeout: 120_000 }, async () => {
    await prepare();
    const first = await serve('by-value.ksql');
    const writing = load('clicks');
    await share([first], 2);
    if (kafka.deletesRecords) await expect.poll(() => purged(), { timeout: 20_000 }).toBe(true);
    const second = await serve('by-value.ksql');
    const third = await serve('by-value.ksql');
    await share([first, second, third], 2);
    await end(second, 'SIGTERM');
    await end(first, 'SIGTERM');
    await share([third], 2);
    const rounds = await writing.stop();
    await expect.poll(sums, { timeout: 30_000 }).toEqual(expectedSums(GROUPS, rounds));
  });

  test('threads of one process share tasks, and pull queries are answered by whichever is asked', {
    timeout: 120_000,
  }, async () => {
    await prepare();
    const several = await serve('by-key.ksql', {}, '--threads', '3');
    const writing = load('clicks');
    await share([several]);
    const metrics = async () => (await fetch(`${several.url}/metrics`)).text();
    for (const thread of [2, 3])
      await expect
        .poll(metrics, { timeout: 20_000 })
        .toMatch(new RegExp(`_process_total\\{query_id="CTAS_COUNTS_0",thread="${thread}"\\} [1-9]`));
    const rounds = await writing.stop();
    const rowsOf = async ({ url }: Served, where = '') => {
      const sql = `SELECT k, n FROM counts${where};`;
      const answer = await fetch(`${url}/query-stream`, { method: 'POST', body: JSON.stringify({ sql }) });
      const [, ...rows] = (await answer.text()).trim().split('\n');
      return rows.map((row) => JSON.parse(row) as readonly [string, number]);
    };
    const all = Array.from({ length: KEYS }, (_, key) => [`k${key}`, rounds]).sort();
    await expect.poll(async () => (await rowsOf(several)).toSorted(), { timeout: 20_000 }).toEqual(all);
    const second = await serve('by-key.ksql');
    await expect.poll(async () => (await tasksOf(second)).length, { timeout: 30_000 }).toBeGreaterThan(0);
    await expect.poll(async () => (await rowsOf(second)).toSorted(), { timeout: 20_000 }).toEqual(all);
    for (const key of ['k1', 'k2', 'k3', 'k4'])
      expect(await rowsOf(second, ` WHERE k = '${key}'`)).toEqual([[key, rounds]]);
    await end(several, 'SIGTERM');
    await share([second]);
  });

  test('one that comes back with its state directory reads only what the changelog has more', {
    timeout: 120_000,
  }, async () => {
    await prepare();
    const stateDir = ['--state-dir', path.join(home, 'state')];
    const first = await serve('by-key.ksql', {}, ...stateDir);
    const writing = load('clicks');
    await expect.poll(async () => (await counts()).size, { timeout: 20_000 }).toBe(KEYS);
    await end(first, 'SIGKILL');
    const rounds = await writing.stop();
    const second = await serve('by-key.ksql', {}, ...stateDir);
    await share([second]);
    await expect.poll(sums, { timeout: 30_000 }).toEqual(expectedSums(KEYS, rounds));
    await end(second, 'SIGTERM');
    const third = await serve('by-key.ksql', {}, ...stateDir);
    await share([third]);
    expect(await restoredRecords(third)).toBe(0);
    await end(third, 'SIGTERM');
    rmSync(path.join(home, 'state'), { recursive: true });
    const fourth = await serve('by-key.ksql');
    await share([fourth]);
    expect(await restoredRecords(fourth)).toBeGreaterThanOrEqual(KEYS);
  });

  test('a standby goes on where it stands', { timeout: 120_000 }, async () => {
    await prepare();
    const standby = { 'num.standby.replicas': '1', 'cache.max.bytes.buffering': '0' };
    const first = await serve('by-key.ksql', standby);
    const second = await serve('by-key.ksql', standby);
    const writing = load('clicks');
    await share([first, second]);
    await expect.poll(async () => (await sums()).n, { timeout: 20_000 }).toBeGreaterThan(KEYS * 100);
    const before = await restoredRecords(second);
    await end(first, 'SIGTERM');
    await share([second]);
    const rounds = await writing.stop();
    const changes = (await broker.offsets(await ofStore('-changelog'))).reduce((sum, { latest }) => sum + latest, 0);
    expect((await restoredRecords(second)) - before).toBeLessThan(changes / 4);
    await expect.poll(sums, { timeout: 30_000 }).toEqual(expectedSums(KEYS, rounds));
  });

  test('what belongs to a query goes with it', { timeout: 60_000 }, async () => {
    await prepare();
    const engine = await serve(undefined);
    await post(
      engine,
      "CREATE STREAM clicks (k STRING KEY, id INT, g INT) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON');",
    );
    await post(engine, 'CREATE TABLE counts AS SELECT g, COUNT(*) AS n, SUM(id) AS total FROM clicks GROUP BY g;');
    const writing = load('clicks');
    await expect.poll(async () => (await sums()).keys, { timeout: 20_000 }).toBe(GROUPS);
    const rounds = await writing.stop();
    const [application] = await ofQuery();
    expect(await ofQuery()).toEqual([
      application,
      `${application}-Aggregate-Aggregate-Materialize-changelog`,
      `${application}-Aggregate-GroupBy-repartition`,
    ]);
    await post(engine, 'PAUSE ALL;');
    await post(engine, 'RESUME ALL;');
    await expect.poll(sums, { timeout: 30_000 }).toEqual(expectedSums(GROUPS, rounds));
    await post(engine, 'TERMINATE ALL;');
    await expect.poll(ofQuery).toEqual([]);
  });

  test('a new query answers look-ups before it has read all there is', { timeout: 60_000 }, async () => {
    await prepare();
    const engine = await serve(undefined);
    const rows = new RecordBatchBuilder();
    for (let id = 0; id < 100_000; id++) rows.append(Buffer.from('k'), Buffer.from(`{"ID":${id}}`), Date.now());
    await broker.append('clicks', 0, [rows.build()]);
    await post(
      engine,
      "CREATE STREAM clicks (k STRING KEY, id INT, g INT) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON');",
    );
    await post(engine, 'CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM clicks GROUP BY k;');
    await post(engine, 'PAUSE ALL;');
    const body = JSON.stringify({ ksql: 'SELECT * FROM counts;' });
    const answer = await fetch(`${engine.url}/query`, { method: 'POST', body });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('columnNames')]);
  });

  test('statements reach the query in every engine', { timeout: 120_000 }, async () => {
    await prepare();
    const first = await serve(undefined);
    const second = await serve(undefined);
    await post(
      first,
      "CREATE STREAM clicks (k STRING KEY, id INT, g INT) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON');",
    );
    const select = 'SELECT k, COUNT(*) AS n, SUM(id) AS total FROM clicks';
    await post(second, `CREATE TABLE counts AS ${select} GROUP BY k;`);
    await share([first, second]);
    const writing = load('clicks');
    await expect.poll(async () => (await sums()).keys, { timeout: 20_000 }).toBe(KEYS);
    await post(first, 'PAUSE ALL;');
    const states = async (engine: Served) => (await queriesOf(engine)).map(({ statusCount }) => statusCount);
    for (const engine of [first, second]) await expect.poll(() => states(engine)).toEqual([{ PAUSED: 2 }]);
    await post(second, 'RESUME ALL;');
    for (const engine of [first, second]) await expect.poll(() => states(engine)).toEqual([{ RUNNING: 2 }]);
    await post(second, `CREATE OR REPLACE TABLE counts AS ${select} WHERE id >= 0 GROUP BY k;`);
    await share([first, second]);
    const rounds = await writing.stop();
    await expect.poll(sums, { timeout: 30_000 }).toEqual(expectedSums(KEYS, rounds));
    await post(first, 'TERMINATE ALL;');
    await expect.poll(() => queriesOf(second)).toEqual([]);
    await expect.poll(ofQuery).toEqual([]);
  });
}
