import { expect, test } from 'vitest';
import type { Broker, FetchedBatches } from '../../../engine/broker/broker.ts';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { RecordBatch, RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import { Engine } from '../../../engine/index.ts';
import { MemoryRegistry } from '../../../engine/serde/schemas/memory-registry.ts';
import { topicRecords } from '../../support/topic-records.ts';

const ROWS = 300;
const COLUMNS = 'b BYTES, t STRING, n BIGINT, a ARRAY<BYTES>, m MAP<STRING, STRING>, s STRUCT<x STRING, y BYTES>';
const SOURCE = `CREATE STREAM src (k STRING KEY, ${COLUMNS}, h ARRAY<STRUCT<key STRING, value BYTES>> HEADERS)
  WITH (KAFKA_TOPIC = 'src', VALUE_FORMAT = 'JSON', PARTITIONS = 1);`;
const FORMATS = ['JSON', 'AVRO', 'PROTOBUF'];
const TIME_LIMIT_MS = 120_000;

const nameOf = (format: string): string => `s_${format.toLowerCase()}`;

/** Streams that pass everything on in each format, and then queries over each that keep what they read for a while. */
const STREAMS = [
  'CREATE STREAM keyed AS SELECT b, k, n, h FROM src PARTITION BY b;',
  ...FORMATS.map(
    (format) =>
      `CREATE STREAM ${nameOf(format)} WITH (VALUE_FORMAT = '${format}') AS SELECT k, b, t, n, a, m, s FROM src;`,
  ),
].join('\n');
const QUERIES = [
  'CREATE TABLE by_bytes AS SELECT b, COUNT(*) AS c, LATEST_BY_OFFSET(k) AS k FROM keyed GROUP BY b;',
  'CREATE TABLE headers AS SELECT k, LATEST_BY_OFFSET(h[1]->value) AS l, COLLECT_LIST(h[1]->key) AS c FROM src GROUP BY k;',
  ...FORMATS.map((format) => {
    const name = nameOf(format);
    return `
      CREATE TABLE ${name}_latest AS SELECT k, LATEST_BY_OFFSET(b) AS b, LATEST_BY_OFFSET(s) AS s, COLLECT_LIST(t) AS t
        FROM ${name} GROUP BY k;
      CREATE STREAM ${name}_joined AS SELECT l.k AS k, l.b AS lb, r.s AS rs, r.a AS ra, l.m AS lm
        FROM ${name} l JOIN src r WITHIN 20 MILLISECONDS GRACE PERIOD 1 SECOND ON l.k = r.k;
      CREATE TABLE ${name}_rows (k STRING PRIMARY KEY, b BYTES)
        WITH (KAFKA_TOPIC = '${name.toUpperCase()}', VALUE_FORMAT = '${format}');
      CREATE STREAM ${name}_looked_up AS SELECT l.k AS k, l.t, r.b AS latest FROM src l JOIN ${name}_rows r ON l.k = r.k;`;
  }),
].join('\n');

/** Hands out copies of what is there, which turn into other bytes as soon as they are released. */
function reusing(broker: Broker, onReuse: () => void): Broker {
  return new Proxy(broker, {
    get(target, name) {
      if (name === 'subscribe') {
        const subscribe: Broker['subscribe'] = (positions, handler) =>
          target.subscribe(positions, (fetched) => handler(copied(fetched, onReuse)));
        return subscribe;
      }
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function copied(fetched: FetchedBatches, onReuse: () => void): FetchedBatches {
  const batches = fetched.batches.map(({ bytes }) => new RecordBatch(new Uint8Array(bytes)));
  const release = () => {
    for (const { bytes } of batches) bytes.fill(0xee);
    onReuse();
  };
  return { ...fetched, batches, release };
}

/** Waits for each query to have done all that its topics hold, in the order of their creation. */
async function whenDone({ queries }: Engine, broker: Broker): Promise<void> {
  for (const { run, inputTopics } of queries.all()) {
    const ends = await Promise.all(
      inputTopics.map(async (topic) => ({ topic, partition: 0, offset: (await broker.offsets(topic))[0]!.latest })),
    );
    await run.whenReached(ends, TIME_LIMIT_MS);
  }
}

async function results(around: (broker: Broker) => Broker): Promise<Record<string, readonly string[]>> {
  const broker = new MemoryBroker();
  const properties = new Map([['auto.offset.reset', 'earliest']]);
  const engine = await Engine.open({ broker: around(broker), registry: new MemoryRegistry(), properties });
  try {
    await engine.execute(SOURCE);
    const builder = new RecordBatchBuilder();
    for (let i = 0; i < ROWS; i++) {
      const bytes = Buffer.from(`bytes ${i % 7}`);
      const text = `text ${i}`;
      const value = {
        b: bytes.toString('base64'),
        t: text,
        n: i,
        a: [bytes.toString('base64')],
        m: { [text]: `of ${i}` },
      };
      const s = { x: text, y: Buffer.from(text).toString('base64') };
      const header = { key: `h${i}`, value: Buffer.from(`header ${i}`) };
      builder.append(Buffer.from(`key ${i % 11}`), Buffer.from(JSON.stringify({ ...value, s })), 1_000_000 + i, [
        header,
      ]);
      if (i % 40 === 39) await broker.append('src', 0, [builder.build()]);
    }
    await broker.append('src', 0, [builder.build()]);
    for (const statements of [STREAMS, QUERIES]) {
      await engine.execute(statements);
      await whenDone(engine, broker);
    }
    const found: Record<string, readonly string[]> = {};
    for (const { sink } of engine.queries.all()) {
      const records = (await topicRecords(broker, sink!.topic)).map(({ key, value }) => `${key}: ${value}`);
      // How often a table changes meanwhile is a matter of time; what it comes to is not.
      const last = new Map((await topicRecords(broker, sink!.topic)).map(({ key, value }) => [key, value]));
      found[sink!.name] = (sink!.kind === 'TABLE' ? [...last].map(String) : records).toSorted();
    }
    return found;
  } finally {
    await engine.close();
  }
}

test(
  'nothing that a query keeps of a record stands in the bytes that it came in',
  async () => {
    let reused = 0;
    const expected = await results((broker) => broker);
    const found = await results((broker) => reusing(broker, () => reused++));
    expect(found).toEqual(expected);
    expect(Object.values(expected).every((rows) => rows.length > 0)).toBe(true);
    expect(reused).toBeGreaterThan(Object.keys(expected).length);
  },
  TIME_LIMIT_MS,
);
