import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { KsqlClient } from '../../../../engine/api/client.ts';
import type { ClusterStatusResponse } from '../../../../engine/api/cluster/cluster-protocol.ts';
import { httpClient } from '../../../../engine/api/http-client.ts';
import type { Entity } from '../../../../engine/api/protocol.ts';
import { type EmbeddedKafka, startEmbeddedKafka } from '../../../support/embedded-kafka.ts';
import { type Served, Workplace } from '../../../support/ksql-command.ts';
import { propertyOptions, ServedEngines } from '../../../support/served-engines.ts';

const place = new Workplace();
const engines = new ServedEngines();
let kafka: EmbeddedKafka;
beforeAll(async () => {
  kafka = await startEmbeddedKafka();
});
afterEach(() => engines.endAll('SIGKILL'));
afterAll(async () => {
  await kafka.stop();
  place.remove();
});

const SETTINGS = propertyOptions({ 'ksql.streams.auto.offset.reset': 'earliest', 'session.timeout.ms': '6000' });

async function start(serviceId: string, ...more: readonly string[]) {
  const engine = await engines.start(
    kafka.bootstrapServer,
    place.folder,
    '--service-id',
    serviceId,
    ...SETTINGS,
    ...more,
  );
  return { engine, client: httpClient({ url: engine.url }) };
}

/** The rows of a pull query, in the order of their texts. @throws Error with the answer when it is refused */
async function pulled({ url }: Served, sql: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/query-stream`, { method: 'POST', body: JSON.stringify({ sql }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text.trim().split('\n').slice(1).sort();
}

/** What the client is told of the query of `counts`, all its threads together. */
async function figuresOf(client: KsqlClient) {
  const [query] = (await client.statistics())!;
  const { recordsIn, stateEntries, lag, positions } = query!;
  const [entity] = await client.execute('DESCRIBE counts EXTENDED;');
  const { clusterStatistics } = (entity as Extract<Entity, { '@type': 'sourceDescription' }>).sourceDescription;
  const written = clusterStatistics.find(({ name }) => name === 'total-messages')?.value;
  return { recordsIn, stateEntries, lag, partitions: positions.map(({ partition }) => partition).sort(), written };
}

const KEYS = Array.from({ length: 16 }, (_, n) => n);

test('schemas without a registry are those of all threads', { timeout: 120_000 }, async () => {
  const { engine, client } = await start('schemas_', '--threads', '3');
  await client.execute(
    "CREATE STREAM bought (id INT KEY, item STRING) WITH (KAFKA_TOPIC = 'bought', VALUE_FORMAT = 'AVRO', PARTITIONS = 6);",
  );
  for (const id of KEYS) await client.execute(`INSERT INTO bought VALUES (${id}, 'item ${id % 4}');`);
  // What is grouped anew goes through a topic that other threads read.
  await client.execute('CREATE TABLE sold AS SELECT item, COUNT(*) AS n FROM bought GROUP BY item;');
  await expect
    .poll(() => pulled(engine, 'SELECT * FROM sold;'), { timeout: 60_000 })
    .toEqual([0, 1, 2, 3].map((item) => `["item ${item}",4]`));
  expect(engine.said()).not.toContain('cannot');
  client.close();
});

test('a thread that fails is named and replaced, and its tasks are done', { timeout: 180_000 }, async () => {
  const failing = path.join(place.folder, 'failing');
  const preload = pathToFileURL(path.join(import.meta.dirname, 'failing-thread.ts')).href;
  process.env.NODE_OPTIONS = `--import ${preload}`;
  process.env.KSQL_TEST_FAILING_THREAD = failing;
  const stateDir = ['--state-dir', path.join(place.folder, 'state')];
  const { engine, client } = await start('failing_', '--threads', '2', ...stateDir).finally(() => {
    delete process.env.NODE_OPTIONS;
    delete process.env.KSQL_TEST_FAILING_THREAD;
  });
  await client.execute(
    "CREATE STREAM clicks (id INT KEY, n INT) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON', PARTITIONS = 6);",
  );
  await client.execute('CREATE TABLE counts AS SELECT id, COUNT(*) AS n FROM clicks GROUP BY id;');
  const insert = () => Promise.all(KEYS.map((id) => client.execute(`INSERT INTO clicks VALUES (${id}, 1);`)));
  const counts = (n: number) => KEYS.map((id) => `[${id},${n}]`).sort();
  await insert();
  await expect.poll(() => pulled(engine, 'SELECT * FROM counts;'), { timeout: 60_000 }).toEqual(counts(1));
  await expect
    .poll(() => figuresOf(client), { timeout: 20_000 })
    .toEqual({
      recordsIn: KEYS.length,
      stateEntries: KEYS.length,
      lag: 0,
      partitions: [0, 1, 2, 3, 4, 5],
      written: KEYS.length,
    });
  writeFileSync(failing, '');
  await expect
    .poll(engine.said, { timeout: 20_000 })
    .toContain('Thread 2 has ended: it is told to fail. It is started again.');
  rmSync(failing);
  await insert();
  await expect
    .poll(() => pulled(engine, 'SELECT * FROM counts;').catch((error: Error) => error.message), { timeout: 60_000 })
    .toEqual(counts(2));
  const metrics = async () => (await fetch(`${engine.url}/metrics`)).text();
  await expect.poll(metrics, { timeout: 20_000 }).toContain('thread="2"');
  client.close();
});

test('other hosts are told how far the standbys of all threads are', { timeout: 120_000 }, async () => {
  const watched = propertyOptions({
    'ksql.heartbeat.enable': 'true',
    'ksql.lag.reporting.enable': 'true',
    'ksql.lag.reporting.send.interval.ms': '100',
    'ksql.streams.num.standby.replicas': '1',
  });
  const one = await start('lags_', ...watched);
  const other = await start('lags_', ...watched, '--threads', '2');
  await one.client.execute(
    "CREATE STREAM seen (id INT KEY, n INT) WITH (KAFKA_TOPIC = 'seen', VALUE_FORMAT = 'JSON', PARTITIONS = 6);",
  );
  await one.client.execute('CREATE TABLE sums AS SELECT id, SUM(n) AS n FROM seen GROUP BY id;');
  await Promise.all(KEYS.map((id) => one.client.execute(`INSERT INTO seen VALUES (${id}, 1);`)));
  const { host } = new URL(other.engine.url);
  // Of three members with two copies each, the two of one host have some of all six states between them.
  const lagsAsTold = async () => {
    const answer = await fetch(`${one.engine.url}/clusterStatus`);
    const { clusterStatus } = (await answer.json()) as ClusterStatusResponse;
    const { activeStandbyPerQuery = {}, hostStoreLags } = clusterStatus[host] ?? {};
    const had = Object.values(activeStandbyPerQuery).flatMap((each) => [
      ...each.activePartitions,
      ...each.standByPartitions,
    ]);
    const told = Object.values(hostStoreLags?.stateStoreLags ?? {}).flatMap(({ lagByPartition }) =>
      Object.entries(lagByPartition).map(([partition, { offsetLag }]) => [Number(partition), offsetLag]),
    );
    return { had: [...new Set(had.map(({ partition }) => partition))].sort(), told: told.sort() };
  };
  await expect
    .poll(
      async () => {
        const { had, told } = await lagsAsTold();
        return had.length > 3 && JSON.stringify(told) === JSON.stringify(had.map((partition) => [partition, 0]));
      },
      { timeout: 60_000, interval: 200 },
    )
    .toBe(true);
  for (const { client } of [one, other]) client.close();
});

test.each(['memory', 'disk'])(
  'a process that is killed goes on with other numbers of threads, its state in %s',
  {
    timeout: 180_000,
  },
  async (store) => {
    const topic = `killed_${store}`;
    const options = [
      ...['--state-dir', path.join(place.folder, topic)],
      ...propertyOptions({ 'ksql.workbench.state.store': store, 'ksql.streams.commit.interval.ms': '100' }),
    ];
    for (const [round, threads] of [2, 3, 1].entries()) {
      const { engine, client } = await start(`${topic}_`, ...options, '--threads', String(threads));
      if (round === 0)
        await client.execute(`
        CREATE STREAM s (id INT KEY, n INT) WITH (KAFKA_TOPIC = '${topic}', VALUE_FORMAT = 'JSON', PARTITIONS = 4);
        CREATE TABLE t WITH (KAFKA_TOPIC = '${topic}_sums') AS SELECT id, COUNT(*) AS c FROM s GROUP BY id;`);
      await Promise.all(KEYS.map((id) => client.execute(`INSERT INTO s VALUES (${id}, 1);`)));
      await expect
        .poll(() => pulled(engine, 'SELECT * FROM t;').catch((error: Error) => error.message), { timeout: 60_000 })
        .toEqual(KEYS.map((id) => `[${id},${round + 1}]`).sort());
      client.close();
      await engines.end(engine, 'SIGKILL');
    }
  },
);
