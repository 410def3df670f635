import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { Engine } from '../../../engine/index.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

const require = createRequire(import.meta.url);

/** The parts of the packages' interfaces that are used here; they bring none, or other ones. */
interface KsqldbClient {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  executeStatement(sql: string): Promise<{ readonly status: number; readonly error?: unknown }>;
  listStreams(): Promise<readonly { readonly name: string }[]>;
  insertInto(target: string, row: object): Promise<{ readonly status: number; readonly error?: unknown }>;
  query(sql: string): Promise<{ readonly data?: { readonly rows: readonly object[] }; readonly error?: unknown }>;
  streamQuery(sql: string, onData: (answer: StreamedAnswer) => void, options?: object): Promise<unknown>;
  terminatePushQuery(queryId: string): Promise<{ readonly error?: unknown }>;
}
interface StreamedAnswer {
  readonly metadata: { readonly queryId: string };
  readonly rows?: readonly object[];
}
interface KsqldbJs {
  ksql(sql: string): Promise<unknown>;
  insertStream(stream: string, rows: readonly object[]): Promise<unknown>;
  pull(sql: string): Promise<readonly unknown[]>;
  push(sql: string, onChunk: (chunk: string) => void): Promise<string>;
  terminate(queryId: string): Promise<unknown>;
}

let engine: Engine;
let server: RestServer;

beforeAll(async () => {
  engine = await Engine.open({ broker: new MemoryBroker() });
  server = await startServer(engine, { host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close();
  await engine.close();
});

describe('clients of ksqlDB from npm, unchanged', () => {
  test('ksqldb-client', async () => {
    const Client = require('ksqldb-client') as new (options: object) => KsqldbClient;
    const client = new Client({ host: 'http://127.0.0.1', port: server.port });
    await client.connect();
    const created = await client.executeStatement(
      "CREATE STREAM orders (id INT KEY, item STRING, price DOUBLE) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
    expect(created).toMatchObject({ status: 200 });
    expect((await client.listStreams()).map(({ name }) => name)).toContain('ORDERS');
    await client.executeStatement('CREATE TABLE totals AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item;');
    const rows = [
      { id: 1, item: 'nut', price: 0.5 },
      { id: 2, item: 'bolt', price: 1.25 },
      { id: 3, item: 'nut', price: 0.5 },
    ];
    for (const row of rows)
      expect(await client.insertInto('ORDERS', row)).toMatchObject({ status: 200, error: undefined });
    const pulled = await client.query("SELECT * FROM totals WHERE item = 'nut';");
    expect(pulled.data?.rows).toEqual([{ ITEM: 'nut', N: 2 }]);

    const seen: unknown[] = [];
    const ended = client.streamQuery(
      'SELECT item, price FROM orders EMIT CHANGES;',
      ({ metadata, rows: received = [] }) => {
        seen.push(...received);
        if (seen.length === 3) void client.terminatePushQuery(metadata.queryId);
      },
      { properties: { 'auto.offset.reset': 'earliest' } },
    );
    await ended;
    expect(seen).toEqual(rows.map(({ item, price }) => ({ ITEM: item, PRICE: price })));
    await client.disconnect();
  });

  test('ksqldb-js', async () => {
    const Client = require('ksqldb-js') as new (options: object) => KsqldbJs;
    const client = new Client({ ksqldbURL: server.url });
    await client.ksql(
      "CREATE STREAM clicks (who STRING KEY, page STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
    await client.ksql('CREATE TABLE visits AS SELECT who, COUNT(*) AS n FROM clicks GROUP BY who;');
    const chunks: string[] = [];
    const queryId = await client.push('SELECT who, page FROM clicks EMIT CHANGES;', (chunk) => chunks.push(chunk));
    await client.insertStream('CLICKS', [
      { WHO: 'ann', PAGE: 'home' },
      { WHO: 'bob', PAGE: 'cart' },
    ]);
    const [metadata, ...rows] = await client.pull("SELECT * FROM visits WHERE who = 'ann';").then(parsed);
    expect(metadata).toMatchObject({ columnNames: ['WHO', 'N'] });
    expect(rows).toEqual([['ann', 1]]);
    await expect.poll(() => chunks.length).toBe(3);
    expect(chunks.slice(1).map((chunk) => JSON.parse(chunk))).toEqual([
      ['ann', 'home'],
      ['bob', 'cart'],
    ]);
    await client.terminate(queryId);
    expect(engine.queries.pushCount).toBe(0);
  });
});

/** The package hands over text where an answer is no single JSON value. */
function parsed(answer: unknown): readonly unknown[] {
  if (typeof answer !== 'string') return answer as readonly unknown[];
  return answer
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
