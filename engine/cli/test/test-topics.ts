import type { DataSource, FormatInfo } from '../../../language/analysis/metastore.ts';
import { parseScript } from '../../../language/index.ts';
import { keyColumns, valueColumns } from '../../../language/types/schema.ts';
import type { Broker } from '../../broker/broker.ts';
import { type RecordBatch, RecordBatchBuilder } from '../../broker/record-batch.ts';
import type { Engine } from '../../index.ts';
import { windowedKey } from '../../runtime/row-encoder.ts';
import type { MemoryRegistry } from '../../serde/memory-registry.ts';
import type { SchemaType } from '../../serde/schema-registry.ts';
import { printExactJson } from './exact-json.ts';
import { sourceOver } from './query-case.ts';
import type { TestCase, TestRecord, TestTopic } from './test-case.ts';
import { createTestCodec, type TestCodec } from './test-values.ts';

/** Makes the topics that a case names, or that its CREATE statements declare columns for, and registers their schemas. */
export async function prepareTopics(testCase: TestCase, broker: Broker, registry: MemoryRegistry): Promise<void> {
  const topics = new Map<string, { partitions: number; replicas: number }>();
  for (const { topic, partitions } of declaredTopics(testCase.statements))
    topics.set(topic, { partitions, replicas: 1 });
  for (const { name, partitions, replicas } of testCase.topics) topics.set(name, { partitions, replicas });
  for (const { topic } of [...testCase.inputs, ...testCase.outputs])
    if (!topics.has(topic)) topics.set(topic, { partitions: 1, replicas: 1 });
  for (const [name, { partitions }] of topics) await broker.createTopic({ name, partitions, replicas: 1 });
  for (const topic of testCase.topics) await registerSchemas(topic, registry);
}

function declaredTopics(
  statements: readonly string[],
): readonly { readonly topic: string; readonly partitions: number }[] {
  return parseScript(statements.join('\n'), { dialect: 'latest' }).statements.flatMap(({ node }) => {
    if (node?.$type !== 'CreateSource' || node.elements.length === 0) return [];
    const valueOf = (name: string) => {
      const literal = node.properties?.entries.find((entry) => entry.name.toUpperCase() === name)?.value;
      return literal !== undefined && 'value' in literal ? String(literal.value) : undefined;
    };
    const topic = valueOf('KAFKA_TOPIC');
    const partitions = Number(valueOf('PARTITIONS') ?? 1);
    return topic === undefined || !(partitions >= 1) ? [] : [{ topic, partitions }];
  });
}

const SCHEMA_TYPES: Readonly<Record<string, SchemaType>> = { AVRO: 'AVRO', JSON_SR: 'JSON', PROTOBUF: 'PROTOBUF' };

async function registerSchemas(topic: TestTopic, registry: MemoryRegistry): Promise<void> {
  const sides = [
    {
      side: 'key',
      schema: topic.keySchema,
      format: topic.keyFormat,
      id: topic.keySchemaId,
      references: topic.keySchemaReferences,
    },
    {
      side: 'value',
      schema: topic.valueSchema,
      format: topic.valueFormat,
      id: topic.valueSchemaId,
      references: topic.valueSchemaReferences,
    },
  ] as const;
  for (const { side, schema, format, id, references } of sides) {
    if (schema === undefined) continue;
    const named = [];
    for (const reference of references) {
      const type = SCHEMA_TYPES[reference.format] ?? 'AVRO';
      await registry.register(reference.name, { type, schema: textOf(reference.schema), references: [] });
      named.push({ name: reference.name, subject: reference.name, version: 1 });
    }
    const type = SCHEMA_TYPES[format ?? 'AVRO'];
    if (type === undefined) continue;
    const registered = { type, schema: textOf(schema), references: named };
    const subject = `${topic.name}-${side}`;
    if (id === undefined) await registry.register(subject, registered);
    else registry.import(subject, registered, id);
  }
}

const textOf = (schema: Parameters<typeof printExactJson>[0]): string =>
  typeof schema === 'string' && !schema.startsWith('"') && /[{;]/.test(schema) ? schema : printExactJson(schema);

/** A record of a case, appended to its topic. */
export interface WrittenInput {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RecordBatch;
}

/** Appends an input record; its key and value are in the formats of the source over the topic. */
export async function writeInput(record: TestRecord, engine: Engine, registry: MemoryRegistry): Promise<WrittenInput> {
  const source = sourceOver(record.topic, engine);
  const key = await topicCodec(record.topic, source, true, registry).encode(record.key);
  const value = await topicCodec(record.topic, source, false, registry).encode(record.value);
  const window = record.window;
  const isSession = window?.type === 'session';
  const fullKey =
    key === null || window === undefined
      ? key
      : windowedKey(key, { startMs: window.startMs, endMs: window.endMs }, isSession);
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
  await engine.broker.append(record.topic, 0, [batch]);
  return { topic: record.topic, partition: 0, batch };
}

const KAFKA: FormatInfo = { name: 'KAFKA' };

/** The codec for keys or values of a topic, after the source or sink over it; of a topic without one everything is text. */
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
    ...(source === undefined ? {} : { sourceName: source.name }),
  });
}
