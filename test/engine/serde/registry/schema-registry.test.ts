import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SchemaNotLoadedError } from '../../../../engine/serde/encoding/serde.ts';
import { FORMATS } from '../../../../engine/serde/formats.ts';
import { HttpRegistry, KEPT_SCHEMAS } from '../../../../engine/serde/registry/http-registry.ts';
import { answerRegistryRequest } from '../../../../engine/serde/registry/registry-routes.ts';
import { MemoryRegistry } from '../../../../engine/serde/schemas/memory-registry.ts';
import { incompatibility } from '../../../../engine/serde/schemas/schema-compatibility.ts';
import type { SqlValue } from '../../../../language/types/sql-type.ts';
import { columnsOf } from '../arbitrary-rows.ts';
import { registryContract } from './registry-contract.ts';

registryContract('in memory', async () => new MemoryRegistry());

describe('over HTTP', () => {
  const registry = new MemoryRegistry();
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const authorized = request.headers.authorization === `Basic ${Buffer.from('me:secret').toString('base64')}`;
      const answer = authorized
        ? await answerRegistryRequest(
            registry,
            request.method!,
            request.url!,
            text === '' ? undefined : JSON.parse(text),
          )
        : { status: 401, body: { error_code: 401, message: 'Unauthorized' } };
      response.writeHead(answer.status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
      response.end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const client = () =>
    new HttpRegistry({ urls: ['http://127.0.0.1:1', `${url}/`], basicAuth: { user: 'me', password: 'secret' } });
  registryContract('client and routes', async () => client());

  test('refusals keep their code', async () => {
    await expect(new HttpRegistry({ urls: [url] }).subjects()).rejects.toMatchObject({ code: 401 });
    await expect(client().register('s', { type: 'AVRO', schema: '' })).rejects.toMatchObject({ code: 42201 });
  });

  test('an unreachable registry is named', async () => {
    const away = new HttpRegistry({ urls: ['http://127.0.0.1:1'] });
    await expect(away.subjects()).rejects.toThrow('Cannot reach the schema registry at http://127.0.0.1:1');
  });

  test('a decoder asks for the schema of the first payload, then reads', async () => {
    const columns = columnsOf({ A: { kind: 'INTEGER' }, B: { kind: 'STRING' } });
    const context = { topic: 'orders', isKey: false, format: { name: 'AVRO' }, columns } as const;
    const payload = (await FORMATS.AVRO.createEncoder({ ...context, registry: client() })).encode([1, 'x'])!;
    const decoder = await FORMATS.AVRO.createDecoder({ ...context, registry: client() });
    const row: SqlValue[] = [];
    const decode = () => decoder.decode(payload, 0, payload.length, row);
    expect(decode).toThrow(SchemaNotLoadedError);
    try {
      decode();
    } catch (error) {
      await (error as SchemaNotLoadedError).load();
    }
    expect(decode()).toBe(true);
    expect(row).toEqual([1, 'x']);
  });
});

describe('compatibility', () => {
  const proto = (fields: string) =>
    ({ type: 'PROTOBUF', schema: `syntax = "proto3"; message M { ${fields} }` }) as const;
  const json = (properties: object) =>
    ({ type: 'JSON', schema: JSON.stringify({ type: 'object', properties }) }) as const;

  test('Protobuf goes by field numbers', () => {
    expect(incompatibility(proto('int32 a = 1; string b = 2;'), proto('int64 other = 1;'))).toBeUndefined();
    expect(incompatibility(proto('string a = 1;'), proto('int32 a = 1;'))).toContain(
      'field 1 of M changed from varint to string',
    );
  });

  test('JSON Schema goes by properties', () => {
    expect(
      incompatibility(json({ a: { type: 'string' }, b: { type: 'number' } }), json({ a: { type: 'string' } })),
    ).toBeUndefined();
    expect(incompatibility(json({ a: { type: 'number' } }), json({ a: { type: 'string' } }))).toContain(
      'type of "a" changed',
    );
  });
});

test('a client keeps so many schemas, those that were asked for last', async () => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.end(JSON.stringify({ schema: '"int"' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const client = new HttpRegistry({ urls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`] });
    await client.byId(0);
    for (let id = 1; id < KEPT_SCHEMAS + 50; id += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => client.byId(id + i)));
      await client.byId(0);
    }
    expect(client.cachedById(0)).toBeDefined();
    expect(client.cachedById(1)).toBeUndefined();
    expect(client.cachedById(KEPT_SCHEMAS)).toBeDefined();
    const before = requests;
    expect(await client.byId(1)).toMatchObject({ schema: '"int"' });
    expect(requests).toBe(before + 1);
  } finally {
    server.close();
  }
});

test('a registry comes back from its entries', async () => {
  const registry = new MemoryRegistry();
  const id = await registry.register('s', { type: 'AVRO', schema: '"int"' });
  const restored = new MemoryRegistry();
  for (const entry of registry.entries()) restored.import(entry.subject, entry, entry.id);
  expect(await restored.latest('s')).toEqual(await registry.latest('s'));
  expect(await restored.register('other', { type: 'AVRO', schema: '"string"' })).toBe(id + 1);
});
