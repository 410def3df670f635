import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { KsqlClient } from '../../engine/api/client.ts';
import { httpClient } from '../../engine/api/http-client.ts';
import { MemoryBroker } from '../../engine/broker/embedded/memory-broker.ts';
import { Engine } from '../../engine/index.ts';
import { type RestServer, startServer } from '../../engine/rest/server.ts';

const OPEN_PATHS = ['/info', '/healthcheck', '/v1/metadata', '/v1/metadata/id', '/chc/ready', '/chc/live'];

let engine: Engine;
let server: RestServer;
let client: KsqlClient;
const broker = new MemoryBroker();

beforeAll(async () => {
  engine = await Engine.open({ broker });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  client = httpClient({ url: server.url });
  await client.execute("CREATE STREAM s (id INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);");
});

afterAll(async () => {
  client.close();
  await server.close();
  await engine.close();
});

test('whoever asks how the server is gets an answer, and queries run, while statements wait for the broker', async () => {
  const gate = Promise.withResolvers<void>();
  const createTopic = broker.createTopic.bind(broker);
  const slow = vi.spyOn(broker, 'createTopic').mockImplementation(async (...args) => {
    await gate.promise;
    return createTopic(...args);
  });
  const statements = [1, 2, 3].map((i) =>
    client.execute(`CREATE STREAM t${i} (id INT) WITH (KAFKA_TOPIC='t${i}', VALUE_FORMAT='JSON', PARTITIONS=1);`),
  );
  await expect.poll(() => slow.mock.calls.length).toBe(1);
  for (const path of OPEN_PATHS) {
    const answer = await fetch(server.url + path);
    await answer.arrayBuffer();
    expect([path, answer.status]).toEqual([path, 200]);
  }
  const stream = await client.query('SELECT * FROM s EMIT CHANGES;');
  stream.close();
  expect(slow.mock.calls.length).toBe(1);
  gate.resolve();
  expect((await Promise.all(statements)).flat()).toMatchObject(Array(3).fill({ commandStatus: { status: 'SUCCESS' } }));
});
