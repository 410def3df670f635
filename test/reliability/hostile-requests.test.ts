import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import type { KsqlClient } from '../../engine/api/client.ts';
import { httpClient } from '../../engine/api/http-client.ts';
import { Chance } from '../support/chance.ts';
import { type Served, serveKsql, Workplace } from '../support/ksql-command.ts';
import { hostileHttp1, hostileHttp2, hostileWebSocket } from './hostile-bytes.ts';

const AT_ONCE = 40;
/** How long an answer is waited for, in milliseconds; most of these requests get none. */
const PATIENCE_MS = 20;

const given = process.env['KSQL_TEST_SEED'];
const seed = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given ?? 7_919);

const tlsFile = (name: string) => path.join(import.meta.dirname, '../fixtures/tls', name);
const TLS = ['--tls-cert', tlsFile('cert.pem'), '--tls-key', tlsFile('key.pem')];
const ca = readFileSync(tlsFile('cert.pem'));

const place = new Workplace();
const children: ChildProcess[] = [];

afterAll(async () => {
  for (const child of children) {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  place.remove();
});

interface Victim extends Served {
  readonly client: KsqlClient;
  readonly port: number;
}

async function startVictim(...args: string[]): Promise<Victim> {
  const served = await serveKsql(['--listen', '127.0.0.1:0', '--no-token', ...args], place.folder);
  children.push(served.child);
  const client = httpClient({ url: served.url, tls: { ca } });
  await client.execute(
    "CREATE STREAM hostile (id INT) WITH (KAFKA_TOPIC='hostile', VALUE_FORMAT='JSON', PARTITIONS=1);",
  );
  return { ...served, client, port: Number(new URL(served.url).port) };
}

/** Sends bytes, in one piece or in two, waits a little for an answer, and goes away, politely or not. */
function attack(connect: () => Socket, bytes: Buffer, chance: Chance): Promise<void> {
  const cut = chance.below(3) === 0 ? chance.below(bytes.length) : bytes.length;
  const leave = chance.below(3);
  return new Promise((resolve) => {
    const socket = connect();
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.on('data', () => {});
    socket.on(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      socket.write(bytes.subarray(0, cut));
      if (cut < bytes.length) setImmediate(() => socket.writable && socket.write(bytes.subarray(cut)));
      setTimeout(() => {
        if (leave === 0) socket.end();
        else if (leave === 1 && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
        else socket.destroy();
      }, PATIENCE_MS);
    });
  });
}

const openFiles = ({ child }: Victim): number => readdirSync(`/proc/${child.pid}/fd`).length;

/** Sends so many broken requests, and looks whether the process is what it was before. */
async function survives(victim: Victim, requests: number, connect: (chance: Chance) => () => Socket): Promise<void> {
  const { child, client, said } = victim;
  const told = `after broken requests of the seed ${seed} (KSQL_TEST_SEED=${seed} sends them again)`;
  const isLinux = existsSync(`/proc/${child.pid}/fd`);
  await client.info();
  const before = isLinux ? openFiles(victim) : 0;
  const chance = new Chance(seed);
  for (let sent = 0; sent < requests && child.exitCode === null; sent += AT_ONCE) {
    const attacks = Array.from({ length: AT_ONCE }, () =>
      chance.pick([hostileHttp1, hostileHttp2, hostileWebSocket])(chance),
    );
    await Promise.all(attacks.map((bytes) => attack(connect(chance), bytes, chance)));
  }
  expect(child.exitCode ?? child.signalCode, `The process has ended ${told}: ${said()}`).toBeNull();
  expect(said(), told).toBe('');
  expect(await client.info()).toMatchObject({ KsqlServerInfo: { serverStatus: 'RUNNING' } });
  await expect
    .poll(() => client.execute('SHOW QUERIES;'), { message: `Queries are left ${told}` })
    .toMatchObject([{ queries: [] }]);
  if (isLinux)
    await expect.poll(() => openFiles(victim), { message: `Sockets are left ${told}` }).toBeLessThanOrEqual(before + 1);
  client.close();
}

test('ten thousand broken requests end nothing, and leave nothing behind', { timeout: 120_000 }, async () => {
  const victim = await startVictim();
  await survives(victim, 10_000, () => () => connectTcp(victim.port, '127.0.0.1'));
});

test('nor do they within TLS, and where TLS is expected', { timeout: 120_000 }, async () => {
  const victim = await startVictim(...TLS);
  const { port } = victim;
  await survives(victim, 400, (chance) =>
    chance.below(4) === 0
      ? () => connectTcp(port, '127.0.0.1')
      : () => connectTls({ port, host: '127.0.0.1', ca, ALPNProtocols: chance.pick([['h2'], ['http/1.1'], []]) }),
  );
});
