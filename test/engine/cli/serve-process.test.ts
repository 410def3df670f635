import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { httpClient } from '../../../engine/api/http-client.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { CLI, endOf, Workplace } from '../../support/ksql-command.ts';

const place = new Workplace();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => place.remove());

/** Starts `ksql serve` as the extension does: with a channel, and with what is secret in the environment. */
function startServe(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(process.execPath, [CLI, 'serve', '--listen', '127.0.0.1:0', ...args], {
    cwd: place.folder,
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  return child;
}

/** What a process that ends by itself has said, on its channel and otherwise. */
async function ended(child: ChildProcess) {
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  return { ...(await endOf(child)), messages };
}

test('where it listens is told over the channel; token and settings of the environment count, and are not said', async () => {
  const properties = {
    'ksql.streams.auto.offset.reset': 'earliest',
    'ksql.service.id': 'mine',
    'sasl.password': 'hush',
  };
  const child = startServe([], { KSQL_TOKEN: 'sesame', KSQL_PROPERTIES: JSON.stringify(properties) });
  const all = ended(child);
  const [{ kind, url }] = await once(child, 'message');
  expect(kind).toBe('listening');
  const client = httpClient({ url, credentials: { kind: 'bearer', token: 'sesame' } });
  const [entity] = await client.execute('SHOW PROPERTIES;');
  expect((await client.info()).KsqlServerInfo.ksqlServiceId).toBe('mine');
  client.close();
  expect(entity).toMatchObject({
    properties: expect.arrayContaining([
      expect.objectContaining({ name: 'ksql.streams.auto.offset.reset', value: 'earliest' }),
    ]),
  });
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await all;
  expect(code).toBe(0);
  expect(stdout).toBe(`listening on ${url}\n`);
  expect(stderr).not.toMatch(/sesame|hush/);
});

test('it ends with the process that has started it', async () => {
  const child = startServe(['--token', 'sesame']);
  await once(child, 'message');
  child.disconnect();
  expect((await once(child, 'exit'))[0]).toBe(0);
});

test('a client that terminates the cluster ends the engine of a window', async () => {
  const child = startServe(['--token', 'sesame']);
  const [{ url }] = await once(child, 'message');
  const headers = { authorization: 'Bearer sesame', 'content-type': 'application/vnd.ksql.v1+json' };
  await fetch(`${url}/ksql/terminate`, { method: 'POST', headers, body: '{}' });
  expect((await once(child, 'exit'))[0]).toBe(0);
});

test('a state directory that another engine has is told over the channel, and the process ends by itself', async () => {
  const stateDir = path.join(place.folder, 'state');
  const engine = await openEngine({ stateDir });
  try {
    const { code, stderr, messages } = await ended(startServe(['--state-dir', stateDir, '--state-wait', '0.2']));
    const message = expect.stringContaining(`is in use by the engine with process id ${process.pid}`);
    expect(messages).toEqual([{ kind: 'refused', message, reason: 'state-in-use' }]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ksql: The state directory .*\n$/);
  } finally {
    await engine.close();
  }
});

test('a state directory that cannot be read is told apart, and --empty-state begins with nothing', async () => {
  const stateDir = path.join(place.folder, 'emptied');
  mkdirSync(stateDir);
  writeFileSync(path.join(stateDir, 'commands.jsonl'), 'what no engine can read\n');
  const { messages } = await ended(startServe(['--state-dir', stateDir]));
  expect(messages).toMatchObject([{ kind: 'refused', reason: 'state' }]);
  const child = startServe(['--state-dir', stateDir, '--empty-state']);
  expect((await once(child, 'message'))[0]).toMatchObject({ kind: 'listening' });
});

test('with --kafka-listen it is a Kafka to others, such as a second engine', async () => {
  const first = startServe(['--no-token', '--kafka-listen', '127.0.0.1:0']);
  const said = ended(first);
  const [{ url, kafka }] = await once(first, 'message');
  expect(kafka).toEqual({ kind: 'open', address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
  const second = startServe(['--no-token', '--bootstrap-server', kafka.address, '--service-id', 'second']);
  const [{ url: secondUrl }] = await once(second, 'message');
  const [one, two] = [httpClient({ url }), httpClient({ url: secondUrl })];
  const orders = `(id INT KEY, item STRING) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 2);`;
  await two.execute(`CREATE STREAM orders ${orders}`);
  await two.execute(`INSERT INTO orders VALUES (1, 'apple');`);
  await one.execute(`CREATE STREAM orders ${orders}`);
  await one.execute(`INSERT INTO orders VALUES (2, 'pear');`);
  expect(JSON.stringify(await one.execute('SHOW TOPICS;'))).toContain('"orders"');
  for (const client of [one, two]) {
    const options = { properties: { 'auto.offset.reset': 'earliest' } };
    const events = await client.query('SELECT item FROM orders EMIT CHANGES LIMIT 2;', options);
    const found: string[] = [];
    for await (const some of events)
      for (const event of some)
        if (event.kind === 'row') found.push(Buffer.from(event.bytes.subarray(event.start, event.end)).toString());
    expect(
      found
        .join()
        .match(/apple|pear/g)
        ?.toSorted(),
    ).toEqual(['apple', 'pear']);
    client.close();
  }
  first.kill('SIGTERM');
  const { code, stdout, stderr } = await said;
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: `Kafka clients: ${kafka.address}\nlistening on ${url}\n`,
    stderr: '',
  });
}, 60_000);

test("a window's engine does without clients of Kafka where their address is taken, and says so; others end", async () => {
  const address = ['--kafka-listen', '192.0.2.1:9092'];
  const reason = expect.stringContaining('--kafka-listen 192.0.2.1:9092 cannot be listened on');
  const [message] = await once(startServe(address), 'message');
  expect(message).toMatchObject({ kind: 'listening', kafka: { kind: 'shut', reason } });
  expect(await place.run(['serve', '--listen', '127.0.0.1:0', ...address])).toMatchObject({ code: 2, stderr: reason });
  expect(await place.run(['serve', '--listen', '127.0.0.1:0', '--kafka-listen', 'nowhere'])).toMatchObject({
    code: 2,
    stderr: 'ksql: --kafka-listen takes HOST:PORT, not nowhere.\n',
  });
}, 60_000);

const NO_KAFKA =
  'Kafka broker 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. Nothing listens there: check host and port, and whether the broker runs.';

test.each<[title: string, args: readonly string[], environment: Record<string, string>, code: number, message: string]>(
  [
    ['an address where no Kafka is', ['--bootstrap-server', '127.0.0.1:1'], {}, 1, NO_KAFKA],
    [
      'a way to log in that there is not',
      ['--bootstrap-server', '127.0.0.1:1', '--property', 'security.protocol=SASL_PLAINTEXT'],
      { KSQL_PROPERTIES: '{"sasl.mechanism":"GSSAPI"}' },
      1,
      'sasl.mechanism',
    ],
    ['settings that are no JSON', [], { KSQL_PROPERTIES: 'a=b' }, 2, 'KSQL_PROPERTIES: give a JSON object'],
    ['a folder that is none', ['--files', 'nowhere'], {}, 2, '--files takes a folder'],
  ],
)(
  '%s is told in a sentence, to people and over the channel',
  async (_title, args, environment, code, message) => {
    const told = await ended(startServe(args, environment));
    expect(told).toMatchObject({
      code,
      messages: [{ kind: 'refused', message: expect.stringContaining(message), reason: 'other' }],
    });
    expect(told.stderr).toMatch(/^ksql: [^\n]*\n$/);
    expect(told.stderr).toContain(message);
  },
  60_000,
);

test('what it says can be read by what collects logs, and it has figures for Prometheus', async () => {
  const child = startServe(['--log-format', 'json', '--listen', '127.0.0.1:0']);
  const all = ended(child);
  const [{ url }] = await once(child, 'message');
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  child.kill('SIGTERM');
  const { stdout, stderr } = await all;
  expect(JSON.parse(stdout)).toMatchObject({ level: 'info', message: `listening on ${url}`, address: url });
  const said = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(said).toMatchObject([{ level: 'info', message: expect.stringMatching(/^token: /), time: expect.any(String) }]);
});
