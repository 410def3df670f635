import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KsqlClient } from '../../engine/rest/client.ts';
import { startKsql, Workplace } from '../support/ksql-command.ts';
import { Chance, hostileHttp1, hostileHttp2, hostileWebSocket } from './hostile-bytes.ts';

const REQUESTS = 10_000;
const AT_ONCE = 40;
/** How long an answer is waited for, in milliseconds; most of these requests get none. */
const PATIENCE_MS = 20;

const given = process.env['KSQL_TEST_SEED'];
const seed = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given ?? 7_919);

const place = new Workplace();
let child: ChildProcess;
let client: KsqlClient;
let port: number;
let complaints = '';

beforeAll(async () => {
  child = startKsql(['serve', '--listen', '127.0.0.1:0', '--no-token'], place.folder);
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const url = await new Promise<string>((resolve) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const [, found] = /listening on (\S+)/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  port = Number(new URL(url).port);
  client = new KsqlClient({ url });
  await client.execute(
    "CREATE STREAM hostile (id INT) WITH (KAFKA_TOPIC='hostile', VALUE_FORMAT='JSON', PARTITIONS=1);",
  );
});

afterAll(async () => {
  client.close();
  child.kill();
  await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(undefined)));
  place.remove();
});

/** Sends bytes, in one piece or in two, waits a little for an answer, and goes away, politely or not. */
function attack(bytes: Buffer, chance: Chance): Promise<void> {
  const cut = chance.below(3) === 0 ? chance.below(bytes.length) : bytes.length;
  const leave = chance.below(3);
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.on('data', () => {});
    socket.on('connect', () => {
      socket.write(bytes.subarray(0, cut));
      if (cut < bytes.length) setImmediate(() => socket.writable && socket.write(bytes.subarray(cut)));
      setTimeout(() => {
        if (leave === 0) socket.end();
        else if (leave === 1) socket.resetAndDestroy();
        else socket.destroy();
      }, PATIENCE_MS);
    });
  });
}

const openFiles = () => readdirSync(`/proc/${child.pid}/fd`).length;

test('ten thousand broken requests end nothing, and leave nothing behind', { timeout: 120_000 }, async () => {
  const told = `after broken requests of the seed ${seed} (KSQL_TEST_SEED=${seed} sends them again); it said: `;
  const isLinux = existsSync(`/proc/${child.pid}/fd`);
  await client.info();
  const before = isLinux ? openFiles() : 0;
  const chance = new Chance(seed);
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
    const attacks = Array.from({ length: AT_ONCE }, () =>
      chance.oneOf([hostileHttp1, hostileHttp2, hostileWebSocket])(chance),
    );
    await Promise.all(attacks.map((bytes) => attack(bytes, chance)));
    if (child.exitCode !== null) break;
  }
  expect(child.exitCode ?? child.signalCode, `The process has ended ${told}${complaints}`).toBeNull();
  expect(complaints).toBe('');
  expect(await client.info()).toMatchObject({ KsqlServerInfo: { serverStatus: 'RUNNING' } });
  await expect
    .poll(() => client.execute('SHOW QUERIES;'), { message: `Queries are left ${told}` })
    .toMatchObject([{ queries: [] }]);
  if (isLinux) await expect.poll(openFiles, { message: `Sockets are left ${told}` }).toBeLessThanOrEqual(before + 1);
});
