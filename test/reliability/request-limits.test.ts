import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Engine } from '../../engine/index.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { LIMITS } from '../../engine/rest/http/limits.ts';
import { type RestServer, startServer } from '../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;

beforeAll(async () => {
  engine = await openEngine({ properties: {} });
  await engine.execute("CREATE STREAM s (id INT, t STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);");
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close();
  await engine.close();
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function post(path: string, body: unknown): Promise<Answer> {
  const answer = await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}

const tooLarge = (message: RegExp) => ({
  status: 413,
  body: { '@type': 'generic_error', error_code: 41300, message: expect.stringMatching(message) },
});

describe('statements beyond the limits are refused before they are parsed', () => {
  test('a long text', async () => {
    const ksql = 'SHOW STREAMS;'.repeat(Math.ceil(LIMITS.maxStatementText / 13));
    const told = tooLarge(/the most that a request may have is 2097152/);
    expect(await post('/ksql', { ksql })).toMatchObject(told);
    expect(await post('/query', { ksql })).toMatchObject(told);
    expect(await post('/query-stream', { sql: ksql })).toMatchObject(told);
  });

  test('many statements', async () => {
    const ksql = ';'.repeat(LIMITS.maxStatements + 1);
    expect(await post('/ksql', { ksql })).toMatchObject(tooLarge(/has 10001 statements; .* is 10000/));
  });

  test('but semicolons in strings and comments are none', async () => {
    const semicolons = ';'.repeat(LIMITS.maxStatements + 1);
    const ksql = `DEFINE a = '${semicolons}'; /* ${semicolons} */ SHOW STREAMS;`;
    expect(await post('/ksql', { ksql })).toMatchObject({ status: 200, body: [{ '@type': 'streams' }] });
  });

  test('a short text that names a long variable often', async () => {
    const ksql = `DEFINE a = '${'x'.repeat(100_000)}'; INSERT INTO s VALUES (1, '${'${a}'.repeat(100_000)}');`;
    expect(await post('/ksql', { ksql })).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/With the values of its variables the statement is longer than/) },
    });
  });

  test('patterns of topics to delete', async () => {
    const deleteTopicList = Array(LIMITS.maxPatterns + 1).fill('x');
    expect(await post('/ksql/terminate', { deleteTopicList })).toMatchObject(tooLarge(/has 1001 patterns/));
    expect(await post('/ksql/terminate', { deleteTopicList: ['('] })).toMatchObject({ status: 400 });
    expect(await post('/ksql', { ksql: 'SHOW STREAMS;' })).toMatchObject({ status: 200 });
  });
});

describe('a body beyond the limit', () => {
  const head = 'POST /ksql HTTP/1.1\r\nhost: localhost\r\n';

  /** Sends the start of a request, then megabytes as long as they are taken; gives the answer. */
  function flood(start: string, piece: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(start));
      const more = (): unknown => socket.writable && socket.write(piece, () => setImmediate(more));
      if (piece !== '') socket.once('connect', more);
      socket
        .on('error', () => {})
        .once('data', (answer) => {
          resolve(String(answer));
          socket.destroy();
        });
    });
  }

  test('is refused by its length before it comes', async () => {
    const answer = await flood(`${head}content-length: 99999999999\r\n\r\n`, '');
    expect(answer).toMatch(/^HTTP\/1.1 413 .*larger than 33554432 bytes/s);
  });

  test('is refused while it comes, where it tells no length', async () => {
    const megabyte = `100000\r\n${'x'.repeat(1 << 20)}\r\n`;
    expect(await flood(`${head}transfer-encoding: chunked\r\n\r\n`, megabyte)).toMatch(/^HTTP\/1.1 413 /);
  });

  test('ends its stream over HTTP/2, and no other', async () => {
    const session = connectHttp2(server.url);
    const stream = session.request({ ':method': 'POST', ':path': '/ksql', 'content-length': 99_999_999_999 });
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(413);
    stream.resume();
    await once(stream, 'close');
    const [info] = await once(session.request({ ':path': '/info' }).resume(), 'response');
    expect(info[':status']).toBe(200);
    session.destroy();
  });
});

test('headers beyond the limit', async () => {
  const headers = { 'x-long': 'x'.repeat(LIMITS.maxHeaderBytes) };
  expect((await fetch(`${server.url}/info`, { headers })).status).toBe(431);
});

test('a row beyond the limit is an error of the row', async () => {
  const session = connectHttp2(server.url);
  const stream = session.request({ ':method': 'POST', ':path': '/inserts-stream' });
  stream.on('error', () => {});
  stream.write(`{"target":"S"}\n{"ID":1}\n{"T":"${'x'.repeat(LIMITS.maxRowText)}`);
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  await once(stream, 'close');
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { status: 'ok', seq: 0 },
    { status: 'error', seq: 1, error_code: 41300 },
  ]);
  session.destroy();
});

test('a message beyond the limit ends its WebSocket', async () => {
  const request = encodeURIComponent('{"ksql":"SELECT * FROM s EMIT CHANGES;"}');
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/query?request=${request}`);
  await once(socket, 'message');
  socket.send('x'.repeat(LIMITS.maxMessageBytes + 1));
  expect((await once(socket, 'close'))[0]).toBe(1009);
  await expect.poll(() => engine.queries.pushCount).toBe(0);
});

test('pings are answered, unless the client does not read', async () => {
  const request = encodeURIComponent('{"ksql":"SELECT * FROM s EMIT CHANGES;"}');
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/query?request=${request}`);
  await once(socket, 'message');
  socket.ping('are you there?');
  expect(String((await once(socket, 'pong'))[0])).toBe('are you there?');
  socket.terminate();
});
