/**
 * A topic of a million records as its viewer asks for it: how soon the first records are there, a page from the middle,
 * a condition over all of them; and what they cost to capture.
 * Run with: node bench/topics.ts
 */

import { httpClient } from '../engine/api/http-client.ts';
import { captureLines, findInTopicView, openTopicView, topicViewPage } from '../engine/api/topics/topics-client.ts';
import type { TopicViewRequest } from '../engine/api/topics/topics-protocol.ts';
import { RecordBatchBuilder } from '../engine/broker/record-batch.ts';
import { openEngine } from '../engine/open-engine.ts';
import { startServer } from '../engine/rest/server.ts';

const RECORDS = 1_000_000;
const PARTITIONS = 4;
const BATCH_RECORDS = 500;
const ITEMS = ['apple', 'pear', 'quince', 'plum'];
const utf8 = new TextEncoder();

const engine = await openEngine({});
await engine.broker.createTopic({ name: 'orders', partitions: PARTITIONS, replicas: 1 });
for (let first = 0; first < RECORDS; first += BATCH_RECORDS) {
  const builder = new RecordBatchBuilder(64 * 1024);
  for (let i = first; i < first + BATCH_RECORDS; i++) {
    const value = { ID: i, ITEM: ITEMS[i % 4], PRICE: (i % 997) / 10, NOTE: 'to the back door, please', UNITS: i % 9 };
    builder.append(utf8.encode(`k${i % 5000}`), utf8.encode(JSON.stringify(value)), 1_700_000_000_000 + i * 10);
  }
  await engine.broker.append('orders', (first / BATCH_RECORDS) % PARTITIONS, [builder.build()]);
}
const server = await startServer(engine, { host: '127.0.0.1', port: 0 });
const client = httpClient({ url: server.url });

const say = (title: string, sinceMs: number, more = ''): void =>
  console.log(`${title.padEnd(52)} ${(performance.now() - sinceMs).toFixed(0).padStart(8)} ms  ${more}`);

/** Opens a view, says when its first page is there and when all is looked at; the longest wait for a page meanwhile. */
async function view(title: string, request: TopicViewRequest): Promise<string> {
  const started = performance.now();
  const { id } = await openTopicView(client, 'orders', request);
  let slowestMs = 0;
  for (let isFirst = true; ; isFirst = false) {
    const asked = performance.now();
    const page = (await topicViewPage(client, id, 60))!;
    slowestMs = Math.max(slowestMs, performance.now() - asked);
    if (isFirst) say(`${title}: first page`, started);
    if (page.scanned < page.total) continue;
    say(
      `${title}: all looked at`,
      started,
      `${page.end} records; the slowest page meanwhile ${slowestMs.toFixed(0)} ms`,
    );
    return id;
  }
}

const id = await view('everything', { start: { kind: 'beginning' } });
for (const place of [500_000, 12_345, 999_000]) {
  const asked = performance.now();
  await topicViewPage(client, id, 60, place);
  say(`60 records from place ${place}`, asked);
}
for (const [what, wanted] of [
  ['offset 200,000 of partition 3', { offset: 200_000, partition: 3 }],
  ['a time', { timeMs: 1_700_000_000_000 + 7_000_000 }],
  ['the last record of a key', { key: 'k4999', after: 994_998 }],
  ['a key that there is not', { key: 'nobody' }],
] as const) {
  const asked = performance.now();
  const found = await findInTopicView(client, id, { after: -1, ...wanted });
  say(`find ${what}`, asked, `place ${found}`);
}
for (const where of ["ITEM = 'plum' AND PRICE > 99", "ROWKEY = 'k77'", 'UNITS = 3']) {
  const filtered = await view(where, { where, start: { kind: 'beginning' } });
  const asked = performance.now();
  const { end } = (await topicViewPage(client, filtered, 60))!;
  await topicViewPage(client, filtered, 60, Math.floor(end / 2));
  say(`${where}: a page from the middle`, asked);
}
const started = performance.now();
let lines = 0;
for await (const _ of captureLines(client, { topics: ['orders'] })) lines++;
say('capture', started, `${lines} lines`);
console.log(`memory: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MB`);
client.close();
await server.close();
await engine.close();
