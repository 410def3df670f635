import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../../engine/index.ts';
import { openEngine } from '../../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;

beforeAll(async () => {
  engine = await openEngine({ properties: {} });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close();
  await engine.close();
});

/** The whole answer to a request that is sent as it stands. */
async function answerTo(target: string, headers = ''): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${headers}\r\n`);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += chunk;
  });
  await once(socket, 'close');
  return answer;
}

/**
 * What a live ksqlDB 7.9.9 answered to these targets. (A target that begins with neither a slash nor a scheme gets 400
 * here.)
 */
const ANSWERS: readonly (readonly [string, RegExp])[] = [
  ['//', /^HTTP\/1.1 307 .*location: \/info/is],
  ['//info', /^HTTP\/1.1 200 .*KsqlServerInfo/s],
  ['/info/', /^HTTP\/1.1 200 /],
  ['/./info', /^HTTP\/1.1 200 /],
  ['/a/../info', /^HTTP\/1.1 200 /],
  ['http://[', /^HTTP\/1.1 307 /],
  ['http://x', /^HTTP\/1.1 307 /],
  ['http://x/info', /^HTTP\/1.1 200 /],
  ['*', /^HTTP\/1.1 404 .*content-length: 0/is],
  ['/%', /^HTTP\/1.1 400 .*Bad Request$/s],
  ['/%zz', /^HTTP\/1.1 400 .*Bad Request$/s],
  ['/%69nfo', /^HTTP\/1.1 200 .*KsqlServerInfo/s],
  ['/a/%2e%2e/info', /^HTTP\/1.1 200 .*KsqlServerInfo/s],
  ['/status/x/y/z', /^HTTP\/1.1 500 (?!.*content-type)/is],
  ['/info%2f', /^HTTP\/1.1 404 .*Resource not found/s],
  ['/is_valid_property/%ff', /^HTTP\/1.1 200 .*true$/s],
  ['/?a=%zz', /^HTTP\/1.1 307 /],
  ['/info#x', /^HTTP\/1.1 404 .*Resource not found/s],
  ['/\\info', /^HTTP\/1.1 404 .*Resource not found/s],
];

describe("targets that are odd are answered as ksqlDB's server answers them", () => {
  test.each(ANSWERS)('%s', async (target, answer) => {
    expect(await answerTo(target)).toMatch(answer);
  });

  test('over HTTP/2 and for WebSocket, too', async () => {
    const session = connectHttp2(server.url);
    const [headers] = await once(session.request({ ':path': '//' }).resume(), 'response');
    expect(headers).toMatchObject({ ':status': 307, location: '/info' });
    session.destroy();
    const upgrade =
      'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    // Where no WebSocket is spoken the offer is passed over.
    expect(await answerTo('//', upgrade)).toMatch(/^HTTP\/1.1 307 /);
    expect(await answerTo('/ws/nope', upgrade)).toMatch(/^HTTP\/1.1 404 /);
  });

  test('a WebSocket of draft 7, as Vert.x speaks it when it is told to', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      'GET /ws/query?request=%7B%7D HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 7\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 101 /);
    socket.destroy();
  });

  test('a client that offers HTTP/2 is answered over HTTP/1.1', async () => {
    const offer = 'upgrade: h2c\r\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA\r\n';
    expect(await answerTo('/info', offer)).toMatch(/^HTTP\/1.1 200 .*KsqlServerInfo/s);
  });
});
