import type { DataSource, FormatInfo } from '../../language/metastore/metastore.ts';
import { keyColumns, valueColumns } from '../../language/types/schema.ts';
import { type RecordBatch, RecordBatchBuilder } from '../broker/record-batch.ts';
import type { Engine } from '../index.ts';
import { Partitioner } from '../runtime/records/row-encoder.ts';
import type { MemoryRegistry } from '../serde/schemas/memory-registry.ts';
import { appendWindow } from '../serde/windowed-key.ts';
import type { TestRecord } from './test-case.ts';
import { createTestCodec, type TestCodec } from './test-values.ts';

/** A record of a case, appended to its topic. */
export interface WrittenInput {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RecordBatch;
}

/**
 * Appends an input record; its key and value are in the formats of the source over the topic.
 * @param partitions over how many partitions the records of a topic are spread by their keys
 */
export async function writeInput(
  record: TestRecord,
  engine: Engine,
  registry: MemoryRegistry,
  partitions = 1,
): Promise<WrittenInput> {
  const source = sourceOver(record.topic, engine);
  const key = await topicCodec(record.topic, source, true, registry).encode(record.key);
  const value = await topicCodec(record.topic, source, false, registry).encode(record.value);
  const window = record.window;
  const fullKey =
    key === null || window === undefined
      ? key
      : appendWindow(key, { startMs: window.startMs, endMs: window.endMs }, window.type);
  const headers = record.headers.map((header) => ({
    key: header.key,
    value: header.value === null ? null : Buffer.from(header.value, 'base64'),
  }));
  const build = () => {
    const builder = new RecordBatchBuilder();
    builder.append(fullKey, value, record.timeMs ?? 0, headers);
    return builder.build();
  };
  const batch = build();
  const partition = new Partitioner(partitions).partition(fullKey);
  await engine.broker.append(record.topic, partition, [batch]);
  return { topic: record.topic, partition, batch };
}

const KAFKA: FormatInfo = { name: 'KAFKA' };

/**
 * The codec for keys or values of a topic, after the source or sink over it; of a topic without one everything is text.
 */
export function topicCodec(
  topic: string,
  source: DataSource | undefined,
  isKey: boolean,
  registry: MemoryRegistry,
): TestCodec {
  const columns =
    source === undefined
      ? []
      : (isKey ? keyColumns : valueColumns)(source.schema).map(({ name, type }, slot) => ({ name, type, slot }));
  const format = source === undefined ? KAFKA : isKey ? source.keyFormat : source.valueFormat;
  return createTestCodec({
    topic,
    isKey,
    format,
    columns,
    registry,
    sourceName: source?.name,
  });
}

/** The source that is registered over a topic. */
export function sourceOver(topic: string, engine: Engine): DataSource | undefined {
  return [...engine.metastore.sources.values()].find((source) => source.topic === topic);
}
