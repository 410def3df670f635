import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import type { Connection } from '../../../client/connections/connection.ts';
import type { EndpointHost } from '../../../client/connections/endpoint.ts';
import type { OpenChoice, OpenSurroundings } from '../../../client/connections/session-opening.ts';

vi.mock('vscode', async () => ({ l10n: await import('@vscode/l10n'), workspace: { isTrusted: true } }));
const { openSession } = await import('../../../client/connections/open-session.ts');
const { Endpoint } = await import('../../../client/connections/endpoint.ts');

const INFO = { KsqlServerInfo: { version: '7.9.9', serverStatus: 'RUNNING' } };

test('a session begins once, also where it is read twice before the first answer has come', async () => {
  const answered = Promise.withResolvers<void>();
  let asked = 0;
  const server = createServer(async (request, response) => {
    if (request.url === '/info') return response.end(JSON.stringify(INFO));
    if (request.url !== '/ksql') return response.writeHead(404).end();
    asked++;
    await answered.promise;
    return response.end('[]');
  }).listen(0);
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const began = vi.fn();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const host = {
    open: (connection: Connection, choice: OpenChoice) => openSession(connection, {} as OpenSurroundings, choice),
    log,
    password: async () => undefined,
    changed: () => undefined,
    began,
    ended: () => undefined,
  } as unknown as EndpointHost;
  const endpoint = new Endpoint({ kind: 'ksqldb', name: 'server', url }, host);
  const session = await endpoint.open();
  await expect.poll(() => asked).toBeGreaterThan(0);
  const second = endpoint.refresh();
  answered.resolve();
  await second;
  await expect.poll(() => session.snapshot).toBeDefined();
  await endpoint.refresh();
  expect(began.mock.calls).toEqual([[session]]);
  await endpoint.close('the test is over');
  server.close();
});
