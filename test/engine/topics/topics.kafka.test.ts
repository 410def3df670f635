import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KsqlClient } from '../../../engine/api/client.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import {
  appendRecords,
  captureLines,
  findInTopicView,
  openTopicView,
  produceRecords,
  topicViewPage,
} from '../../../engine/api/topics/topics-client.ts';
import { readFixture, replayFixture } from '../../../engine/fixtures/replay-fixture.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';
import { type KafkaServer, kafkaMissing, startKafka } from '../../support/kafka-server.ts';

describe.skipIf(kafkaMissing !== undefined)('topics of a real Kafka', () => {
  let kafka: KafkaServer;
  const ends: { engine: Engine; server: RestServer; client: KsqlClient }[] = [];

  async function serve(bootstrapServers?: string): Promise<KsqlClient> {
    const engine = await openEngine({ bootstrapServers });
    const server = await startServer(engine, { host: '127.0.0.1', port: 0 });
    const client = httpClient({ url: server.url });
    ends.push({ engine, server, client });
    return client;
  }

  beforeAll(async () => {
    kafka = await startKafka();
  }, 300_000);

  afterAll(async () => {
    for (const { client, server, engine } of ends) {
      client.close();
      await server.close();
      await engine.close();
    }
    await kafka?.stop();
  });

  async function captured(client: KsqlClient): Promise<string[]> {
    const lines: string[] = [];
    for await (const line of captureLines(client, { topics: ['orders'] })) lines.push(line);
    return lines;
  }

  test('are written, looked through, captured, and replayed into the embedded engine to the same bytes', async () => {
    const client = await serve(kafka.bootstrapServer);
    const order = (i: number) =>
      `{"topic":"orders","timestamp":${1000 + i},"headers":[{"name":"n","value":${i}}],"key":${i},"value":{"ITEM":"${i % 2 ? 'pear' : 'apple'}","UNITS":${i}}}`;
    const lines = ['{"topic":"orders","partitions":3}', ...Array.from({ length: 2000 }, (_, i) => order(i))];
    expect(await appendRecords(client, lines)).toEqual({ written: 2000, problems: [] });

    const { id } = await openTopicView(client, 'orders', { where: "ITEM = 'pear' AND UNITS > 1990" });
    await expect
      .poll(async () => (await topicViewPage(client, id, 10))!.records.map(({ timestampMs }) => timestampMs), {
        timeout: 30_000,
      })
      .toEqual([2991, 2993, 2995, 2997, 2999]);
    expect(await findInTopicView(client, id, { after: -1, timeMs: 2994 })).toBe(2);
    expect(await produceRecords(client, 'orders', [{ key: 7, value: { ITEM: 'pear', UNITS: 5000 } }])).toMatchObject({
      written: 1,
    });
    await expect.poll(async () => (await topicViewPage(client, id, 10))!.end, { timeout: 30_000 }).toBe(6);

    const late = await openTopicView(client, 'orders', { start: { kind: 'time', timeMs: 2990 } });
    await expect
      .poll(async () => (await topicViewPage(client, late.id, 10))!, { timeout: 30_000 })
      .toMatchObject({ end: 11, scanned: 11, total: 11 });

    const before = await captured(client);
    expect(before).toHaveLength(2002);
    const embedded = await serve();
    await replayFixture(embedded, readFixture(before.join('\n')));
    expect(await captured(embedded)).toEqual(before);
  }, 120_000);
});
