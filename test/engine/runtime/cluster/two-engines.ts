import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ClusterStatusResponse } from '../../../../engine/api/cluster/cluster-protocol.ts';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { partitionOf } from '../../../../engine/broker/murmur2.ts';
import { RecordBatchBuilder } from '../../../../engine/broker/record-batch.ts';
import type { EmbeddedKafka } from '../../../support/embedded-kafka.ts';
import type { Served } from '../../../support/ksql-command.ts';
import { propertyOptions, ServedEngines } from '../../../support/served-engines.ts';

const PARTITIONS = 4;
const KEYS = Array.from({ length: 12 }, (_, i) => `k${i}`);

const SETTINGS = {
  'ksql.streams.auto.offset.reset': 'earliest',
  'ksql.streams.commit.interval.ms': '200',
  'ksql.streams.num.standby.replicas': '1',
  'session.timeout.ms': '6000',
  'ksql.heartbeat.enable': 'true',
  'ksql.heartbeat.missed.threshold.ms': '10',
  'ksql.heartbeat.discover.interval.ms': '200',
  'ksql.lag.reporting.enable': 'true',
  'ksql.lag.reporting.send.interval.ms': '200',
};

const STATEMENTS = `
  CREATE STREAM clicks (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON');
  CREATE TABLE counts AS SELECT k, COUNT(*) AS n, SUM(v) AS total FROM clicks GROUP BY k;
  CREATE TABLE by_v AS SELECT v, COUNT(*) AS n FROM clicks GROUP BY v;
  CREATE STREAM doubled AS SELECT k, v * 2 AS w FROM clicks;
  CREATE TABLE by_both WITH (KEY_FORMAT = 'JSON') AS SELECT k, v, COUNT(*) AS n FROM clicks GROUP BY k, v;
  CREATE TABLE daily AS SELECT v, COUNT(*) AS n FROM clicks WINDOW TUMBLING (SIZE 1000 DAYS) GROUP BY v;`;

/** What two engines of one service answer to each other's clients, whatever answers as Kafka. */
export function describeTwoEngines(start: () => Promise<EmbeddedKafka>): void {
  let kafka: EmbeddedKafka;
  let broker: KafkaBroker;
  let home: string;
  const engines = new ServedEngines();
  const end = engines.end.bind(engines);

  beforeAll(async () => {
    kafka = await start();
    broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
    home = mkdtempSync(path.join(tmpdir(), 'ksql-two-'));
    writeFileSync(path.join(home, 'clicks.ksql'), STATEMENTS);
  }, 300_000);

  afterEach(async () => {
    await engines.endAll('SIGKILL');
    for (const { name } of await broker.listTopics()) if (!name.startsWith('__')) await broker.deleteTopic(name);
  });

  afterAll(async () => {
    await broker?.close();
    await kafka?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  function serve(service: string, settings: Readonly<Record<string, string>>): Promise<Served> {
    const file = ['--queries-file', 'clicks.ksql', '--service-id', service, '--token', 'secret'];
    return engines.start(kafka.bootstrapServer, home, ...file, ...propertyOptions({ ...SETTINGS, ...settings }));
  }

  const ask = (engine: Served, of: string, body?: unknown, accept = 'application/json') =>
    fetch(engine.url + of, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: 'Bearer secret', accept },
      body: body === undefined ? null : JSON.stringify(body),
    });

  async function pull(engine: Served, sql: string, requestProperties = {}): Promise<readonly unknown[]> {
    const answer = await ask(engine, '/query-stream', { sql, requestProperties });
    const parsed = await answer.json();
    return answer.ok ? (parsed as unknown[]).slice(1) : [(parsed as { message: string }).message];
  }

  /** Writes each key so often, with a value of its own. */
  async function write(rounds: number): Promise<void> {
    const byPartition = Map.groupBy(KEYS.entries(), ([, key]) => partitionOf(Buffer.from(key), PARTITIONS));
    for (const [partition, entries] of byPartition) {
      const builder = new RecordBatchBuilder();
      for (let round = 0; round < rounds; round++)
        for (const [i, key] of entries) builder.append(Buffer.from(key), Buffer.from(`{"V":${i}}`), Date.now());
      await broker.append('clicks', partition, [builder.build()]);
    }
  }

  /** Two engines, each with tasks of every query and the state of the other's. */
  async function two(service: string, settings: Readonly<Record<string, string>> = {}): Promise<[Served, Served]> {
    await broker.createTopic({ name: 'clicks', partitions: PARTITIONS, replicas: 1 });
    const engines: [Served, Served] = [await serve(service, settings), await serve(service, settings)];
    await expect
      .poll(async () => Promise.all(engines.map((engine) => placements(engine))), { timeout: 60_000, interval: 250 })
      .toEqual([SHARED, SHARED]);
    return engines;
  }

  async function hostsAlive(engine: Served): Promise<unknown> {
    const { clusterStatus } = (await (await ask(engine, '/clusterStatus')).json()) as ClusterStatusResponse;
    return Object.entries(clusterStatus).map(([host, { hostAlive }]) => [`http://${host}`, hostAlive]);
  }

  /** For each query, how many partitions of `clicks` the hosts have, and of which tables they have standbys. */
  async function placements(engine: Served): Promise<unknown> {
    const { clusterStatus } = (await (await ask(engine, '/clusterStatus')).json()) as ClusterStatusResponse;
    const hosts = Object.values(clusterStatus);
    return Object.fromEntries(
      ['CTAS_COUNTS_0', 'CTAS_BY_V_1', 'CSAS_DOUBLED_2'].map((query) => {
        const of = hosts.flatMap(({ hostAlive, activeStandbyPerQuery }) =>
          hostAlive ? (activeStandbyPerQuery[query] ?? []) : [],
        );
        const active = of.flatMap((each) => each.activePartitions).filter(({ topic }) => topic === 'clicks');
        const standby = of.flatMap(({ standByPartitions }) => standByPartitions);
        return [query, { hosts: of.length, active: active.length, standby: standby.length }];
      }),
    );
  }

  const SHARED = {
    CTAS_COUNTS_0: { hosts: 2, active: PARTITIONS, standby: PARTITIONS },
    CTAS_BY_V_1: { hosts: 2, active: PARTITIONS, standby: PARTITIONS },
    CSAS_DOUBLED_2: { hosts: 2, active: PARTITIONS, standby: 0 },
  };

  const rowsOf = (rounds: number) => KEYS.map((key, i) => [key, rounds, rounds * i]);
  const inOrder = (rows: readonly unknown[]) => [...rows].map((row) => JSON.stringify(row)).sort();

  test('both answer for all keys, in the same order', { timeout: 120_000 }, async () => {
    const engines = await two('both_');
    await write(3);
    for (const engine of engines) {
      const all = await pull(engine, 'SELECT * FROM counts;');
      expect(inOrder(all)).toEqual(inOrder(rowsOf(3)));
      for (const [i, key] of KEYS.entries())
        expect(await pull(engine, `SELECT n, total FROM counts WHERE k = '${key}';`)).toEqual([[3, 3 * i]]);
      expect(await pull(engine, "SELECT k FROM counts WHERE k IN ('k7', 'k1', 'none', 'k4', 'k2');")).toEqual([
        ['k7'],
        ['k1'],
        ['k4'],
        ['k2'],
      ]);
      await expect
        .poll(() => pull(engine, 'SELECT v, n FROM by_v WHERE v IN (11, 0, 5);'), { timeout: 20_000 })
        .toEqual([
          [11, 3],
          [0, 3],
          [5, 3],
        ]);
    }
    for (const engine of engines)
      for (const [i, key] of KEYS.entries()) {
        const pairOf = `SELECT n FROM by_both WHERE k = '${key}' AND v = ${i};`;
        const windowsOf = `SELECT n FROM daily WHERE v = ${i};`;
        for (const sql of [pairOf, windowsOf])
          await expect.poll(() => pull(engine, sql), { timeout: 20_000 }).toEqual([[3]]);
      }
    for (const sql of ['SELECT * FROM counts;', 'SELECT * FROM counts LIMIT 5;', 'SELECT v FROM by_v LIMIT 7;']) {
      const [first, second] = await Promise.all(engines.map((engine) => pull(engine, sql)));
      expect(second).toEqual(first);
    }
  });

  test('a push query sees rows of all engines, the shared one of ksqlDB, too', { timeout: 120_000 }, async () => {
    const [first] = await two('push_');
    const shared = { 'ksql.query.push.v2.enabled': true, 'auto.offset.reset': 'latest' };
    for (const properties of [{}, shared]) {
      const body = { sql: 'SELECT k, w FROM doubled EMIT CHANGES LIMIT 12;', properties };
      const answer = await ask(first, '/query-stream', body);
      const rows = answer.json() as Promise<readonly unknown[]>;
      await write(1);
      expect(inOrder((await rows).slice(1))).toEqual(inOrder(KEYS.map((key, i) => [key, 2 * i])));
    }
  });

  test('of one that was killed the standby answers at once, where it may', { timeout: 120_000 }, async () => {
    const [first, second] = await two('standby_', { 'ksql.query.pull.enable.standby.reads': 'true' });
    await write(5);
    for (const engine of [first, second])
      expect(inOrder(await pull(engine, 'SELECT * FROM counts;'))).toEqual(inOrder(rowsOf(5)));
    // A standby has what was committed, a moment later.
    const here = { 'request.ksql.query.pull.skip.forwarding': true };
    await expect
      .poll(async () => inOrder(await pull(first, 'SELECT * FROM counts;', here)), { timeout: 20_000 })
      .toEqual(inOrder(rowsOf(5)));
    const before = await pull(first, 'SELECT * FROM counts;');
    await end(second, 'SIGKILL');
    expect(await pull(first, 'SELECT * FROM counts;')).toEqual(before);
    for (const [i, key] of KEYS.entries())
      expect(await pull(first, `SELECT n, total FROM counts WHERE k = '${key}';`)).toEqual([[5, 5 * i]]);
    await expect
      .poll(() => hostsAlive(first))
      .toEqual([
        [first.url, true],
        [second.url, false],
      ]);
  });

  test('and else refuses, until the tasks have come to it', { timeout: 120_000 }, async () => {
    const [first, second] = await two('refusing_');
    await write(2);
    expect(inOrder(await pull(first, 'SELECT * FROM counts;'))).toEqual(inOrder(rowsOf(2)));
    await end(second, 'SIGKILL');
    const { host } = new URL(second.url);
    expect(await pull(first, 'SELECT * FROM counts;')).toEqual([
      expect.stringMatching(`^Unable to execute pull query. .*${host} was not selected because`),
    ]);
    const list = await ask(first, '/ksql', { ksql: 'SHOW QUERIES;' });
    expect(((await list.json()) as any)[0].queries[0].statusCount).toEqual({ RUNNING: 1, UNRESPONSIVE: 1 });
    await expect
      .poll(async () => inOrder(await pull(first, 'SELECT * FROM counts;')), { timeout: 40_000, interval: 500 })
      .toEqual(inOrder(rowsOf(2)));
  });
}
