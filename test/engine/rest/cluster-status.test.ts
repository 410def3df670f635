import { afterEach, describe, expect, test, vi } from 'vitest';
import { ClusterClient } from '../../../engine/api/cluster/cluster-client.ts';
import type { ClusterStatusResponse } from '../../../engine/api/cluster/cluster-protocol.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';
import type { SharedTasks } from '../../../engine/runtime/shared/shared-tasks.ts';

interface Host {
  readonly engine: Engine;
  readonly server: RestServer;
  readonly name: string;
}

const hosts: Host[] = [];

afterEach(async () => {
  for (const { server, engine } of hosts.splice(0)) {
    await server.close();
    await engine.close();
  }
});

const WATCHED = {
  'ksql.heartbeat.enable': 'true',
  'ksql.heartbeat.send.interval.ms': '20',
  'ksql.heartbeat.check.interval.ms': '20',
  'ksql.heartbeat.discover.interval.ms': '20',
  'ksql.heartbeat.missed.threshold.ms': '20',
  'ksql.lag.reporting.enable': 'true',
  'ksql.lag.reporting.send.interval.ms': '20',
};

async function openHost(properties: Record<string, string>): Promise<Host> {
  const engine = await openEngine({ properties });
  const server = await startServer(engine, { host: '127.0.0.1', port: 0, token: 'secret' });
  engine.openCluster((url) => new ClusterClient(httpClient({ url, credentials: { kind: 'bearer', token: 'secret' } })));
  const host = { engine, server, name: new URL(server.url).host };
  hosts.push(host);
  return host;
}

const ask = ({ server }: Host, path: string, body?: string) =>
  fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: 'Bearer secret' },
    body: body ?? null,
  });

const statusOf = async (host: Host) =>
  ((await (await ask(host, '/clusterStatus')).json()) as ClusterStatusResponse).clusterStatus;

/** Gives a query of a host the placements that a group of these hosts would have: each does one task of two. */
async function share(all: readonly Host[], index: number): Promise<void> {
  const { engine } = all[index]!;
  await engine.execute(`CREATE STREAM s (id INT KEY) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=2);
    CREATE TABLE t AS SELECT id, COUNT(*) AS c FROM s GROUP BY id;`);
  const query = engine.queries.persistent()[0]!;
  const part = (task: number, isActive: boolean) => ({
    id: `0_${task}`,
    isActive,
    isRestoring: false,
    isCurrent: isActive,
    table: undefined,
    changelog: { position: isActive ? 9 : 6, endOffset: 9 },
    positions: [],
    stateBytes: 0,
  });
  const shared: SharedTasks = {
    process: `p${index}`,
    placements: all.map(({ server }, i) => ({
      memberId: `m${i}`,
      process: `p${i}`,
      endpoint: server.url,
      active: [`0_${i}`],
      standby: [`0_${1 - i}`],
    })),
    local: [part(index, true), part(1 - index, false)],
    tableTasks: ['0_0', '0_1'],
    taskOfKey: () => '0_0',
    partsOf: (task) => ({
      inputs: [{ topic: 's', partition: Number(task.at(-1)) }],
      stores: ['Aggregate-Aggregate-Materialize'],
    }),
  };
  engine.queries.add({ ...query, shared });
}

test('engines that watch one another say who is alive, who does what, and how far standbys are', async () => {
  const [one, two] = [await openHost(WATCHED), await openHost(WATCHED)];
  await share([one, two], 0);
  await share([one, two], 1);
  const id = one.engine.queries.persistent()[0]!.id;
  const lag = (current: number) => ({ currentOffsetPosition: current, endOffsetPosition: 9, offsetLag: 9 - current });
  const store = `${id}#Aggregate-Aggregate-Materialize`;
  await vi.waitFor(async () => {
    const status = await statusOf(one);
    expect(status).toEqual({
      [one.name]: {
        hostAlive: true,
        lastStatusUpdateMs: expect.any(Number),
        activeStandbyPerQuery: {
          [id]: {
            activeStores: ['Aggregate-Aggregate-Materialize'],
            activePartitions: [{ topic: 's', partition: 0 }],
            standByStores: ['Aggregate-Aggregate-Materialize'],
            standByPartitions: [{ topic: 's', partition: 1 }],
          },
        },
        hostStoreLags: {
          stateStoreLags: { [store]: { lagByPartition: { 0: lag(9), 1: lag(6) }, size: 2 } },
          updateTimeMs: expect.any(Number),
        },
      },
      [two.name]: expect.objectContaining({
        hostAlive: true,
        hostStoreLags: {
          stateStoreLags: { [store]: { lagByPartition: { 0: lag(6), 1: lag(9) }, size: 2 } },
          updateTimeMs: expect.any(Number),
        },
      }),
    });
  });
  await two.server.close();
  two.engine.cluster!.close();
  await vi.waitFor(async () => expect((await statusOf(one))[two.name]?.hostAlive).toBe(false));
  expect((await statusOf(one))[one.name]?.hostAlive).toBe(true);
});

test('one engine alone knows itself', async () => {
  const host = await openHost({ 'ksql.heartbeat.enable': 'true' });
  expect(await statusOf(host)).toEqual({
    [host.name]: {
      hostAlive: true,
      lastStatusUpdateMs: expect.any(Number),
      activeStandbyPerQuery: {},
      hostStoreLags: { stateStoreLags: {}, updateTimeMs: 0 },
    },
  });
});

test('a message is taken, or refused as ksqlDB refuses it', async () => {
  const host = await openHost(WATCHED);
  const answers = async (path: string, bodies: readonly string[]) =>
    Promise.all(
      bodies.map(async (body) => {
        const answer = await ask(host, path, body);
        const { isOk, error_code } = (await answer.json()) as { isOk?: boolean; error_code?: number };
        return [answer.status, isOk ?? error_code];
      }),
    );
  expect(
    await answers('/heartbeat', [
      '{"hostInfo":"somebody:8088","timestamp":1,"more":2}',
      '{"hostInfo":{"host":"somebody","port":8088},"timestamp":1}',
      '{}',
      '[]',
      'x',
      '',
      '{"hostInfo":"nonsense","timestamp":1}',
      '{"hostInfo":"a:1","timestamp":"x"}',
    ]),
  ).toEqual([
    [200, true],
    [400, 40000],
    [500, 50000],
    [400, 40000],
    [400, 40000],
    [500, 50000],
    [500, 50000],
    [500, 50000],
  ]);
  const lags = '{"q#s":{"lagByPartition":{"0":{"currentOffsetPosition":1,"endOffsetPosition":5,"offsetLag":4}}}}';
  expect(
    await answers('/lag', [
      `{"ksqlHost":"a:1","hostStoreLags":{"stateStoreLags":${lags},"updateTimeMs":5}}`,
      '{}',
      'x',
      '{"ksqlHost":{"host":"a","port":1},"hostStoreLags":{"stateStoreLags":{},"updateTimeMs":5}}',
      '{"ksqlHost":"a:1","hostStoreLags":{"stateStoreLags":{"q#s":{}},"updateTimeMs":5}}',
    ]),
  ).toEqual([
    [200, true],
    [500, 50000],
    [400, 40000],
    [400, 40000],
    [500, 50000],
  ]);
  const wrongMethod = await ask(host, '/clusterStatus', '{}');
  expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET']);
});

test('what is not switched on is not found', async () => {
  const host = await openHost({ 'ksql.heartbeat.enable': 'true' });
  const answer = await ask(host, '/lag', '{"ksqlHost":"a:1","hostStoreLags":{"stateStoreLags":{},"updateTimeMs":5}}');
  expect([answer.status, await answer.text()]).toEqual([404, '']);
  const silent = await openHost({});
  for (const path of ['/clusterStatus', '/heartbeat']) {
    const body = path === '/heartbeat' ? '{"hostInfo":"a:1","timestamp":1}' : undefined;
    expect((await ask(silent, path, body)).status).toBe(404);
  }
});

describe('SHOW QUERIES', () => {
  const execute = async (host: Host, ksql: string) =>
    (await (await ask(host, '/ksql', JSON.stringify({ ksql }))).json()) as any;

  async function openTwo(): Promise<readonly [Host, Host, string]> {
    const two = [await openHost(WATCHED), await openHost(WATCHED)] as const;
    await share(two, 0);
    await share(two, 1);
    return [...two, two[0].engine.queries.persistent()[0]!.id];
  }

  test('adds up what all engines have, and tells their push queries, which any of them ends', async () => {
    const [one, two, id] = await openTwo();
    const push = await two.engine.ask('SELECT * FROM s EMIT CHANGES;');
    if (push.kind === 'print') throw new TypeError('a query is expected');
    const [{ queries }] = await execute(one, 'SHOW QUERIES;');
    expect(queries).toMatchObject([
      { id, statusCount: { RUNNING: 2 }, state: 'RUNNING' },
      { id: push.queryId, statusCount: { RUNNING: 1 }, queryType: 'PUSH' },
    ]);
    two.engine.queries.get(id)!.run.pause();
    const [{ queryDescriptions }] = await execute(one, 'SHOW QUERIES EXTENDED;');
    expect(queryDescriptions[0]).toMatchObject({
      ksqlHostQueryStatus: { [one.name]: 'RUNNING', [two.name]: 'PAUSED' },
      tasksMetadata: [{ taskId: '0_0' }, { taskId: '0_1' }],
      state: 'RUNNING',
    });
    expect((await execute(one, `EXPLAIN ${id};`))[0].queryDescription.ksqlHostQueryStatus).toEqual({
      [one.name]: 'RUNNING',
    });
    const ended = await execute(one, `TERMINATE ${push.queryId};`);
    expect(ended).toMatchObject([{ '@type': 'terminate_query', queryId: push.queryId, wasTerminated: true }]);
    expect(two.engine.queries.get(push.queryId)).toBeUndefined();
    expect(await execute(one, `TERMINATE ${push.queryId};`)).toMatchObject({ error_code: 40000 });
  });

  test('counts an engine that does not answer as unresponsive', async () => {
    const [one, two, id] = await openTwo();
    await two.server.close();
    const [{ queries }] = await execute(one, 'SHOW QUERIES;');
    expect(queries).toMatchObject([{ id, statusCount: { RUNNING: 1, UNRESPONSIVE: 1 }, state: 'RUNNING' }]);
    const [{ queryDescriptions }] = await execute(one, 'SHOW QUERIES EXTENDED;');
    expect(queryDescriptions[0].ksqlHostQueryStatus).toEqual({ [one.name]: 'RUNNING', [two.name]: 'UNRESPONSIVE' });
  });

  test('of two engines at once does not wait for each other', async () => {
    const [one, two] = await openTwo();
    const both = await Promise.all([one, two].map((host) => execute(host, 'SHOW QUERIES;')));
    expect(both.map(([{ queries }]) => queries[0].statusCount)).toEqual([{ RUNNING: 2 }, { RUNNING: 2 }]);
  });
});
