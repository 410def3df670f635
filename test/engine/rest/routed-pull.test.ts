import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClusterClient } from '../../../engine/api/cluster/cluster-client.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';
import type { LocalTask, SharedTasks } from '../../../engine/runtime/shared/shared-tasks.ts';

/**
 * Two engines over brokers of their own. Each has the rows of one of two tasks, and the second also those of the first,
 * as its standby: what a group would give them is written down here, everything else is the real thing.
 */
interface Host {
  readonly engine: Engine;
  readonly server: RestServer;
  readonly name: string;
}

const SETTINGS = { 'ksql.service.id': 'routed_' };
const STATEMENTS = `
  CREATE STREAM s (id INT KEY, v DECIMAL(6,2), time TIMESTAMP, bits ARRAY<STRUCT<d DATE>>)
    WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
  CREATE TABLE t AS SELECT id, COUNT(*) AS n, LATEST_BY_OFFSET(v) AS v, LATEST_BY_OFFSET(time) AS time,
    LATEST_BY_OFFSET(bits) AS bits FROM s GROUP BY id;
  CREATE STREAM s0 (id INT KEY, v DECIMAL(6,2), time TIMESTAMP, bits ARRAY<STRUCT<d DATE>>)
    WITH (KAFKA_TOPIC='s0', VALUE_FORMAT='JSON', PARTITIONS=1);
  CREATE TABLE t0 AS SELECT id, COUNT(*) AS n, LATEST_BY_OFFSET(v) AS v, LATEST_BY_OFFSET(time) AS time,
    LATEST_BY_OFFSET(bits) AS bits FROM s0 GROUP BY id;
  CREATE TABLE w AS SELECT id, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY id;`;

const hosts: Host[] = [];
const [one, two] = [() => hosts[0]!, () => hosts[1]!];

async function openHost(properties: Record<string, string>): Promise<void> {
  const engine = await openEngine({ properties: { ...SETTINGS, ...properties } });
  const server = await startServer(engine, { host: '127.0.0.1', port: 0, token: 'secret' });
  hosts.push({ engine, server, name: new URL(server.url).host });
  await engine.execute(STATEMENTS);
}

const rowOf = (id: number): string =>
  `(${id}, ${id}.50, '2024-01-01T00:00:0${id}.000', ARRAY[STRUCT(d := '2024-01-0${id}')])`;

/** The second engine has keys 1, 3, 5 as the task's owner, and 2, 4 as the standby of the first. */
async function fill(): Promise<void> {
  for (const id of [4, 2]) {
    await one().engine.execute(`INSERT INTO s (id, v, time, bits) VALUES ${rowOf(id)};`);
    await two().engine.execute(`INSERT INTO s0 (id, v, time, bits) VALUES ${rowOf(id)};`);
  }
  for (const id of [5, 3, 1]) await two().engine.execute(`INSERT INTO s (id, v, time, bits) VALUES ${rowOf(id)};`);
}

function share(index: number, behind: number, isCurrent = () => true): void {
  const { engine } = hosts[index]!;
  const tableOf = (name: string) => engine.queries.materializing(name)!.table;
  const task = (id: string, of: Partial<LocalTask>): LocalTask => ({
    id,
    isActive: true,
    isRestoring: false,
    isCurrent: true,
    table: undefined,
    changelog: { position: 10, endOffset: 10 },
    positions: [],
    stateBytes: 0,
    ...of,
  });
  for (const name of ['T', 'W']) {
    const query = engine.queries.materializing(name)!;
    const standby = task('1_0', {
      isActive: false,
      isCurrent: false,
      table: tableOf('T0'),
      changelog: { position: 10 - behind, endOffset: 10 },
    });
    const shared: SharedTasks = {
      process: `p${index}`,
      placements: hosts.map(({ server }, i) => ({
        memberId: `m${i}`,
        process: `p${i}`,
        endpoint: server.url,
        active: [`1_${i}`],
        standby: i === 1 ? ['1_0'] : [],
      })),
      get local() {
        const own = task(`1_${index}`, { table: query.table, isCurrent: isCurrent() });
        return index === 1 ? [own, standby] : [own];
      },
      tableTasks: ['1_0', '1_1'],
      taskOfKey: ([key]) => (Number(key) % 2 === 0 ? '1_0' : '1_1'),
      partsOf: (id) => ({ inputs: [{ topic: 's', partition: Number(id.at(-1)) }], stores: [] }),
    };
    engine.queries.add({ ...query, shared });
  }
}

async function open(properties: Record<string, string> = {}, behind = 0): Promise<void> {
  for (let i = 0; i < 2; i++) await openHost(properties);
  await fill();
  for (const [index, { engine }] of hosts.entries()) {
    share(index, behind);
    // Only once it shares work an engine looks for others; here that is said by the setting.
    engine.openCluster(
      (url) => new ClusterClient(httpClient({ url, credentials: { kind: 'bearer', token: 'secret' } })),
    );
  }
}

afterEach(async () => {
  for (const { server, engine } of hosts.splice(0)) {
    await server.close();
    await engine.close();
  }
});

async function pull(host: Host, sql: string, of: { accept?: string; request?: object; properties?: object } = {}) {
  const { accept = 'application/json', request = {}, properties = {} } = of;
  const answer = await fetch(`${host.server.url}/query-stream`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret', accept },
    body: JSON.stringify({ sql, properties, requestProperties: request }),
  });
  return { status: answer.status, text: await answer.text() };
}

const rowsOf = async (host: Host, sql: string) => JSON.parse((await pull(host, sql)).text).slice(1);

const WATCHED = { 'ksql.heartbeat.enable': 'true' };

describe('of two engines that share a table', () => {
  beforeEach(() => open({ 'ksql.heartbeat.enable': 'true', 'ksql.heartbeat.missed.threshold.ms': '1000000' }));

  test('each answers for both, in one order', async () => {
    for (const host of hosts) {
      expect(await rowsOf(host, 'SELECT id FROM t WHERE id = 4;')).toEqual([[4]]);
      expect(await rowsOf(host, 'SELECT id FROM t WHERE id = 3;')).toEqual([[3]]);
      expect(await rowsOf(host, 'SELECT id FROM t WHERE id = 8;')).toEqual([]);
      expect(await rowsOf(host, 'SELECT id FROM t WHERE id IN (5, 4, 1, 7, 2);')).toEqual([[5], [4], [1], [2]]);
      expect(await rowsOf(host, 'SELECT id FROM t;')).toEqual([[2], [4], [1], [3], [5]]);
      expect(await rowsOf(host, 'SELECT id FROM t WHERE n = 1 AND v > 2.60;')).toEqual([[4], [3], [5]]);
      expect(await rowsOf(host, 'SELECT id, n FROM w WHERE id = 3;')).toEqual([[3, 1]]);
    }
  });

  test('LIMIT takes the rows that one engine would have taken', async () => {
    const [first, second] = await Promise.all(hosts.map((host) => rowsOf(host, 'SELECT id FROM t LIMIT 4;')));
    expect(first).toEqual([[1], [2], [3], [4]]);
    expect(second).toEqual(first);
    expect(await rowsOf(one(), 'SELECT id FROM t LIMIT 0;')).toEqual([]);
  });

  test('values come through another engine as they would from it', async () => {
    const sql = 'SELECT * FROM t WHERE id = 3;';
    const expected = [3, 1, '3.50', '2024-01-01T00:00:03.000', [{ D: 19725 }]];
    for (const accept of ['application/json', 'application/vnd.ksqlapi.delimited.v1']) {
      const [direct, routed] = await Promise.all([pull(two(), sql, { accept }), pull(one(), sql, { accept })]);
      expect(withoutId(routed.text)).toBe(withoutId(direct.text));
      expect(routed.text.replace('3.50', '"3.50"')).toContain(JSON.stringify(expected).slice(1, -1));
    }
    const accept = 'application/vnd.ksql.v1+protobuf';
    const [direct, routed] = await Promise.all([pull(two(), sql, { accept }), pull(one(), sql, { accept })]);
    expect(withoutId(routed.text)).toBe(withoutId(direct.text));
  });

  test('a row says from which engine it is, where that is asked', async () => {
    const accept = 'application/vnd.ksql.v1+json';
    const { text } = await pull(one(), 'SELECT id FROM t WHERE id IN (2, 3);', {
      accept,
      request: { 'request.ksql.debug.request': true },
    });
    const [, ...rows] = JSON.parse(text);
    expect(rows).toEqual([
      { row: { columns: [2] }, sourceHost: one().name },
      { row: { columns: [3] }, sourceHost: two().name },
    ]);
  });

  test('what another engine has sent is answered by what is here', async () => {
    const request = { 'request.ksql.query.pull.skip.forwarding': true, 'request.ksql.internal.request': true };
    const here = await pull(one(), 'SELECT id FROM t WHERE id = 4;', { request });
    expect(JSON.parse(here.text).slice(1)).toEqual([[4]]);
    const there = await pull(one(), 'SELECT id FROM t WHERE id = 3;', { request });
    expect([there.status, there.text]).toEqual([
      503,
      '{"@type":"generic_error","error_code":50000,"message":"Unable to execute pull query. [Partition 1 failed to find valid host. Hosts scanned: []]"}',
    ]);
    const some = { ...request, 'request.ksql.query.pull.partition': '0' };
    expect(JSON.parse((await pull(one(), 'SELECT id FROM t;', { request: some })).text).slice(1)).toEqual([[2], [4]]);
    const wrong = { ...request, 'request.ksql.query.pull.partition': 'all' };
    expect((await pull(one(), 'SELECT id FROM t;', { request: wrong })).status).toBe(400);
  });

  test('more rows than are given at once come in order', async () => {
    const values = Array.from({ length: 3000 }, (_, i) => `(${i + 10}, 1.00)`);
    for (const [index, host] of hosts.entries())
      for (const value of values.filter((_, i) => i % 2 === index).slice(0, 1200))
        await host.engine.execute(`INSERT INTO s (id, v) VALUES ${value};`);
    const ids = (await rowsOf(one(), 'SELECT id FROM t;')).map(([id]: [number]) => id);
    expect(ids.length).toBe(2405);
    expect(ids.slice(0, 1202).every((id: number) => id % 2 === 0)).toBe(true);
    expect(ids.slice(1202).every((id: number) => id % 2 === 1)).toBe(true);
  });
});

const withoutId = (text: string): string => text.replace(/query_\d+/, 'query');

describe('of an owner that is dead', () => {
  /** Ends the first engine, as the second finds out by the signs of life that do not come. */
  async function lose(host: Host): Promise<void> {
    await host.server.close();
    host.engine.cluster!.close();
    const other = host === one() ? two() : one();
    await expect.poll(() => other.engine.cluster!.statusOf(host.name)?.isAlive).toBe(false);
  }

  test('the standby answers where standby reads are on', async () => {
    await open({ ...WATCHED, 'ksql.query.pull.enable.standby.reads': 'true' }, 3);
    await lose(one());
    expect(await rowsOf(two(), 'SELECT id FROM t;')).toEqual([[2], [4], [1], [3], [5]]);
    expect(await rowsOf(two(), 'SELECT id FROM t WHERE id = 2;')).toEqual([[2]]);
    const { status, text } = await pull(two(), 'SELECT id FROM t;', {
      properties: { 'ksql.query.pull.max.allowed.offset.lag': 2 },
    });
    expect([status, text]).toEqual([503, expect.stringContaining('lag 3 exceeds maximum allowed lag 2')]);
  });

  test('and else the query is refused in the words of ksqlDB, but not for keys of others', async () => {
    await open(WATCHED);
    await lose(one());
    const { status, text } = await pull(two(), 'SELECT id FROM t;');
    expect(status).toBe(503);
    expect(JSON.parse(text).message.replace(/time \d+/, 'time …')).toBe(
      `Unable to execute pull query. [Partition 0 failed to find valid host. Hosts scanned: [${one().name} was not selected because Host is not alive as of time …, ${two().name} was not selected because Host is not the active host for this partition.]]`,
    );
    expect(await rowsOf(two(), 'SELECT id FROM t WHERE id = 3;')).toEqual([[3]]);
  });

  test('a task that has not caught up where it came is waited for', async () => {
    await open(WATCHED);
    let isCurrent = false;
    share(1, 0, () => isCurrent);
    const answer = rowsOf(one(), 'SELECT id FROM t;').then((rows) => ({ rows, isCurrent }));
    setTimeout(() => {
      isCurrent = true;
    }, 400);
    expect(await answer).toEqual({ rows: [[2], [4], [1], [3], [5]], isCurrent: true });
  });

  test('where nobody looks who is alive, it is found when it is asked', async () => {
    await open({
      ...WATCHED,
      'ksql.heartbeat.missed.threshold.ms': '1000000',
      'ksql.heartbeat.window.ms': '1000000000',
    });
    await one().server.close();
    const { status, text } = await pull(two(), 'SELECT id FROM t;');
    expect([status, text]).toEqual([503, expect.stringContaining(`${one().name} was not selected because`)]);
    expect(await rowsOf(two(), 'SELECT id FROM t WHERE id = 3;')).toEqual([[3]]);
  });
});
