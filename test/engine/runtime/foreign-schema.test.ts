import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import { Engine } from '../../../engine/index.ts';
import { HttpRegistry } from '../../../engine/serde/registry/http-registry.ts';
import { answerRegistryRequest } from '../../../engine/serde/registry/registry-routes.ts';
import { MemoryRegistry } from '../../../engine/serde/schemas/memory-registry.ts';

const schemas = new MemoryRegistry('NONE');
const broker = new MemoryBroker();
let server: Server;
let engine: Engine;

/** A registry of its own behind HTTP: schemas that others registered are not at hand when their records come. */
beforeEach(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = await answerRegistryRequest(
      schemas,
      request.method!,
      request.url!,
      body === '' ? undefined : JSON.parse(body),
    );
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  engine = await Engine.open({ broker, registry: new HttpRegistry({ urls: [`http://127.0.0.1:${port}`] }) });
});

afterEach(async () => {
  await engine.close();
  server.close();
});

/** An Avro record of one optional string behind the frame of a schema. */
function payload(schemaId: number, text: string): Uint8Array {
  const frame = Buffer.from([0, 0, 0, 0, 0]);
  frame.writeInt32BE(schemaId, 1);
  return Buffer.concat([frame, Buffer.from([2, text.length * 2]), Buffer.from(text)]);
}

test('records wait for the schema they were written with; one that does not exist makes a bad record', async () => {
  const field = (name: string) => ({ name, type: ['null', 'string'], default: null });
  const schema = (name: string) => ({
    type: 'AVRO' as const,
    schema: JSON.stringify({ type: 'record', name, fields: [field('NAME')] }),
  });
  const first = await schemas.register('people-value', schema('Person'));
  const second = await schemas.register('people-value', schema('Human'));
  await engine.execute(
    "CREATE STREAM people (name STRING) WITH (KAFKA_TOPIC='people', VALUE_FORMAT='AVRO', PARTITIONS=1);",
  );
  const builder = new RecordBatchBuilder();
  builder.append(null, payload(first, 'ann'), 1);
  builder.append(null, payload(999, 'nobody'), 2);
  builder.append(null, payload(second, 'bob'), 3);
  await broker.append('people', 0, [builder.build()]);

  const answer = await engine.ask('SELECT name FROM people;');
  if (answer.kind === 'print') throw new TypeError('No rows come from PRINT');
  const rows: unknown[] = [];
  for (let next = await answer.next(); next !== undefined; next = await answer.next()) rows.push(...next);
  expect(rows).toMatchObject([{ values: ['ann'] }, { values: ['bob'] }]);
  expect(engine.processingLog.entries).toMatchObject([
    { source: { topic: 'people', partition: 0, offset: 1 }, message: { type: 0 } },
  ]);
});
