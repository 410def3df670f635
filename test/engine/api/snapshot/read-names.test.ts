import { afterEach, expect, test } from 'vitest';
import { httpClient } from '../../../../engine/api/http-client.ts';
import { readNamesOf } from '../../../../engine/api/snapshot/read-names.ts';
import type { Engine } from '../../../../engine/index.ts';
import { openEngine } from '../../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../../engine/rest/server.ts';

let engine: Engine;
let server: RestServer;

afterEach(async () => {
  await server.close();
  await engine.close();
});

test('the subjects, connectors and classes of connectors that a server of ours has', async () => {
  engine = await openEngine({ properties: {} });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  await engine.execute(`CREATE STREAM s (id INT KEY, n INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='AVRO', PARTITIONS=1);
    CREATE SOURCE CONNECTOR made WITH ('connector.class'='DatagenConnector', 'quickstart'='ratings', 'kafka.topic'='r', 'iterations'='1');`);
  const client = httpClient({ url: server.url });
  const names = await readNamesOf(client);
  client.close();
  expect(names.subjects).toEqual(['s-value']);
  expect(names.schemas).toEqual([{ subject: 's-value', id: expect.any(Number), format: 'AVRO' }]);
  expect(names.connectors?.map((name) => name.toUpperCase())).toEqual(['MADE']);
  expect(names.connectorClasses?.join(' ')).toContain('DatagenConnector');
});
