import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KsqlClient } from '../../../engine/api/client.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { Engine } from '../../../engine/index.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

const QUERIES = 1000;
const AT_ONCE = 50;

let engine: Engine;
let server: RestServer;
let client: KsqlClient;

beforeAll(async () => {
  engine = await Engine.open({ broker: new MemoryBroker() });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  client = httpClient({ url: server.url });
  await client.execute(
    "CREATE STREAM clicks (who STRING KEY, ms BIGINT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS=2);",
  );
  await client.execute("INSERT INTO clicks VALUES ('ann', 1); INSERT INTO clicks VALUES ('bob', 9007199254740993);");
});

afterAll(async () => {
  client.close();
  await server.close();
  await engine.close();
});

test('a thousand push queries start and stop, and the server goes on answering', async () => {
  for (let started = 0; started < QUERIES; started += AT_ONCE) {
    const streams = await Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        client.query('SELECT * FROM clicks EMIT CHANGES;', { properties: { 'auto.offset.reset': 'earliest' } }),
      ),
    );
    expect(engine.queries.pushCount).toBe(AT_ONCE);
    await client.info();
    // Half of them are ended by their id, half by hanging up.
    await Promise.all(streams.map((stream, i) => (i % 2 === 0 ? client.closeQuery(stream.queryId) : stream.close())));
  }
  await expect.poll(() => engine.queries.pushCount).toBe(0);
  const stream = await client.query('SELECT who, ms FROM clicks EMIT CHANGES LIMIT 2;', {
    properties: { 'auto.offset.reset': 'earliest' },
  });
  const rows: unknown[] = [];
  for await (const events of stream)
    for (const event of events) if (event.kind === 'row') rows.push(event.content.values);
  expect(rows).toHaveLength(2);
  expect(rows).toContainEqual(['bob', 9007199254740993n]);
});

test('persistent queries are created and terminated by the hundred', async () => {
  for (let i = 0; i < 100; i++) {
    const [created] = await client.execute(`CREATE STREAM copy_${i} AS SELECT * FROM clicks;`);
    expect(created).toMatchObject({ commandStatus: { status: 'SUCCESS' } });
  }
  await client.execute('TERMINATE ALL;');
  expect(engine.queries.persistent()).toHaveLength(0);
  expect(await client.execute('SHOW QUERIES;')).toMatchObject([{ queries: [] }]);
});

test('beyond ksql.max.push.queries a push query is refused, and taken once another has ended', async () => {
  const small = await Engine.open({
    broker: new MemoryBroker(),
    properties: new Map([['ksql.max.push.queries', '1']]),
  });
  const door = await startServer(small, { host: '127.0.0.1', port: 0 });
  const asking = httpClient({ url: door.url });
  try {
    await asking.execute(
      "CREATE STREAM a (x INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1); CREATE STREAM b (x INT) WITH (KAFKA_TOPIC='b', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
    const first = await asking.query('SELECT * FROM a EMIT CHANGES;');
    const second = () => asking.query('SELECT * FROM b WHERE x > 1 EMIT CHANGES;');
    await expect(second()).rejects.toMatchObject({ code: 40003, message: 'Maximum number of push queries exceeded' });
    await asking.closeQuery(first.queryId);
    await expect.poll(() => small.queries.pushCount).toBe(0);
    (await second()).close();
  } finally {
    asking.close();
    await door.close();
    await small.close();
  }
});
