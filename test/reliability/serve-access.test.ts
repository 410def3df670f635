import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { httpClient } from '../../engine/api/http-client.ts';
import { type ListenChoice, listenSettings } from '../../engine/rest/listen-options.ts';
import { endOf, type Served, serveKsql, startKsql, Workplace } from '../support/ksql-command.ts';

const CERT = path.join(import.meta.dirname, '../fixtures/tls/cert.pem');
const KEY = path.join(import.meta.dirname, '../fixtures/tls/key.pem');
const TLS = ['--tls-cert', CERT, '--tls-key', KEY];
const CREATE = "CREATE STREAM s (id INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);";

const place = new Workplace();
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});
afterAll(() => place.remove());

async function serve(...args: string[]): Promise<Served> {
  const served = await serveKsql(args, place.folder);
  children.push(served.child);
  return served;
}

describe('over TLS', () => {
  test('HTTP/1.1, HTTP/2 and WebSocket answer, and clear text gets nothing', async () => {
    const { url } = await serve('--listen', '127.0.0.1:0', '--token', 'sesame', ...TLS);
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    const ca = readFileSync(CERT);
    const port = Number(new URL(url).port);
    const client = httpClient({ url, credentials: { kind: 'bearer', token: 'sesame' }, tls: { ca } });
    await client.execute(CREATE);
    client.close();

    const session = connectHttp2(url, { ca });
    const headers = { ':path': '/info', authorization: 'Bearer sesame' };
    const [answer] = await once(session.request(headers).resume(), 'response');
    expect([session.alpnProtocol, answer[':status']]).toEqual(['h2', 200]);
    session.destroy();

    const request = encodeURIComponent(JSON.stringify({ ksql: 'SELECT * FROM s;' }));
    const socket = new WebSocket(`${url.replace('https', 'wss')}/ws/query?request=${request}&access_token=sesame`, {
      ca,
    });
    const [frame] = await once(socket, 'message');
    expect(JSON.parse(String(frame))).toMatchObject([{ name: 'ID' }]);
    socket.terminate();

    const clear = connectTcp(port, '127.0.0.1').on('error', () => {});
    clear.write('GET /chc/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
    let text = '';
    clear.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    await once(clear, 'close');
    expect(text).not.toContain('HTTP/');

    const old = connectTls({ port, ca, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    expect((await once(old, 'error'))[0].message).toMatch(/protocol version|unsupported protocol|no protocols/i);
    await httpClient({ url, credentials: { kind: 'bearer', token: 'sesame' }, tls: { ca } }).info();
  });

  test('the command line believes --ca, and nobody else', { timeout: 60_000 }, async () => {
    const { url } = await serve('--listen', '127.0.0.1:0', '--basic-auth', 'ann:se:cret', ...TLS);
    const script = place.write('show.ksql', 'SHOW STREAMS;');
    const who = ['--server', url, '--user', 'ann'];
    const [right, wrong, strange] = await Promise.all([
      place.run(['run', script, ...who, '--password', 'se:cret', '--ca', CERT]),
      place.run(['run', script, ...who, '--password', 'secret', '--ca', CERT]),
      place.run(['run', script, ...who, '--password', 'se:cret']),
    ]);
    expect(right).toMatchObject({ code: 0, stderr: '' });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('The token or the password is not one') });
    expect(strange).toMatchObject({ code: 1, stderr: expect.stringMatching(/self-signed certificate/) });
  });

  test("ksqlDB's own properties of a PEM file do, too", async () => {
    const pem = place.write('both.pem', readFileSync(KEY, 'utf8') + readFileSync(CERT, 'utf8'));
    const properties = ['ssl.keystore.type=PEM', `ssl.keystore.location=${pem}`].flatMap((each) => [
      '--property',
      each,
    ]);
    const { url } = await serve('--listen', 'https://127.0.0.1:0', '--no-token', ...properties);
    const client = httpClient({ url, tls: { ca: readFileSync(CERT) } });
    expect(await client.info()).toMatchObject({ KsqlServerInfo: { serverStatus: 'RUNNING' } });
    client.close();
  });
});

describe('users with passwords', () => {
  const infoOf = async (url: string, user: string, password: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    return (await fetch(`${url}/info`, { headers: { authorization } })).status;
  };

  test('come from a file, and no token is made up for them', async () => {
    const file = place.write('users', '# who may\nann:one\n\nbob:two\n');
    const { url, said } = await serve('--listen', '127.0.0.1:0', '--basic-auth-file', file);
    expect(said()).not.toContain('token');
    const statuses = [
      await infoOf(url, 'ann', 'one'),
      await infoOf(url, 'bob', 'two'),
      await infoOf(url, 'bob', 'one'),
    ];
    expect(statuses).toEqual([200, 200, 401]);
    expect((await fetch(`${url}/info`)).headers.get('www-authenticate')).toBe('Basic realm="KSQL"');
  });

  test.skipIf(!existsSync('/proc/self/cmdline'))('do not stand in the list of processes', async () => {
    const { child, url } = await serve('--listen', '127.0.0.1:0', '--basic-auth', 'ann:swordfish', '--token', 'sesame');
    expect(await infoOf(url, 'ann', 'swordfish')).toBe(200);
    expect(readFileSync(`/proc/${child.pid}/cmdline`, 'latin1')).not.toMatch(/swordfish|sesame/);
  });
});

describe('what it says when it starts', () => {
  const warnings = (choice: ListenChoice) => listenSettings(choice, {}).warnings.join('\n');

  test('beyond loopback, that there is no token and no TLS', async () => {
    const { said } = await serve('--listen', '0.0.0.0:0', '--no-token');
    expect(said()).toMatch(/whoever reaches 0\.0\.0\.0:0 can run statements/);
    expect(said()).toMatch(/can be read on its way/);
    expect(warnings({ listen: '[::]:0', token: 'sesame' })).toMatch(
      /^warning: what goes to and from \[::\]:0, [^\n]*$/,
    );
    expect(warnings({ listen: '0.0.0.0:0', basicAuth: ['ann:one'], tlsCert: CERT, tlsKey: KEY })).toBe('');
  });

  test.each(['localhost:0', '127.0.0.1:8088', '[::1]:0', '8088'])('nothing of that on %s', (listen) => {
    expect(warnings({ listen, token: false })).toBe('');
  });

  test.each<[Partial<ListenChoice>, RegExp]>([
    [{ tlsCert: CERT }, /--tls-cert and --tls-key go together/],
    [{ tlsCert: 'nowhere.pem', tlsKey: KEY }, /--tls-cert nowhere\.pem cannot be read/],
    [{ listen: 'https://127.0.0.1:0' }, /needs a certificate/],
    [{ basicAuth: ['secretonly'] }, /--basic-auth: write USER:PASSWORD/],
    [{ basicAuth: ['ann:'] }, /--basic-auth: write USER:PASSWORD/],
    [{ listen: 'nowhere' }, /--listen takes HOST:PORT/],
    [{ listen: '127.0.0.1:99999' }, /--listen takes HOST:PORT/],
    [{ property: { 'ksql.advertised.listener': 'nowhere' } }, /ksql\.advertised\.listener takes a URL/],
  ])('what is wrong with %j', (choice, message) => {
    expect(() => listenSettings({ listen: '127.0.0.1:0', ...choice }, {})).toThrow(message);
    expect(() => listenSettings({ listen: '127.0.0.1:0', ...choice }, {})).not.toThrow(/secretonly/);
  });

  test('a certificate that is none, and an option that means nothing, end it', async () => {
    for (const [args, message] of [
      [['--tls-cert', KEY, '--tls-key', KEY], /127\.0\.0\.1:0 cannot be listened on/],
      [['--tls-cert', CERT], /--tls-cert and --tls-key go together/],
    ] as const) {
      const { code, stderr } = await endOf(startKsql(['serve', '--listen', '127.0.0.1:0', ...args], place.folder));
      expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    }
  });
});
