import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KsqlClient } from '../../../engine/api/client.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import { appendRecords, captureLines } from '../../../engine/api/topics/topics-client.ts';
import type { CaptureRequest } from '../../../engine/api/topics/topics-protocol.ts';
import { IN_ORDER } from '../../../engine/fixtures/disorder.ts';
import { type FixtureLine, fixtureLineText } from '../../../engine/fixtures/fixture-line.ts';
import { ReplayError, readFixture, replayFixture } from '../../../engine/fixtures/replay-fixture.ts';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { type RestServer, startServer } from '../../../engine/rest/server.ts';

interface Served {
  readonly engine: Engine;
  readonly server: RestServer;
  readonly client: KsqlClient;
}

async function serve(): Promise<Served> {
  const engine = await openEngine({});
  const server = await startServer(engine, { host: '127.0.0.1', port: 0 });
  return { engine, server, client: httpClient({ url: server.url }) };
}

const ends: Served[] = [];
let from: Served;
let to: Served;
beforeAll(async () => {
  [from, to] = [await serve(), await serve()];
  ends.push(from, to);
});
afterAll(async () => {
  for (const { client, server, engine } of ends) {
    client.close();
    await server.close();
    await engine.close();
  }
});

async function captured({ client }: Served, request: CaptureRequest): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of captureLines(client, request)) lines.push(line);
  return lines;
}

const bytes = fc.option(
  fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.json().map((text) => Buffer.from(text)),
  ),
  {
    nil: null,
  },
);
let topics = 0;

test('what was captured and replayed is captured again to the same bytes', async () => {
  const records = fc.array(
    fc.record({
      partition: fc.nat({ max: 2 }),
      timestampMs: fc.nat({ max: 1000 }),
      headers: fc.array(fc.record({ key: fc.string(), value: bytes }), { maxLength: 2 }),
      key: bytes,
      value: bytes,
    }),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(records, async (all) => {
      const topic = `same-${topics++}`;
      const lines: FixtureLine[] = [
        { kind: 'topic', topic, partitions: 3 },
        ...all.map((record): FixtureLine => ({ kind: 'record', topic, offset: undefined, ...record })),
      ];
      expect(await appendRecords(from.client, lines.map(fixtureLineText))).toEqual({
        written: all.length,
        problems: [],
      });
      const before = await captured(from, { topics: [topic] });
      expect(before).toHaveLength(all.length + 1);
      await replayFixture(to.client, readFixture(before.join('\n')));
      expect(await captured(to, { topics: [topic] })).toEqual(before);
    }),
    { numRuns: 40 },
  );
});

const numbered = (topic: string, count: number, partitions = 1): string[] => [
  fixtureLineText({ kind: 'topic', topic, partitions }),
  ...Array.from(
    { length: count },
    (_, i) => `{"topic":"${topic}","partition":${i % partitions},"timestamp":${i * 10},"value":${i}}`,
  ),
];
const valuesOf = (lines: readonly string[]): number[] =>
  lines.flatMap((line) => (JSON.parse(line) as { value?: number }).value ?? []);

test('a number of records or a span of time is taken, over all partitions and topics', async () => {
  await appendRecords(from.client, [...numbered('span-a', 1500, 3), ...numbered('span-b', 20)]);
  const values = async (request: Omit<CaptureRequest, 'topics'>, topics = ['span-a']) =>
    valuesOf(await captured(from, { topics, ...request }));
  const upTo = (start: number, end: number) => Array.from({ length: end - start }, (_, i) => start + i);
  expect(await values({})).toEqual(upTo(0, 1500));
  expect(await values({ first: 700 })).toEqual(upTo(0, 700));
  expect(await values({ first: 0 })).toEqual([]);
  expect(await values({ last: 7 })).toEqual(upTo(1493, 1500));
  expect(await values({ fromMs: 100, toMs: 200 })).toEqual(upTo(10, 20));
  expect(await values({ fromMs: 100, toMs: 200, last: 3 })).toEqual(upTo(17, 20));
  expect(await values({ first: 4 }, ['span-a', 'span-b'])).toEqual([0, 0, 1, 1]);
});

test('a topic that does not exist, and a request that says nothing, are refused', async () => {
  await expect(captured(from, { topics: ['nowhere'] })).rejects.toThrow("Topic 'nowhere' does not exist.");
  await expect(captured(from, { topics: [] })).rejects.toThrow('"topics" is a list of names.');
  await expect(captured(from, { topics: ['span-a'], first: 1.5 })).rejects.toThrow('"first" is a whole number.');
});

test('lines that are refused are named, and the others are written', async () => {
  const lines = [
    '{"topic":"mixed","partitions":2}',
    '{"topic":"mixed","value":1}',
    '{"topic":"mixed","partition":2,"value":2}',
    '{"topic":"elsewhere","value":3}',
    'nonsense',
    '{"topic":"mixed","value":4}',
  ];
  expect(await appendRecords(from.client, lines)).toEqual({
    written: 2,
    problems: [
      { line: 3, message: "Topic 'mixed' has partitions 0 to 1, and no 2." },
      { line: 4, message: "Topic 'elsewhere' does not exist." },
      { line: 5, message: expect.stringContaining('This is no JSON') },
    ],
  });
  await expect(replayFixture(to.client, readFixture('{"topic":"elsewhere","offset":9,"value":3}'))).rejects.toThrow(
    new ReplayError("Topic 'elsewhere' does not exist. (captured at offset 9)"),
  );
});

test('schemas go along, and records name them by the ids of the other registry', async () => {
  await from.client.execute(`
    CREATE STREAM avro_a (id INT KEY, item STRING) WITH (KAFKA_TOPIC='avro_a', VALUE_FORMAT='AVRO', PARTITIONS=1);
    CREATE STREAM avro_b (id INT KEY, price INT) WITH (KAFKA_TOPIC='avro_b', VALUE_FORMAT='AVRO', PARTITIONS=1);
    INSERT INTO avro_b VALUES (1, 250);`);
  const lines = await captured(from, { topics: ['avro_b'] });
  expect(lines.map((line) => Object.keys(JSON.parse(line))[0])).toEqual(['topic', 'schema', 'topic']);
  await replayFixture(to.client, readFixture(lines.join('\n')));
  await to.client.execute(`CREATE STREAM avro_b (id INT KEY) WITH (KAFKA_TOPIC='avro_b', VALUE_FORMAT='AVRO');`);
  const stream = await to.client.query('SELECT * FROM avro_b EMIT CHANGES LIMIT 1;', {
    properties: { 'auto.offset.reset': 'earliest' },
  });
  for await (const [event] of stream) if (event?.kind === 'row') expect(event.content.values).toEqual([1, 250]);
});

test('disorder changes what comes when, and the same seed the same way', async () => {
  const fixture = readFixture(numbered('shaken', 200).join('\n'));
  const orderOf = async (seed: number) => {
    const served = await serve();
    ends.push(served);
    const disorder = { ...IN_ORDER, seed, jitterMs: 500, duplicateShare: 0.1 };
    await replayFixture(served.client, fixture, { disorder });
    return valuesOf(await captured(served, { topics: ['shaken'] }));
  };
  const [one, again, other] = [await orderOf(7), await orderOf(7), await orderOf(8)];
  expect(one).toEqual(again);
  expect(one).not.toEqual(other);
  expect(one.length).toBeGreaterThan(200);
  expect(new Set(one).size).toBe(200);
});

test('times are kept, or all moved by as much', async () => {
  const fixture = readFixture(numbered('moved', 3).join('\n'));
  await replayFixture(to.client, fixture, { firstTimeMs: 50_000, speed: 10 });
  const times = (await captured(to, { topics: ['moved'] })).flatMap((line) => JSON.parse(line).timestamp ?? []);
  expect(times).toEqual([50_000, 50_010, 50_020]);
});
