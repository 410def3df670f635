import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { KsqlClient } from '../../engine/api/client.ts';
import { httpClient } from '../../engine/api/http-client.ts';
import type { Engine } from '../../engine/index.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { LIMITS, type Limits } from '../../engine/rest/http/limits.ts';
import { type RestServer, startServer } from '../../engine/rest/server.ts';

const SHORT_MS = 200;

let engine: Engine;
let server: RestServer;
let client: KsqlClient;

beforeEach(async () => {
  engine = await openEngine({ properties: {} });
  await engine.execute("CREATE STREAM s (id INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);");
});

afterEach(async () => {
  client.close();
  await server.close();
  await engine.close();
});

async function start(limits: Partial<Limits>): Promise<void> {
  server = await startServer(engine, { host: '127.0.0.1', port: 0, limits });
  client = httpClient({ url: server.url });
}

interface Opened {
  readonly socket: Socket;
  /** What the server has sent so far. */
  answer(): string;
  readonly closed: Promise<unknown>;
}

async function open(text: string): Promise<Opened> {
  const socket = connect(server.port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await once(socket, 'connect');
  socket.write(text);
  return { socket, answer: () => answer, closed };
}

const HTTP2_START = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0';

describe('a connection that begins no request ends', () => {
  test.each([
    ['that sends nothing', ''],
    ['that sends a byte', 'P'],
    ['that stops in its request line', 'GET /in'],
    ['that stops in its headers', 'GET /info HTTP/1.1\r\nhost: localhost\r\nx: '],
    ['that stops in the preface', 'PRI * HT'],
    ['that opens no stream', HTTP2_START],
    ['that stops in the headers of a stream', `${HTTP2_START}\0\0\x20\x01\x04\0\0\0\x01abc`],
  ])('%s', async (_what, text) => {
    await start({ headerTimeMs: SHORT_MS });
    await (await open(text)).closed;
  });

  test('that goes on sending headers one after the other', async () => {
    await start({ headerTimeMs: SHORT_MS });
    const { socket, closed } = await open('GET /info HTTP/1.1\r\n');
    const drip = setInterval(() => socket.write('x: y\r\n'), 20);
    await closed;
    clearInterval(drip);
  });
});

test('four hundred half-open connections are gone after a while, and keep nobody out', async () => {
  await start({ headerTimeMs: 2 * SHORT_MS });
  const halfOpen = await Promise.all(Array.from({ length: 400 }, () => open('GET /info HT')));
  expect(await client.info()).toMatchObject({ KsqlServerInfo: { serverStatus: 'RUNNING' } });
  await Promise.all(halfOpen.map(({ closed }) => closed));
});

test('a connection that has had its answer ends when it asks for nothing more', async () => {
  await start({ idleTimeMs: SHORT_MS });
  const { answer, closed } = await open('GET /info HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await closed;
  expect(answer()).toMatch(/^HTTP\/1.1 200 /);

  const session = connectHttp2(server.url);
  const goAway = once(session, 'goaway');
  const stream = session.request({ ':path': '/info' }).resume();
  await once(stream, 'close');
  expect((await goAway)[0]).toBe(constants.NGHTTP2_NO_ERROR);
  await expect.poll(() => session.destroyed).toBe(true);
});

test('queries that give no rows for longer than any limit go on', async () => {
  await start({ headerTimeMs: SHORT_MS, idleTimeMs: SHORT_MS, bodyTimeMs: SHORT_MS, takeTimeMs: SHORT_MS });
  const sql = 'SELECT * FROM s EMIT CHANGES;';
  const overHttp1 = await client.query(sql);
  const session = connectHttp2(server.url);
  const overHttp2 = session.request({ ':method': 'POST', ':path': '/query-stream' });
  let text = '';
  overHttp2.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  overHttp2.end(JSON.stringify({ sql }));
  const request = encodeURIComponent(JSON.stringify({ ksql: sql }));
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/query?request=${request}`);
  const frames: string[] = [];
  socket.on('message', (frame) => frames.push(String(frame)));
  await expect.poll(() => [text !== '', frames.length]).toEqual([true, 1]);

  await pause(4 * SHORT_MS);
  await engine.execute('INSERT INTO s VALUES (42);');
  for await (const events of overHttp1) {
    expect(events).toMatchObject([{ content: { values: [42] } }]);
    break;
  }
  await expect.poll(() => text).toContain('[42]');
  await expect.poll(() => frames.at(-1)).toContain('[42]');
  socket.terminate();
  session.destroy();
});

test('a body that does not come is not waited for', async () => {
  await start({ bodyTimeMs: SHORT_MS, idleTimeMs: SHORT_MS });
  const { answer, closed } = await open('POST /ksql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{"ksql"');
  await closed;
  expect(answer()).toMatch(/^HTTP\/1.1 408 .*The body of the request did not come within 0.2 s/s);
});

test('an answer that nobody fetches is not kept', async () => {
  await start({ takeTimeMs: SHORT_MS });
  const many = Array.from({ length: 300 }, (_, i) => `DEFINE v${i} = '${'x'.repeat(3000)}';`).join('');
  // About 50 MB, which no buffer of the system holds.
  const body = JSON.stringify({ ksql: `${many}${'SHOW VARIABLES;'.repeat(60)}` });
  const socket = connect(server.port, '127.0.0.1').on('error', () => {});
  socket.pause();
  await once(socket, 'connect');
  socket.write(`POST /ksql HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await once(socket, 'readable');
  // Not a byte is read before the server has given up.
  await pause(5 * SHORT_MS);
  socket.resume();
  await closed;
});

describe('no more connections than there may be', () => {
  test('a new one takes the place of the one that has been idle for longest', async () => {
    await start({ maxConnections: 10 });
    const stream = await client.query('SELECT * FROM s EMIT CHANGES;');
    const idle: Opened[] = [];
    for (let i = 0; i < 12; i++) idle.push(await open('GET /in'));
    await Promise.all(idle.slice(0, 3).map(({ closed }) => closed));
    expect(idle.map(({ socket }) => socket.destroyed)).toEqual([true, true, true, ...Array(9).fill(false)]);
    await engine.execute('INSERT INTO s VALUES (1);');
    for await (const events of stream) {
      expect(events).toMatchObject([{ content: { values: [1] } }]);
      break;
    }
    for (const { socket } of idle) socket.destroy();
  });

  test('where all are at work a new one is refused', async () => {
    await start({ maxConnections: 2 });
    const streams = [
      await client.query('SELECT * FROM s EMIT CHANGES;'),
      await client.query('SELECT * FROM s EMIT CHANGES;'),
    ];
    await (await open('GET /info HTTP/1.1\r\nhost: localhost\r\n\r\n')).closed;
    for (const stream of streams) stream.close();
    await expect.poll(() => client.info().catch(() => undefined)).toMatchObject({ KsqlServerInfo: {} });
  });

  test('pipelined requests have a limit, too', async () => {
    await start({ maxExchanges: 5 });
    const request = `POST /query-stream HTTP/1.1\r\nhost: localhost\r\ncontent-length: 39\r\n\r\n{"sql":"SELECT * FROM s EMIT CHANGES;"}`;
    await (await open(request.repeat(10))).closed;
    await expect.poll(() => engine.queries.pushCount).toBe(0);
  });
});

test('the limits of a server that is told no others', () => {
  expect(LIMITS).toMatchObject({ maxConnections: 1000, headerTimeMs: 30_000, idleTimeMs: 65_000 });
});
