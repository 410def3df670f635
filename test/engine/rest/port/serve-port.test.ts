import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClientError, type KsqlClient, type QueryEvent } from '../../../../engine/api/client.ts';
import type { Port } from '../../../../engine/api/port/messages.ts';
import { portClient } from '../../../../engine/api/port/port-client.ts';
import type { Engine } from '../../../../engine/index.ts';
import { openEngine } from '../../../../engine/open-engine.ts';
import { servePort } from '../../../../engine/rest/port/serve-port.ts';

let engine: Engine;
let client: KsqlClient;

beforeEach(async () => {
  engine = await openEngine({});
  const { port1, port2 } = new MessageChannel() as unknown as Readonly<Record<'port1' | 'port2', Port>>;
  servePort(engine, port2);
  client = portClient(port1);
});

afterEach(async () => {
  client.close();
  await engine.close();
});

const FROM_BEGINNING = { properties: { 'auto.offset.reset': 'earliest' } };

const makeStream = () =>
  client.execute(
    `CREATE STREAM s (id INT KEY, name STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);`,
  );

test('statements, rows, and what the engine knows go over a port as they go over HTTP', async () => {
  await makeStream();
  await client.execute(`INSERT INTO s VALUES (1, 'Zoë'); INSERT INTO s VALUES (2, '😀');`);
  const stream = await client.query('SELECT * FROM s EMIT CHANGES LIMIT 2;', FROM_BEGINNING);
  expect(stream.columns.map(({ name }) => name)).toEqual(['ID', 'NAME']);
  const events: QueryEvent[] = [];
  for await (const batch of stream) events.push(...batch);
  expect(events.map((event) => (event.kind === 'row' ? event.content.values : event.kind))).toEqual([
    [1, 'Zoë'],
    [2, '😀'],
    'end',
  ]);
  expect(await client.statistics()).toEqual([]);
  expect((await client.info()).KsqlServerInfo.serverStatus).toBe('RUNNING');
});

test('an error has its status, its code and its statement', async () => {
  const failure = await client.execute('SELECT nothing;').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ClientError);
  expect(failure).toMatchObject({ status: 400, code: 40001 });
});

test('PRINT gives its lines', async () => {
  await makeStream();
  await client.execute(`INSERT INTO s VALUES (1, 'one');`);
  const lines: string[] = [];
  for await (const line of client.print('PRINT s FROM BEGINNING LIMIT 1;')) lines.push(line);
  expect(lines.at(-1)).toContain('value: {"NAME":"one"}');
});

test('a client that leaves its rows ends the query', async () => {
  await makeStream();
  const stream = await client.query('SELECT * FROM s EMIT CHANGES;', FROM_BEGINNING);
  expect([...engine.queries.all()]).toHaveLength(1);
  stream.close();
  await expect.poll(() => [...engine.queries.all()].length).toBe(0);
});

test('a client that takes a request back ends the query', async () => {
  await makeStream();
  const abort = new AbortController();
  const stream = await client.query('SELECT * FROM s EMIT CHANGES;', { ...FROM_BEGINNING, signal: abort.signal });
  const reading = (async () => {
    for await (const _ of stream);
  })();
  abort.abort();
  await expect(reading).rejects.toThrow('taken back');
  await expect.poll(() => [...engine.queries.all()].length).toBe(0);
});

test('a client that is closed fails what is still under way, and what is asked of it later', async () => {
  await makeStream();
  const stream = await client.query('SELECT * FROM s EMIT CHANGES;', FROM_BEGINNING);
  const reading = (async () => {
    for await (const _ of stream);
  })();
  client.close();
  await expect(reading).rejects.toMatchObject({ status: 0 });
  await expect(client.info()).rejects.toMatchObject({ status: 0 });
});

test('a client that reads nothing holds its query back', async () => {
  await client.execute(
    `CREATE STREAM long (text STRING) WITH (KAFKA_TOPIC='long', VALUE_FORMAT='JSON', PARTITIONS=1);`,
  );
  const rows = 4000;
  const insert = `INSERT INTO long VALUES ('${'x'.repeat(1000)}');`.repeat(1000);
  for (let n = 0; n < rows; n += 1000) await client.execute(insert);
  const sql = `SELECT * FROM long EMIT CHANGES LIMIT ${rows};`;
  const stream = await client.query(sql, FROM_BEGINNING);
  // Anything that may still come has the time to come.
  await expect.poll(async () => (await client.info()).KsqlServerInfo.serverStatus).toBe('RUNNING');
  expect([...engine.queries.all()]).toHaveLength(1);
  let read = 0;
  for await (const events of stream) read += events.filter(({ kind }) => kind === 'row').length;
  expect(read).toBe(rows);
});
