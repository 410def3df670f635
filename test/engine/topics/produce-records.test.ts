import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KsqlClient } from '../../../engine/api/client.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import {
  appendRecords,
  captureLines,
  produceRecords,
  topicRecordForm,
} from '../../../engine/api/topics/topics-client.ts';
import type { ProducedRecord } from '../../../engine/api/topics/topics-protocol.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;
let client: KsqlClient;

beforeAll(async () => {
  engine = await openEngine({});
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  client = httpClient({ url: server.url });
  await client.execute(`
    CREATE STREAM orders (id INT KEY, item STRING, price DECIMAL(6, 2), parts ARRAY<STRUCT<n BIGINT>>)
      WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', PARTITIONS=2);
    CREATE STREAM avro (k STRING KEY, n INT) WITH (KAFKA_TOPIC='avro', VALUE_FORMAT='AVRO', PARTITIONS=1);
    CREATE STREAM pairs (a INT KEY, b STRING KEY, n INT) WITH (KAFKA_TOPIC='pairs', FORMAT='JSON', PARTITIONS=1);`);
  await appendRecords(client, [
    '{"topic":"plain","partitions":1}',
    '{"topic":"seen","partitions":1}',
    '{"topic":"seen","keyBase64":"AAAAQQ==","value":{"A":1}}',
  ]);
});
afterAll(async () => {
  client.close();
  await server.close();
  await engine.close();
});

/** The newest records of a topic as a fixture shows them. */
async function written(topic: string, last: number): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  for await (const line of captureLines(client, { topics: [topic], last })) lines.push(JSON.parse(line));
  return lines.filter((line) => 'offset' in line);
}

describe('what a record looks like', () => {
  test('is told by the columns of the source that reads the topic', async () => {
    const form = (await topicRecordForm(client, 'orders'))!;
    expect(form).toMatchObject({
      topic: 'orders',
      source: 'ORDERS',
      example: { key: 0, value: { ITEM: '', PRICE: 0, PARTS: [] } },
      schema: {
        properties: {
          key: { title: 'ID', description: 'INTEGER', type: ['integer', 'null'] },
          value: {
            anyOf: [
              {
                additionalProperties: false,
                properties: {
                  ITEM: { description: 'STRING' },
                  PRICE: { description: 'DECIMAL(6, 2)' },
                  PARTS: { items: { properties: { N: { description: 'BIGINT' } } } },
                },
              },
              { type: 'null' },
            ],
          },
        },
      },
    });
  });

  test('or by what the topic holds, or not at all', async () => {
    expect(await topicRecordForm(client, 'seen')).toMatchObject({ example: { key: 0, value: { A: 0 } } });
    expect(await topicRecordForm(client, 'plain')).toMatchObject({ example: { key: '', value: '' } });
    await expect(topicRecordForm(client, 'nowhere')).rejects.toThrow("Topic 'nowhere' does not exist.");
  });
});

test('records are written by the columns, with key, headers, time and partition', async () => {
  const records: ProducedRecord[] = [
    {
      key: 7,
      value: { item: 'apple', PRICE: '2.50', parts: [{ n: 1 }] },
      headers: { trace: 'a1', empty: null },
      timestamp: '1970-01-01T00:00:01Z',
      partition: 1,
    },
    { key: 7, value: null, timestamp: 2000, partition: 1, headers: [{ name: 'a', value: '1' }, { name: 'a' }] },
  ];
  expect(await produceRecords(client, 'orders', records)).toEqual({ written: 2, problems: [] });
  expect(await written('orders', 2)).toEqual([
    {
      topic: 'orders',
      partition: 1,
      offset: 0,
      timestamp: 1000,
      headers: [
        { name: 'trace', valueText: 'a1' },
        { name: 'empty', value: null },
      ],
      keyBase64: 'AAAABw==',
      valueText: '{"ITEM":"apple","PRICE":2.50,"PARTS":[{"N":1}]}',
    },
    {
      topic: 'orders',
      partition: 1,
      offset: 1,
      timestamp: 2000,
      headers: [
        { name: 'a', value: 1 },
        { name: 'a', value: null },
      ],
      keyBase64: 'AAAABw==',
      value: null,
    },
  ]);
});

test('in the format of the source', async () => {
  expect(await produceRecords(client, 'avro', [{ key: 'a', value: { n: 5 } }])).toMatchObject({ written: 1 });
  const stream = await client.query('SELECT k, n FROM avro EMIT CHANGES LIMIT 1;', {
    properties: { 'auto.offset.reset': 'earliest' },
  });
  for await (const [event] of stream) if (event?.kind === 'row') expect(event.content.values).toEqual(['a', 5]);
  const first = await produceRecords(client, 'pairs', [{ key: { A: 1, B: 'x' }, value: { N: 2 } }]);
  expect(first).toEqual({ written: 1, problems: [], place: { partition: 0, offset: 0 } });
  expect(await written('pairs', 1)).toMatchObject([{ key: { A: 1, B: 'x' }, value: { N: 2 } }]);
});

test('without a schema text is text, and all else JSON; keys are in the format of those that are there', async () => {
  await produceRecords(client, 'plain', [{ key: 'k', value: 'free text' }, { value: { any: [1] } }]);
  expect(await written('plain', 2)).toMatchObject([
    { keyText: 'k', valueText: 'free text' },
    { key: null, value: { any: [1] } },
  ]);
  await produceRecords(client, 'seen', [{ key: 66, value: { B: 12345678901234567890n as unknown as number } }]);
  expect(await written('seen', 1)).toMatchObject([{ keyBase64: 'AAAAQg==', valueText: '{"B":12345678901234567890}' }]);
});

test.each<[string, string, ProducedRecord, string]>([
  [
    'orders',
    'a misspelt column',
    { key: 1, value: { itm: 'a' } },
    'There is no value column ITM, but ITEM, PRICE, PARTS.',
  ],
  ['orders', 'a value of another type', { key: 1, value: { PARTS: 3 } }, 'PARTS: '],
  ['orders', 'no value', { key: 1 }, 'null is a tombstone'],
  ['orders', 'no object', { key: 1, value: 3 }, 'The value is an object with the columns ITEM, PRICE, PARTS.'],
  ['orders', 'a misspelt field', { key: 1, value: null, keys: 3 } as ProducedRecord, 'A record has no keys'],
  ['orders', 'no time', { key: 1, value: null, timestamp: 'noon' }, 'The timestamp is'],
  ['orders', 'a partition that there is not', { key: 1, value: null, partition: 2 }, 'partitions 0 to 1, and no 2'],
  ['orders', 'headers that are none', { key: 1, value: null, headers: { a: 1 } as never }, 'Headers have names'],
  ['seen', 'a key of another format', { key: { a: 1 }, value: null }, 'format KAFKA_INT'],
])('into %s: %s is refused, and the others are written', async (topic, _, record, message) => {
  const good = { key: 1, value: null };
  expect(await produceRecords(client, topic, [good, record, good])).toEqual({
    written: 2,
    problems: [{ record: 1, message: expect.stringContaining(message) }],
  });
});

test('what a query writes with windows takes none', async () => {
  await client.execute(
    'CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM avro WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY k;',
  );
  await expect(produceRecords(client, 'COUNTS', [])).rejects.toThrow('COUNTS has windows');
});
