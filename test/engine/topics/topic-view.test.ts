import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KsqlClient } from '../../../engine/api/client.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import {
  appendRecords,
  closeTopicView,
  findInTopicView,
  openTopicView,
  topicViewPage,
  topicViewRecord,
} from '../../../engine/api/topics/topics-client.ts';
import type { FindRequest, TopicViewPage, TopicViewRequest } from '../../../engine/api/topics/topics-protocol.ts';
import { RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import { fixtureLineText } from '../../../engine/fixtures/fixture-line.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;
let client: KsqlClient;

const ITEMS = ['apple', 'pear', 'quince'];
/** Orders of one topic with three partitions: their times meet in the order of their numbers. */
const order = (i: number) =>
  `{"topic":"orders","partition":${i % 3},"timestamp":${1000 + i * 10},"keyText":"k${i % 7}","value":{"ID":${i},"ITEM":"${ITEMS[i % 3]}","WIDTH":{"CM":${i}}}}`;

beforeAll(async () => {
  engine = await openEngine({});
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  client = httpClient({ url: server.url });
  await appendRecords(client, [
    '{"topic":"orders","partitions":3}',
    ...Array.from({ length: 300 }, (_, i) => order(i)),
  ]);
});
afterAll(async () => {
  client.close();
  await server.close();
  await engine.close();
});

/** A page of a view whose scan has come to its end. */
async function settledPage(id: string, count = 1000, start?: number): Promise<TopicViewPage> {
  for (;;) {
    const page = (await topicViewPage(client, id, count, start))!;
    if (page.scanned >= page.total || page.stopped !== undefined) return page;
  }
}

async function numbersOf(request: TopicViewRequest, topic = 'orders'): Promise<number[]> {
  const { id } = await openTopicView(client, topic, request);
  const { records } = await settledPage(id);
  await closeTopicView(client, id);
  return records.map(({ value }) => (JSON.parse(value!) as { ID: number }).ID);
}

const upTo = (start: number, end: number, step = 1) =>
  Array.from({ length: Math.ceil((end - start) / step) }, (_, i) => start + i * step);

describe('a view', () => {
  test('has the records of all partitions by time, each at its place', async () => {
    const view = await openTopicView(client, 'orders', {});
    expect(view).toMatchObject({
      topic: 'orders',
      partitions: [0, 1, 2].map((partition) => ({ partition, earliest: 0, latest: 100 })),
      formats: { key: 'KAFKA_STRING', value: 'JSON' },
      columns: [
        { name: 'ROWKEY', type: 'STRING', isKey: true },
        { name: 'ID', type: 'INTEGER', isKey: false },
        { name: 'ITEM', type: 'STRING', isKey: false },
        { name: 'WIDTH', type: 'STRUCT<`CM` INTEGER>', isKey: false },
        { name: 'ROWHEADERS', type: 'ARRAY<STRUCT<`KEY` STRING, `VALUE` BYTES>>', isKey: false },
      ],
    });
    expect(view.source).toBeUndefined();
    const last = await settledPage(view.id, 2);
    expect(last).toMatchObject({ end: 300, start: 298, scanned: 300, total: 300 });
    const middle = await settledPage(view.id, 3, 150);
    expect(middle.records).toEqual([
      expect.objectContaining({ place: 150, partition: 0, offset: 50, timestampMs: 2500, key: 'k3' }),
      expect.objectContaining({ place: 151, partition: 1, offset: 50 }),
      expect.objectContaining({ place: 152, partition: 2, offset: 50 }),
    ]);
    expect(await settledPage(view.id, 5, 299)).toMatchObject({ start: 299, records: [{ place: 299 }] });
    expect(await settledPage(view.id, 5, 5000)).toMatchObject({ start: 300, records: [] });
  });

  test('begins where it is asked to, and has the partitions asked for', async () => {
    expect(await numbersOf({ start: { kind: 'beginning' } })).toEqual(upTo(0, 300));
    expect(await numbersOf({ start: { kind: 'newest', records: 6 } })).toEqual(upTo(294, 300));
    expect(await numbersOf({ start: { kind: 'offset', offset: 98 } })).toEqual(upTo(294, 300));
    expect(await numbersOf({ start: { kind: 'offset', offset: 5000 } })).toEqual([]);
    expect(await numbersOf({ start: { kind: 'time', timeMs: 3985 } })).toEqual([299]);
    expect(await numbersOf({ partitions: [1], start: { kind: 'newest', records: 2 } })).toEqual([295, 298]);
  });

  test('goes on as records arrive', async () => {
    await appendRecords(client, ['{"topic":"live","partitions":2}', '{"topic":"live","value":1}']);
    const { id } = await openTopicView(client, 'live', {});
    expect(await settledPage(id)).toMatchObject({ end: 1 });
    await appendRecords(client, ['{"topic":"live","value":2}', '{"topic":"live","value":null}']);
    await expect
      .poll(async () => (await topicViewPage(client, id, 10))?.records.map(({ value }) => value))
      .toEqual(['1', '2', null]);
  });

  test('is at its end where offsets have no records', async () => {
    await engine.broker.createTopic({ name: 'gaps', partitions: 1, replicas: 1 });
    const builder = new RecordBatchBuilder();
    builder.append(null, new TextEncoder().encode('1'), 1000);
    builder.skip(5);
    builder.append(null, new TextEncoder().encode('2'), 2000);
    builder.skip(3);
    await engine.broker.append('gaps', 0, [builder.build()]);
    const { id } = await openTopicView(client, 'gaps', {});
    await expect.poll(() => topicViewPage(client, id, 10)).toMatchObject({ end: 2, scanned: 2, total: 2 });
  });

  test('that was closed is gone', async () => {
    const { id } = await openTopicView(client, 'orders', {});
    await closeTopicView(client, id);
    expect(await topicViewPage(client, id, 1)).toBeUndefined();
    expect(await topicViewRecord(client, id, 0)).toBeUndefined();
    await expect(findInTopicView(client, id, { after: -1, offset: 0 })).rejects.toMatchObject({ status: 404 });
  });

  test('of a topic that is deleted says so', async () => {
    await appendRecords(client, ['{"topic":"brief","partitions":1}', '{"topic":"brief","value":1}']);
    const { id } = await openTopicView(client, 'brief', {});
    await settledPage(id);
    await engine.broker.deleteTopic('brief');
    await expect(topicViewPage(client, id, 1)).rejects.toThrow("Topic 'brief' does not exist.");
  });
});

describe('a condition', () => {
  test.each<[string, number[]]>([
    ["ITEM = 'pear' AND ID > 290", [292, 295, 298]],
    ['width->cm BETWEEN 7 AND 9', [7, 8, 9]],
    ["ROWKEY = 'k2' AND ROWPARTITION = 0 AND ROWOFFSET < 20", [9, 30, 51]],
    ['ROWTIME < 1030', [0, 1, 2]],
    ["RECORDS.ITEM LIKE 'q%' AND ID < 9", [2, 5, 8]],
    ['id = 1) OR (id = 3', [1, 3]],
    ['id = 2 -- the second', [2]],
    ['', upTo(0, 300)],
  ])('%s', async (where, numbers) => {
    expect(await numbersOf({ where })).toEqual(numbers);
  });

  test.each([
    ['ITM = 1', /ITM/],
    ['ITEM', /BOOLEAN|boolean/i],
    ['ID =', /./],
    ['COUNT(*) > 1', /./],
    ['ID = 1) GROUP BY (ID', /./],
    ['ID = 1); SELECT (1', /./],
  ])('%s is refused', async (where, message) => {
    await expect(openTopicView(client, 'orders', { where })).rejects.toThrow(message);
  });

  test('speaks of headers, and of the columns of a source that reads the topic, in its format', async () => {
    await client.execute(`
      CREATE STREAM avro_orders (id INT KEY, item STRING, price INT) WITH (KAFKA_TOPIC='avro_orders', VALUE_FORMAT='AVRO', PARTITIONS=1);
      INSERT INTO avro_orders VALUES (1, 'apple', 2);
      INSERT INTO avro_orders VALUES (2, 'pear', 4);`);
    const view = await openTopicView(client, 'avro_orders', { where: 'price > 3 AND id = 2' });
    expect(view).toMatchObject({ source: 'AVRO_ORDERS', formats: { key: 'KAFKA_INT', value: 'AVRO' } });
    expect((await settledPage(view.id)).records).toMatchObject([{ key: '2', value: '{"ITEM": "pear", "PRICE": 4}' }]);
    await client.execute('DROP STREAM avro_orders;');
    const schema = await openTopicView(client, 'avro_orders', { where: "item = 'apple' AND rowkey = 1" });
    expect(schema.source).toBeUndefined();
    expect((await settledPage(schema.id)).records).toMatchObject([{ key: '1' }]);

    await appendRecords(client, [
      '{"topic":"traced","partitions":1}',
      '{"topic":"traced","headers":[{"name":"trace","valueText":"a"}],"valueText":"one"}',
      '{"topic":"traced","headers":[{"name":"trace","valueText":"b"}],"valueText":"two"}',
    ]);
    const traced = async (where: string) => {
      const { id } = await openTopicView(client, 'traced', { where });
      return (await settledPage(id)).records.map(({ value }) => value);
    };
    expect(await traced("FROM_BYTES(ROWHEADERS[1]->VALUE, 'utf8') = 'b'")).toEqual(['two']);
    expect(await traced("ROWVALUE LIKE '%n%'")).toEqual(['one']);
  });

  test('passes over what it cannot read, and counts it; tombstones have keys', async () => {
    await appendRecords(client, [
      '{"topic":"odd","partitions":1}',
      '{"topic":"odd","keyText":"a","value":{"N":1}}',
      '{"topic":"odd","keyText":"b","value":{"N":"many"}}',
      '{"topic":"odd","keyText":"c","value":null}',
    ]);
    await client.execute("CREATE STREAM odd (k STRING KEY, n INT) WITH (KAFKA_TOPIC='odd', VALUE_FORMAT='JSON');");
    const { id } = await openTopicView(client, 'odd', { where: "k IN ('b', 'c')" });
    expect(await settledPage(id)).toMatchObject({ unreadable: 1, records: [{ key: 'c', value: null }] });
  });
});

describe('formats', () => {
  test('are guessed, and can be chosen', async () => {
    await appendRecords(client, [
      '{"topic":"binary","partitions":1}',
      fixtureLineText({
        kind: 'record',
        topic: 'binary',
        headers: [],
        key: Uint8Array.of(0, 0, 0, 65),
        value: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 66),
      }),
    ]);
    const shown = async (request: TopicViewRequest) => {
      const { id, formats } = await openTopicView(client, 'binary', request);
      return { ...formats, record: (await settledPage(id)).records[0] };
    };
    expect(await shown({})).toMatchObject({
      key: 'KAFKA_INT',
      value: 'KAFKA_BIGINT',
      record: { key: '65', value: '66' },
    });
    const chosen = await shown({ keyFormat: 'JSON', valueFormat: 'KAFKA_DOUBLE' });
    expect(chosen.record).toMatchObject({ key: '\\x00\\x00\\x00A', value: '3.26E-322' });
    expect(chosen.keys).toContain('SESSION(KAFKA_INT)');
    expect(chosen.values).not.toContain('SESSION(KAFKA_INT)');
    await expect(shown({ keyFormat: 'XML' })).rejects.toThrow('There is no format XML.');
  });

  test('long texts are cut among many, and whole by themselves', async () => {
    const text = 'x'.repeat(20_000);
    await appendRecords(client, ['{"topic":"long","partitions":1}', `{"topic":"long","valueText":"${text}"}`]);
    const { id } = await openTopicView(client, 'long', {});
    const [shown] = (await settledPage(id)).records;
    expect(shown).toMatchObject({ valueBytes: 20_000 });
    expect(shown!.value!.length).toBeLessThan(1000);
    expect((await topicViewRecord(client, id, 0))!.value).toBe(text);
  });
});

test.each<[string, Omit<FindRequest, 'after'>, number, number | undefined]>([
  ['an offset', { offset: 40 }, -1, 120],
  ['an offset of a partition', { offset: 40, partition: 2 }, -1, 122],
  ['a time', { timeMs: 2001 }, -1, 101],
  ['a key', { key: 'k4' }, -1, 4],
  ['the next of a key', { key: 'k4' }, 4, 11],
  ['a key that there is not', { key: 'k9' }, -1, undefined],
  ['a header that there is not', { header: { name: 'trace' } }, -1, undefined],
])('%s is found', async (_, request, after, place) => {
  const { id } = await openTopicView(client, 'orders', {});
  await settledPage(id, 1);
  expect(await findInTopicView(client, id, { after, ...request })).toBe(place);
});

test.each([
  ['/topics/nowhere/views', {}, "Topic 'nowhere' does not exist."],
  ['/topics/orders/views', { partitions: [3] }, "Topic 'orders' has no partition 3."],
  ['/topics/orders/views', { partitions: 'all' }, '"partitions" is a list'],
  ['/topics/orders/views', { where: 1 }, '"where" is a text.'],
  ['/topics/orders/views', { start: { kind: 'offset' } }, '"start" is'],
  ['/topics/orders/views', { start: { kind: 'end' } }, '"start" is'],
])('%s refuses %o', async (path, body, message) => {
  await expect(client.workbenchPost(path, body)).rejects.toThrow(message);
});
