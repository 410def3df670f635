import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';
import { HttpRegistry } from '../../../engine/serde/registry/http-registry.ts';
import { registryContract } from '../serde/registry/registry-contract.ts';

let engine: Engine;
let server: RestServer;
beforeAll(async () => {
  engine = await openEngine({ properties: {} });
  server = await startServer(engine, { host: '127.0.0.1', port: 0, token: 'sesame' });
});
afterAll(async () => {
  await server.close();
  await engine.close();
});

const open = (password = 'sesame') =>
  new HttpRegistry({
    urls: [`${server.url}/workbench/schema-registry`],
    basicAuth: { user: 'anyone', password },
  });

registryContract("the engine's registry over the server", async () => open());

test('a client sees the schema that a statement has registered', async () => {
  await engine.execute(
    "CREATE STREAM readings (id INT KEY, celsius DOUBLE) WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='AVRO', PARTITIONS=1);",
  );
  const found = await open().latest('readings-value');
  expect(found).toMatchObject({ type: 'AVRO', version: 1 });
  expect(JSON.parse(found!.schema).fields.map(({ name }: { name: string }) => name)).toEqual(['CELSIUS']);
});

test('nobody reads it without the token', async () => {
  await expect(open('wrong').latest('readings-value')).rejects.toThrow(/token/);
});

test('a request that is no JSON is refused', async () => {
  const response = await fetch(`${server.url}/workbench/schema-registry/subjects/a/versions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sesame' },
    body: '{',
  });
  expect([response.status, await response.json()]).toEqual([
    422,
    { error_code: 422, message: 'The request is no JSON.' },
  ]);
});
