import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;

beforeEach(async () => {
  engine = await openEngine({ properties: {} });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  await engine.execute(`CREATE STREAM s (id INT KEY, n INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
    CREATE TABLE t AS SELECT id, COUNT(*) AS c FROM s GROUP BY id;`);
});

afterEach(async () => {
  await server.close();
  await engine.close();
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });

/** The frames of a query over WebSocket, and the code that it was closed with. */
async function overWebSocket(
  request: unknown,
): Promise<{ readonly frames: readonly unknown[]; readonly code: number }> {
  const query = encodeURIComponent(JSON.stringify(request));
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/query?request=${query}`);
  const frames: unknown[] = [];
  socket.on('message', (frame) => frames.push(JSON.parse(String(frame))));
  const code = await new Promise<number>((resolve) => socket.on('close', resolve));
  return { frames, code };
}

describe('over WebSocket', () => {
  test('whatever stops a query from starting is a bad request', async () => {
    const ksql = 'SELECT * FROM s;';
    expect((await overWebSocket({ ksql, streamsProperties: { 'no.such': 1 } })).code).toBe(1003);
    expect((await overWebSocket({ ksql: 'SELECT nothing FROM s;' })).code).toBe(1003);
  });

  test('the key of a table that is looked up is told apart', async () => {
    const { frames, code } = await overWebSocket({ ksql: 'SELECT * FROM t;' });
    expect(frames[0]).toMatchObject([{ name: 'ID', type: 'KEY' }, { name: 'C' }]);
    expect(code).toBe(1000);
  });
});

test('the header of rows in Protobuf tells keys apart as that of StreamedRows does', async () => {
  const headers = { accept: 'application/vnd.ksql.v1+protobuf' };
  const answer = await post('/query-stream', { sql: 'SELECT * FROM t;' }, headers);
  const [{ header }] = (await answer.json()) as [{ header: { schema: string } }];
  expect(header.schema).toBe('`ID` INTEGER KEY, `C` BIGINT');
});

test('a column of a looked-up table is a key by its name', async () => {
  const headers = { accept: 'application/vnd.ksql.v1+json' };
  const answer = await post('/query-stream', { sql: 'SELECT id AS k, c AS id FROM t;' }, headers);
  const [{ header }] = (await answer.json()) as [{ header: { schema: string } }];
  expect(header.schema).toBe('`K` INTEGER, `ID` BIGINT KEY');
});

test('a command with an action that there is not is the fault of the server, one that was never given is not found', async () => {
  expect((await fetch(`${server.url}/status/stream/x/nope`)).status).toBe(500);
  expect((await fetch(`${server.url}/status/stream/x/create`)).status).toBe(404);
});

test('what servers of a cluster tell one another is not found', async () => {
  const answer = await post('/heartbeat', {});
  expect([answer.status, await answer.text()]).toEqual([404, '']);
});

test('a server that shuts down answers every path so, but those of its liveness', async () => {
  await post('/ksql/terminate', {});
  for (const path of ['/info', '/healthcheck', '/nope']) {
    const answer = await fetch(server.url + path);
    expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 503, null]);
    expect(await answer.json()).toMatchObject({ error_code: 50303 });
  }
  expect((await fetch(`${server.url}/chc/live`)).status).toBe(200);
});

test('TERMINATE CLUSTER is a statement when it is written exactly so, and the last one', async () => {
  for (const ksql of ['terminate cluster;', 'TERMINATE `CLUSTER`;']) {
    const refused = await post('/ksql', { ksql });
    expect([refused.status, await refused.json()]).toMatchObject([400, { message: 'Unknown queryId: CLUSTER' }]);
  }
  const answer = await post('/ksql', { ksql: 'SHOW STREAMS; TERMINATE CLUSTER;' });
  expect([answer.status, await answer.json()]).toMatchObject([
    200,
    [
      { '@type': 'streams' },
      {
        statementText: 'TERMINATE CLUSTER;',
        commandId: 'terminate/CLUSTER/execute',
        commandStatus: { status: 'QUEUED' },
      },
    ],
  ]);
  const after = await post('/ksql', { ksql: 'SHOW STREAMS;' });
  expect([after.status, await after.json()]).toMatchObject([503, { error_code: 50303 }]);
  expect(engine.queries.all()).toEqual([]);
});
