import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Engine } from '../../engine/index.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { type RestServer, type ServerOptions, startServer } from '../../engine/rest/server.ts';

const SHOW = { ksql: 'SHOW STREAMS;' };
const EVIL = 'http://evil.example';

let engine: Engine;
const servers: RestServer[] = [];

beforeAll(async () => {
  engine = await openEngine({ properties: {} });
});

afterAll(async () => {
  for (const server of servers) await server.close();
  await engine.close();
});

async function start(options: Partial<ServerOptions> = {}): Promise<RestServer> {
  const server = await startServer(engine, { host: '127.0.0.1', port: 0, ...options });
  servers.push(server);
  return server;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** Sends exactly these headers, and gives the status of the answer. */
function send(server: RestServer, { method, path = '/ksql', headers = {}, body = SHOW }: Sent): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { method: method ?? (path === '/ksql' ? 'POST' : 'GET'), path, headers, port: server.port };
    const request = httpRequest({ host: '127.0.0.1', ...options }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    request.on('error', reject);
    request.end(options.method === 'POST' ? JSON.stringify(body) : undefined);
  });
}

/** What comes of opening a WebSocket: `open`, or the status of the refusal. */
function openWebSocket(server: RestServer, headers: Record<string, string>, query = ''): Promise<string | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/query?request={}${query}`, { headers });
    socket.on('error', () => {});
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode!));
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
  });
}

const basic = (user: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

describe('a server on loopback without a token', () => {
  let server: RestServer;
  beforeAll(async () => {
    server = await start({ names: ['engine.example'] });
  });

  test.each([
    'evil.example',
    'evil.example:8088',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '[::2]',
  ])('answers to no foreign name, such as %s', async (host) => {
    expect(await send(server, { headers: { host } })).toBe(403);
    expect(await send(server, { path: '/info', headers: { host } })).toBe(403);
    expect(await send(server, { path: '/chc/live', headers: { host } })).toBe(403);
    expect(await openWebSocket(server, { host })).toBe(403);
  });

  test.each([
    'localhost:8088',
    'LOCALHOST',
    'localhost.',
    '127.0.0.1',
    '127.9.9.9:1',
    '[::1]:8088',
    'engine.example:8088',
  ])('answers to its own names, such as %s', async (host) => {
    expect(await send(server, { headers: { host } })).toBe(200);
    expect(await openWebSocket(server, { host })).toBe('open');
  });

  test.each([EVIL, 'null', 'http://localhost:3000', 'https://127.0.0.1', 'vscode-webview://1'])(
    'refuses requests of a page of %s',
    async (origin) => {
      const headers = { origin, 'content-type': 'text/plain' };
      expect(await send(server, { headers })).toBe(403);
      expect(await send(server, { headers: { origin, 'content-type': 'application/json' } })).toBe(403);
      expect(await send(server, { path: '/info', headers })).toBe(403);
      expect(await send(server, { method: 'OPTIONS', headers })).toBe(403);
      expect(await openWebSocket(server, { origin })).toBe(403);
    },
  );

  test('refuses what a browser says is of another site, but follows links', async () => {
    const site = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect(await send(server, { headers: site })).toBe(403);
    expect(await send(server, { headers: { ...site, 'sec-fetch-site': 'same-site' } })).toBe(403);
    expect(await send(server, { path: '/info', headers: site })).toBe(403);
    const link = { ...site, 'sec-fetch-mode': 'navigate' };
    expect(await send(server, { path: '/info', headers: link })).toBe(200);
    expect(await send(server, { headers: link })).toBe(403);
  });

  test('takes of its own pages JSON only', async () => {
    const own = { host: 'localhost:1', origin: 'http://localhost:1', 'sec-fetch-site': 'same-origin' };
    for (const type of ['application/json; charset=utf-8', 'application/vnd.ksql.v1+json'])
      expect(await send(server, { headers: { ...own, 'content-type': type } })).toBe(200);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])
      expect(await send(server, { headers: { ...own, 'content-type': type } })).toBe(415);
  });

  test.each([
    ["Confluent's clients", {}],
    [
      "curl in ksqlDB's documentation",
      { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/vnd.ksql.v1+json' },
    ],
    ["Node's fetch", { 'content-type': 'text/plain;charset=UTF-8', 'sec-fetch-mode': 'cors' }],
    ['ksqldb-client', { 'content-type': 'application/json' }],
  ])('answers %s', async (_client, headers) => {
    expect(await send(server, { headers })).toBe(200);
  });

  test("answers Netty's WebSocket, of which the origin is host and port", async () => {
    const host = `127.0.0.1:${server.port}`;
    expect(await openWebSocket(server, { host, origin: host })).toBe('open');
  });
});

describe('a server with a token', () => {
  let server: RestServer;
  beforeAll(async () => {
    server = await start({ token: 'sesame' });
  });

  test('answers pages and names that have the token, and no others', async () => {
    const authorization = 'Bearer sesame';
    expect(await send(server, { headers: { authorization, origin: EVIL, host: 'evil.example' } })).toBe(200);
    expect(await openWebSocket(server, { origin: EVIL }, '&access_token=sesame')).toBe('open');
    expect(await send(server, { headers: {} })).toBe(401);
    expect(await send(server, { headers: { authorization: 'Bearer Sesame' } })).toBe(401);
    expect(await send(server, { headers: basic('anyone', 'sesame') })).toBe(200);
    expect(await openWebSocket(server, {}, '&access_token=sesam')).toBe(401);
  });

  test('does not take for a token what a browser adds by itself', async () => {
    expect(await send(server, { headers: { ...basic('', 'sesame'), origin: EVIL } })).toBe(403);
  });
});

describe('a server with users', () => {
  let server: RestServer;
  beforeAll(async () => {
    server = await start({
      users: new Map([
        ['ann', 'se:cret'],
        ['bob', ''],
      ]),
    });
  });

  test("lets them in as ksqlDB's clients send them", async () => {
    expect(await send(server, { headers: basic('ann', 'se:cret') })).toBe(200);
    expect(await openWebSocket(server, basic('ann', 'se:cret'))).toBe('open');
    expect(await send(server, { path: '/chc/live' })).toBe(200);
  });

  test.each([
    {},
    basic('ann', 'secret'),
    basic('ann', ''),
    basic('bob', 'se:cret'),
    basic('', 'se:cret'),
    basic('constructor', ''),
    { authorization: 'Basic' },
    { authorization: `Basic ${Buffer.from('ann').toString('base64')}` },
    { authorization: 'Bearer se:cret' },
    { authorization: 'Bearer ' },
  ])('keeps out %o', async (headers) => {
    expect(await send(server, { headers })).toBe(401);
    expect(await openWebSocket(server, headers)).toBe(401);
  });
});
