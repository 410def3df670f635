import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { KsqlClient } from '../../engine/api/client.ts';
import { httpClient } from '../../engine/api/http-client.ts';
import type { Engine } from '../../engine/index.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../engine/rest/server.ts';

const AT_ONCE = 40;
/** With 2 kB each more than the buffers of a connection and of a query take. */
const ROWS = 20_000;
const SQL = 'SELECT * FROM s EMIT CHANGES;';
const FROM_BEGINNING = { 'auto.offset.reset': 'earliest' };

let engine: Engine;
let server: RestServer;
let client: KsqlClient;

beforeAll(async () => {
  engine = await openEngine({ properties: {} });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  client = httpClient({ url: server.url });
  await client.execute(
    "CREATE STREAM s (id INT, pad STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);",
  );
});

afterAll(async () => {
  client.close();
  await server.close();
  await engine.close();
});

const openSession = (settings: { initialWindowSize?: number } = {}): ClientHttp2Session =>
  connectHttp2(server.url, { settings }).on('error', () => {});

/** Starts a push query over HTTP/2; resolves when its answer has begun. */
async function startQuery(session: ClientHttp2Session, properties: object = {}): Promise<ClientHttp2Stream> {
  const stream = session.request({ ':method': 'POST', ':path': '/query-stream' }).on('error', () => {});
  stream.end(JSON.stringify({ sql: SQL, properties }));
  await once(stream, 'response');
  return stream;
}

const startQueries = (session: ClientHttp2Session): Promise<ClientHttp2Stream[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, () => startQuery(session)));

const isNoneLeft = () => expect.poll(() => client.execute('SHOW QUERIES;')).toMatchObject([{ queries: [] }]);

/** So many rows that no client's buffers hold them. */
async function insertManyRows(): Promise<void> {
  const inserter = await engine.openInserter('S', {});
  const pad = 'x'.repeat(2_000);
  for (let id = 0; id < ROWS; id++) await inserter.insert({ ID: id, PAD: pad });
}

test('push queries over HTTP/2 end with their clients, however these go', async () => {
  const first = openSession();
  for (const stream of await startQueries(first)) stream.close(constants.NGHTTP2_CANCEL);
  await isNoneLeft();
  first.destroy();

  const second = openSession();
  await startQueries(second);
  second.destroy();
  await isNoneLeft();

  const socket = connectTcp(server.port, '127.0.0.1');
  await startQueries(connectHttp2(server.url, { createConnection: () => socket }).on('error', () => {}));
  socket.resetAndDestroy();
  await isNoneLeft();

  const stream = await client.query(SQL);
  await client.execute("INSERT INTO s VALUES (7, 'seven');");
  for await (const events of stream) {
    expect(events).toMatchObject([{ kind: 'row', content: { values: [7, 'seven'] } }]);
    break;
  }
});

describe('queries that wait for a client which does not read', () => {
  beforeAll(insertManyRows);

  /** Whether the query has stopped handing out rows, although there are more. */
  async function isPaused(): Promise<void> {
    const rowsOut = () => engine.queries.all()[0]!.run.rowsOut.total;
    await expect.poll(rowsOut).toBeGreaterThan(0);
    await expect
      .poll(async () => {
        const before = rowsOut();
        await pause(100);
        return rowsOut() - before;
      })
      .toBe(0);
    expect(rowsOut()).toBeLessThan(ROWS);
  }

  test('over HTTP/2', async () => {
    const session = openSession({ initialWindowSize: 1000 });
    await startQuery(session, FROM_BEGINNING);
    await isPaused();
    session.destroy();
    await isNoneLeft();
  });

  test('over HTTP/1.1', async () => {
    const socket = await send(JSON.stringify({ sql: SQL, properties: FROM_BEGINNING }));
    await isPaused();
    socket.resetAndDestroy();
    await isNoneLeft();
  });

  test('over WebSocket', async () => {
    const request = encodeURIComponent(JSON.stringify({ ksql: SQL, streamsProperties: FROM_BEGINNING }));
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/query?request=${request}`);
    await once(socket, 'message');
    socket.pause();
    await isPaused();
    socket.terminate();
    await isNoneLeft();
  });
});

/** Sends a query over HTTP/1.1 on a connection that nobody reads from. */
async function send(body: string): Promise<Socket> {
  const socket = connectTcp(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`POST /query-stream HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  return socket;
}

test('a query whose WebSocket has gone before it began is not left over', async () => {
  const gone = Promise.withResolvers<void>();
  const ask = engine.ask.bind(engine);
  const slowAsk = vi.spyOn(engine, 'ask').mockImplementation(async (text, settings) => {
    await gone.promise;
    return ask(text, settings);
  });
  const request = encodeURIComponent(JSON.stringify({ ksql: SQL }));
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/query?request=${request}`);
  await once(socket, 'open');
  socket.terminate();
  await once(socket, 'close');
  await pause(100);
  gone.resolve();
  await expect.poll(() => slowAsk.mock.settledResults).toMatchObject([{ type: 'fulfilled' }]);
  slowAsk.mockRestore();
  await isNoneLeft();
});

test('a query whose rows cannot have the form that is asked for is not left over', async () => {
  const answer = await fetch(`${server.url}/query-stream`, {
    method: 'POST',
    headers: { accept: 'application/vnd.ksql.v1+protobuf' },
    body: JSON.stringify({ sql: 'SELECT MAP(1 := id) AS m FROM s EMIT CHANGES;' }),
  });
  expect([answer.status, await answer.json()]).toMatchObject([
    500,
    { message: expect.stringContaining('STRING keys') },
  ]);
  await isNoneLeft();
});
