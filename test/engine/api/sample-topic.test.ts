import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KsqlClient } from '../../../engine/api/client.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import { createFromRegistry, sampleRecords } from '../../../engine/api/sample-topic.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;
let client: KsqlClient;

beforeEach(async () => {
  engine = await openEngine({ properties: {} });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  client = httpClient({ url: server.url });
  await engine.execute(`CREATE STREAM a (id INT KEY, n INT) WITH (KAFKA_TOPIC='page-views', VALUE_FORMAT='AVRO', PARTITIONS=1);
    CREATE STREAM j (id INT KEY, n INT, s STRUCT<t STRING>) WITH (KAFKA_TOPIC='j', VALUE_FORMAT='JSON', PARTITIONS=1);
    CREATE STREAM d (id INT KEY, n INT, m INT) WITH (KAFKA_TOPIC='d', VALUE_FORMAT='DELIMITED', PARTITIONS=1);
    INSERT INTO j VALUES (1, 2, STRUCT(t := 'x, y'));
    INSERT INTO j VALUES (2, 3, NULL);
    INSERT INTO d VALUES (1, 2, 3);`);
});

afterEach(async () => {
  client.close();
  await server.close();
  await engine.close();
});

test('a topic that the registry knows needs no columns, and the statement is one that the server takes', async () => {
  const text = await createFromRegistry(client, 'page-views');
  expect(text).toContain("KAFKA_TOPIC = 'page-views',\n  VALUE_FORMAT = 'AVRO'");
  await engine.execute(text!);
  const [described] = await client.execute('DESCRIBE page_views;');
  expect(JSON.stringify(described)).toContain('"N"');
  expect(await createFromRegistry(client, 'j')).toBeUndefined();
  expect(await createFromRegistry(client, 'nothing')).toBeUndefined();
});

test('of another topic the first records are read, as far as they are JSON objects', async () => {
  const records = await sampleRecords(client, 'j');
  expect(records.map((record) => JSON.parse(record))).toMatchObject([{ N: 2, S: { T: 'x, y' } }, { N: 3 }]);
  expect(await sampleRecords(client, 'd')).toEqual([]);
}, 20_000);
