import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RowContent } from '../../../engine/api/answer-rows.ts';
import type { KsqlClient } from '../../../engine/api/client.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import type { RowRecord, TopicRecord } from '../../../engine/api/protocol.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;
let client: KsqlClient;

beforeAll(async () => {
  engine = await openEngine({ properties: {} });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  client = httpClient({ url: server.url });
  await client.execute(`
    CREATE STREAM orders (id INT KEY, item STRING) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', PARTITIONS=1);
    SET 'cache.max.bytes.buffering' = '0';
    CREATE TABLE counts AS SELECT item, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY item;
    INSERT INTO orders (rowtime, id, item) VALUES (1000, 1, 'apple');
    INSERT INTO orders (rowtime, id, item) VALUES (2000, 2, 'pear');
    INSERT INTO orders (rowtime, id, item) VALUES (3000, 3, 'apple');`);
});

afterAll(async () => {
  client.close();
  await server.close();
  await engine.close();
});

async function rowsOf(sql: string, records?: boolean): Promise<readonly RowContent[]> {
  const properties = { 'auto.offset.reset': 'earliest' };
  const rows: RowContent[] = [];
  for await (const events of await client.query(sql, { properties, ...(records ? { records } : {}) }))
    for (const event of events) if (event.kind === 'row') rows.push(event.content);
  return rows;
}

test('rows tell the record that gave them, where they are asked to', async () => {
  const record = (offset: number, timestampMs: number): RowRecord => ({
    topic: 'orders',
    partition: 0,
    offset,
    timestampMs,
  });
  expect(await rowsOf('SELECT * FROM orders EMIT CHANGES LIMIT 2;', true)).toMatchObject([
    { values: [1, 'apple'], record: record(0, 1000) },
    { values: [2, 'pear'], record: record(1, 2000) },
  ]);
  // A table's rows come once what the topic holds is processed; each tells its own record all the same.
  expect(await rowsOf('SELECT item, COUNT(*) FROM orders GROUP BY item EMIT CHANGES LIMIT 2;', true)).toMatchObject([
    { values: ['pear', 1], record: record(1, 2000) },
    { values: ['apple', 2], record: record(2, 3000) },
  ]);
});

test('rows are as ksqlDB sends them otherwise', async () => {
  const rows = await rowsOf('SELECT * FROM orders EMIT CHANGES LIMIT 1;');
  expect(rows).toEqual([{ values: [1, 'apple'], tombstone: false }]);
});

test('a single record is found by its place', async () => {
  const at = async (offset: number) =>
    (await client.workbench(`/topics/orders/records?partition=0&offset=${offset}`)) as readonly TopicRecord[];
  expect(await at(1)).toEqual([
    { partition: 0, offset: 1, timestampMs: 2000, key: '0x00000002', value: '{"ITEM":"pear"}', headers: [] },
  ]);
  expect(await at(99)).toEqual([]);
  const window = { startMs: 0, endMs: 3_600_000 };
  await expect
    .poll(() => client.workbench('/topics/COUNTS/records?partition=0&offset=1'))
    .toMatchObject([{ offset: 1, key: 'pear', window, value: '{"N":1}' }]);
  expect((await client.workbench('/topics/orders/records')) as readonly TopicRecord[]).toHaveLength(3);
});
