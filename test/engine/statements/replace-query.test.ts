import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { KsqlClient } from '../../../engine/api/client.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ksql-replace-'));
let opened: { readonly engine: Engine; readonly server: RestServer; readonly client: KsqlClient } | undefined;

async function start(stateDir: string | undefined): Promise<KsqlClient> {
  const engine = await openEngine({
    properties: { 'auto.offset.reset': 'earliest', 'commit.interval.ms': '20' },
    stateDir,
  });
  const server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  opened = { engine, server, client: httpClient({ url: server.url }) };
  return opened.client;
}

async function stop(): Promise<void> {
  opened?.client.close();
  await opened?.server.close();
  await opened?.engine.close();
  opened = undefined;
}

afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

const STREAM =
  "CREATE STREAM s (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 2);" +
  "CREATE STREAM r (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 'r', VALUE_FORMAT = 'JSON', PARTITIONS = 2);" +
  "CREATE TABLE t (k STRING PRIMARY KEY, name STRING) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON', PARTITIONS = 2);";

async function rowsOf(client: KsqlClient, sql: string, properties: Record<string, string> = {}): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const events of await client.query(sql, { properties }))
    for (const event of events) if (event.kind === 'row') rows.push(event.content.values);
  return rows;
}

const insert = (client: KsqlClient, k: string, v: number, timeMs = 1000) =>
  client.execute(`INSERT INTO s (k, v, ROWTIME) VALUES ('${k}', ${v}, ${timeMs});`);

describe.each([
  ['in memory', false],
  ['with a state directory', true],
] as const)('CREATE OR REPLACE %s', (_where, keeps) => {
  const begin = () => start(keeps ? path.join(folder, 'state') : undefined);

  test('counts go on when a filter is added, and over a pause', async () => {
    const client = await begin();
    await client.execute(`${STREAM} CREATE TABLE c AS SELECT k, COUNT(*) AS n, SUM(v) AS total FROM s GROUP BY k;`);
    for (const v of [1, 2, 3]) await insert(client, 'a', v);
    expect(await rowsOf(client, "SELECT n, total FROM c WHERE k = 'a';")).toEqual([[3, 6]]);
    await client.execute(
      'CREATE OR REPLACE TABLE c AS SELECT k, COUNT(*) AS n, SUM(v) AS total FROM s WHERE v > 0 GROUP BY k;',
    );
    expect(await rowsOf(client, "SELECT n, total FROM c WHERE k = 'a';")).toEqual([[3, 6]]);
    await insert(client, 'a', 10);
    await insert(client, 'a', -10);
    expect(await rowsOf(client, "SELECT n, total FROM c WHERE k = 'a';")).toEqual([[4, 16]]);
    await client.execute('PAUSE ALL;');
    await client.execute(
      'CREATE OR REPLACE TABLE c AS SELECT k, COUNT(*) AS n, SUM(v) AS total FROM s WHERE v > 0 AND v < 100 GROUP BY k;',
    );
    await client.execute('RESUME ALL;');
    await insert(client, 'a', 1000);
    await insert(client, 'a', 20);
    expect(await rowsOf(client, "SELECT n, total FROM c WHERE k = 'a';")).toEqual([[5, 36]]);
  });

  test('tables derived from tables know their rows', async () => {
    const client = await begin();
    const query = (filter: string) => `CREATE OR REPLACE TABLE d AS SELECT k, UCASE(name) AS name FROM t ${filter};`;
    await client.execute(STREAM + query(''));
    await client.execute("INSERT INTO t (k, name) VALUES ('a', 'ann'); INSERT INTO t (k, name) VALUES ('b', 'bob');");
    expect(await rowsOf(client, 'SELECT * FROM d;')).toHaveLength(2);
    await client.execute(query("WHERE name <> 'zoe'"));
    await client.execute("INSERT INTO t (k, name) VALUES ('b', 'zoe'); INSERT INTO t (k, name) VALUES ('c', 'zoe');");
    expect(await rowsOf(client, 'SELECT * FROM d;')).toEqual([['a', 'ANN']]);
  });

  test('windows and joins, which ksqlDB refuses to replace, go on with all they had', async () => {
    const client = await begin();
    const query = (filter: string) => [
      `CREATE OR REPLACE TABLE w AS SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 HOUR) ${filter} GROUP BY k;`,
      `CREATE OR REPLACE STREAM pairs AS SELECT s.k, s.v AS sv, r.v AS rv FROM s JOIN r WITHIN 1 HOUR ON s.k = r.k ${filter};`,
    ];
    await client.execute(STREAM + query('').join(''));
    await insert(client, 'a', 1);
    await insert(client, 'a', 2, 2000);
    expect(await rowsOf(client, "SELECT n FROM w WHERE k = 'a';")).toEqual([[2]]);
    for (const statement of query('WHERE s.v > 0'))
      await expect(client.execute(statement)).rejects.toThrow(/Upgrades not yet supported/);
    await insert(client, 'a', 3, 3000);
    await client.execute("INSERT INTO r (k, v, ROWTIME) VALUES ('a', 7, 4000);");
    expect(await rowsOf(client, "SELECT n FROM w WHERE k = 'a';")).toEqual([[3]]);
    const all = { 'ksql.workbench.until.end': 'true' };
    await expect
      .poll(() => rowsOf(client, 'SELECT sv, rv FROM pairs EMIT CHANGES;', all))
      .toEqual([
        [1, 7],
        [2, 7],
        [3, 7],
      ]);
  });

  test('one that is refused leaves everything as it was', async () => {
    const client = await begin();
    await client.execute(`${STREAM} CREATE TABLE c AS SELECT k, COUNT(v) AS n FROM s GROUP BY k;`);
    await insert(client, 'a', 1);
    expect(await rowsOf(client, "SELECT n FROM c WHERE k = 'a';")).toEqual([[1]]);
    await expect(
      client.execute('CREATE OR REPLACE TABLE c AS SELECT v, COUNT(*) AS n FROM s GROUP BY v;'),
    ).rejects.toThrow();
    // Refused only when it is started: the broker does not say where the topic stands.
    const { offsets } = opened!.engine.broker;
    opened!.engine.broker.offsets = () => Promise.reject(new Error('The broker is away.'));
    await expect(
      client.execute('CREATE OR REPLACE TABLE c AS SELECT k, COUNT(v) AS n FROM s WHERE v > 100 GROUP BY k;'),
    ).rejects.toThrow(/The broker is away/);
    opened!.engine.broker.offsets = offsets;
    await insert(client, 'a', 2);
    expect(await rowsOf(client, "SELECT n FROM c WHERE k = 'a';")).toEqual([[2]]);
    const [queries] = await client.execute('SHOW QUERIES;');
    expect(queries).toMatchObject({ queries: [{ id: 'CTAS_C_0', statusCount: { RUNNING: 1 } }] });
  });
});

test('after a restart the replaced query goes on with the state of both', async () => {
  const stateDir = path.join(folder, 'state');
  let client = await start(stateDir);
  await client.execute(`${STREAM} CREATE TABLE c AS SELECT k, COUNT(v) AS n FROM s GROUP BY k;`);
  await insert(client, 'a', 1);
  expect(await rowsOf(client, "SELECT n FROM c WHERE k = 'a';")).toEqual([[1]]);
  await client.execute('CREATE OR REPLACE TABLE c AS SELECT k, COUNT(v) AS n FROM s WHERE v > 1 GROUP BY k;');
  await insert(client, 'a', 2);
  expect(await rowsOf(client, "SELECT n FROM c WHERE k = 'a';")).toEqual([[2]]);
  await stop();
  client = await start(stateDir);
  await insert(client, 'a', 1);
  await insert(client, 'a', 3);
  expect(await rowsOf(client, "SELECT n FROM c WHERE k = 'a';")).toEqual([[3]]);
});
