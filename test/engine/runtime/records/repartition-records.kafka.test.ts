import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Broker } from '../../../../engine/broker/broker.ts';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import type { RecordBatch } from '../../../../engine/broker/record-batch.ts';
import type { Change } from '../../../../engine/operators/operator.ts';
import { cutPlan, type SubTopology } from '../../../../engine/plan/cut-plan.ts';
import { ProcessingLogBook, QueryProcessingLog } from '../../../../engine/runtime/monitoring/processing-log.ts';
import { RecordWriter } from '../../../../engine/runtime/records/record-writer.ts';
import { repartitionEncoder } from '../../../../engine/runtime/records/repartition-encoder.ts';
import { RepartitionReader } from '../../../../engine/runtime/records/repartition-reader.ts';
import { QueryProperties } from '../../../../engine/runtime/session/session-properties.ts';
import { SchemaNotLoadedError } from '../../../../engine/serde/encoding/serde.ts';
import type { SchemaRegistry } from '../../../../engine/serde/registry/schema-registry.ts';
import { MemoryRegistry } from '../../../../engine/serde/schemas/memory-registry.ts';
import { kafkaMissing, startKafka } from '../../../support/kafka-server.ts';
import { planScript } from '../cut-pipelines.ts';

const PROPERTIES = new QueryProperties(new Map(), new Map());
const PARTITIONS = 2;
const HEADERS = [{ key: 'h', value: new Uint8Array([118]) }];

const log = () => new QueryProcessingLog(new ProcessingLogBook({ nowMs: () => 0 }, false), 'q');

interface Place {
  readonly broker: Broker;
  readonly registry: SchemaRegistry;
  close(): Promise<void>;
}

async function openEmbedded(): Promise<Place> {
  const broker = new MemoryBroker();
  return { broker, registry: new MemoryRegistry(), close: () => broker.close() };
}

async function openKafka(): Promise<Place> {
  const kafka = await startKafka();
  const broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
  return { broker, registry: new MemoryRegistry(), close: () => broker.close().then(() => kafka.stop()) };
}

describe.each([
  { name: 'the embedded broker', open: openEmbedded, isMissing: false },
  { name: 'a real Kafka', open: openKafka, isMissing: kafkaMissing !== undefined },
])('the records of a repartition topic on $name', ({ open, isMissing }) => {
  if (isMissing) return test.skip('needs Kafka', () => undefined);
  let place: Place;

  beforeAll(async () => {
    place = await open();
  }, 300_000);

  afterAll(() => place?.close());

  /** Writes changes as the part before the topic does. */
  async function write({ writes }: SubTopology, changes: readonly Change[]): Promise<void> {
    const topic = writes!;
    await place.broker.createTopic({ name: topic.source.topic, partitions: PARTITIONS, replicas: 1, config: {} });
    const encoder = await repartitionEncoder(topic, place.registry, PROPERTIES);
    const append = (name: string, partition: number, batch: RecordBatch) =>
      place.broker.append(name, partition, [batch]);
    const writer = new RecordWriter(append, encoder, PARTITIONS, log());
    for (const change of changes) expect(writer.write(change)).toBe(true);
    await writer.flush();
  }

  /** Reads them as the part behind it does, in the order of their times. */
  async function read({ reads, plan }: SubTopology): Promise<readonly Change[]> {
    const topic = reads[0]!;
    const { layout: slots, needed, context: step } = plan.sources.find(({ source }) => source === topic.source)!;
    const layout = slots.map((slot, i) => ({ ...slot, needed: needed[i]! }));
    const reader = await RepartitionReader.create({
      topic,
      layout,
      step,
      registry: place.registry,
      properties: PROPERTIES,
      log: log(),
    });
    const changes: Change[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { batches } = await place.broker.read({ topic: topic.source.topic, partition, offset: 0 }, 1 << 20);
      for (const batch of batches) {
        const cursor = batch.records();
        while (cursor.next()) {
          try {
            changes.push(reader.read(cursor)!);
          } catch (error) {
            if (!(error instanceof SchemaNotLoadedError)) throw error;
            await error.load();
            changes.push(reader.read(cursor)!);
          }
        }
      }
    }
    const inOrder = changes.sort((a, b) => a.timeMs - b.timeMs);
    // Kafka's bytes come as Node's own kind of them.
    const asBytes = ({ key, value }: Change['headers'][number]) => ({ key, value: value && new Uint8Array(value) });
    return inOrder.map((change) => ({ ...change, headers: change.headers.map(asBytes) }));
  }

  test.each(['JSON', 'AVRO', 'PROTOBUF', 'JSON_SR'])(
    'of a table tell both rows again, in %s',
    async (format) => {
      const { plan } = planScript(`
        CREATE TABLE t (id INT PRIMARY KEY, a INT, b STRING) WITH (KAFKA_TOPIC='t', PARTITIONS=2, VALUE_FORMAT='${format}');
        CREATE TABLE o AS SELECT b, COUNT(*) AS n, SUM(a) AS x FROM t GROUP BY b;`);
      const [before, behind] = cutPlan(plan, `table-${format}`);
      const common = { headers: HEADERS };
      await write(before!, [
        { key: ['x'], before: null, after: ['x', 1, 7], timeMs: 1, ...common },
        { key: ['x'], before: ['x', 1, 7], after: ['x', 2, 8], timeMs: 2, ...common },
        { key: ['x'], before: ['x', 2, 8], after: null, timeMs: 3, ...common },
      ]);
      // The grouping column is not read again: it stands in the key.
      expect(await read(behind!)).toEqual([
        { key: ['x'], before: null, after: [null, 1, 7, 'x'], timeMs: 1, ...common },
        { key: ['x'], before: [null, 1, 7, 'x'], after: [null, 2, 8, 'x'], timeMs: 2, ...common },
        { key: ['x'], before: [null, 2, 8, 'x'], after: null, timeMs: 3, ...common },
      ]);
    },
    60_000,
  );

  test('of a side of a join come with its whole row and its key, also without either', async () => {
    const { plan } = planScript(`
      CREATE STREAM s (id INT KEY, a INT, b STRING) WITH (KAFKA_TOPIC='s', PARTITIONS=2, VALUE_FORMAT='AVRO');
      CREATE TABLE t (id INT PRIMARY KEY, b STRING) WITH (KAFKA_TOPIC='t', PARTITIONS=2, VALUE_FORMAT='JSON');
      CREATE STREAM o AS SELECT t.id, s.a, s.b, s.id, s.ROWTIME AS r, s.ROWPARTITION AS p, s.ROWOFFSET AS o, t.b
        FROM s LEFT JOIN t ON s.a + 1 = t.id;`);
    const [behind, before] = cutPlan(plan, 'join');
    const common = { before: null, headers: HEADERS };
    await write(before!, [
      { key: [5], after: [4, 'x', 1, 0, 9, 3, 5], timeMs: 1, ...common },
      { key: null, after: [null, null, 2, 1, 8, null, null], timeMs: 2, ...common },
      { key: null, after: null, timeMs: 3, ...common },
    ]);
    expect(await read(behind!)).toEqual([
      { key: [5], after: [4, 'x', 1, 0, 9, 3, 5], timeMs: 1, ...common },
      { key: null, after: [null, null, 2, 1, 8, null, null], timeMs: 2, ...common },
      { key: null, after: null, timeMs: 3, ...common },
    ]);
  }, 60_000);
});
