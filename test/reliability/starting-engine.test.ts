import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { MemoryBroker } from '../../engine/broker/embedded/memory-broker.ts';
import { Engine } from '../../engine/index.ts';
import { listen } from '../../engine/rest/server.ts';
import { CLI } from '../support/ksql-command.ts';

const NOT_READY = {
  '@type': 'generic_error',
  error_code: 50302,
  message: 'KSQL is not yet ready to serve requests.',
};

let silent: Server;
const children: ChildProcess[] = [];

beforeAll(async () => {
  silent = await listening();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => silent.close());

/** A server that takes connections and never says anything: whoever opens an engine over it waits. */
async function listening(): Promise<Server> {
  const server = createServer((socket) => void socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function freePort(): Promise<number> {
  const server = await listening();
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answerTo(url: string, target: string, init?: RequestInit): Promise<readonly [number, unknown]> {
  const answer = await fetch(url + target, init);
  const text = await answer.text();
  return [answer.status, text === '' ? '' : JSON.parse(text)];
}

const statement = { method: 'POST', body: JSON.stringify({ ksql: 'SHOW STREAMS;' }) };
const json = { ...statement, headers: { 'content-type': 'application/vnd.ksql.v1+json' } };

test('a server without its engine says that it starts, and refuses the rest; with it, it answers everything', async () => {
  const server = await listen({ host: '127.0.0.1', port: 0 });
  const engine = await Engine.open({ broker: new MemoryBroker() });
  try {
    const info = { KsqlServerInfo: { version: engine.version, serverStatus: 'INITIALIZING' } };
    expect(await answerTo(server.url, '/info')).toMatchObject([200, info]);
    const health = { isHealthy: false, serverState: 'INITIALIZING' };
    expect(await answerTo(server.url, '/healthcheck')).toMatchObject([200, health]);
    expect(await answerTo(server.url, '/chc/live')).toEqual([200, {}]);
    for (const target of ['/chc/ready', '/v1/metadata', '/workbench/queries', '/nowhere'])
      expect(await answerTo(server.url, target)).toEqual([503, NOT_READY]);
    expect(await answerTo(server.url, '/ksql', json)).toEqual([503, NOT_READY]);
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/query`);
    expect((await once(socket, 'error'))[0].message).toContain('503');

    server.serve(engine);
    expect(await answerTo(server.url, '/info')).toMatchObject([200, { KsqlServerInfo: { serverStatus: 'RUNNING' } }]);
    expect(await answerTo(server.url, '/chc/ready')).toEqual([200, {}]);
    expect(await answerTo(server.url, '/ksql', json)).toMatchObject([200, [{ '@type': 'streams' }]]);
  } finally {
    await server.close();
    await engine.close();
  }
});

test('ksql serve answers while it is opened, does not say that it is ready, and ends when told to', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const where = ['--listen', url.slice('http://'.length), '--bootstrap-server', `127.0.0.1:${portOf(silent)}`];
  const child = spawn(process.execPath, [CLI, 'serve', ...where, '--token', 'sesame'], { stdio: 'pipe' });
  children.push(child);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  await expect.poll(() => answerTo(url, '/chc/live').catch(() => []), { timeout: 20_000 }).toEqual([200, {}]);
  const headers = { authorization: 'Bearer sesame' };
  expect(await answerTo(url, '/info', { headers })).toMatchObject([
    200,
    { KsqlServerInfo: { serverStatus: 'INITIALIZING' } },
  ]);
  expect(await answerTo(url, '/ksql', { ...json, headers: { ...json.headers, ...headers } })).toEqual([503, NOT_READY]);
  expect((await answerTo(url, '/info'))[0]).toBe(401);
  expect(stdout).not.toContain('listening');
  child.kill('SIGTERM');
  expect((await once(child, 'close'))[0]).toBe(0);
});
