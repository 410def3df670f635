import type { DataSource } from '../../language/metastore/metastore.ts';
import { badRequest } from '../api/errors.ts';
import type { JsonValue } from '../api/protocol.ts';
import type { ProduceAnswer, ProducedRecord, TopicRecordForm } from '../api/topics/topics-protocol.ts';
import { BrokerError } from '../broker/broker.ts';
import { FixtureLineError, type FixtureRecord } from '../fixtures/fixture-line.ts';
import { SerdeError } from '../serde/encoding/serde.ts';
import { RecordAppender } from './append-records.ts';
import { type RecordEncoder, RecordError, recordEncoder } from './record-encoder.ts';
import { recordForm } from './record-schema.ts';
import { recordSource } from './record-source.ts';
import { RecordTexts } from './record-texts.ts';
import type { ViewServices } from './topic-view.ts';

interface Target {
  readonly source: DataSource;
  /** Whether the columns were declared, by a source or in the registry, and not only seen in records. */
  readonly hasSchema: boolean;
  readonly isSource: boolean;
  readonly texts: RecordTexts;
}

/** @throws EngineError when records cannot be written there */
async function targetOf(services: ViewServices, topic: string): Promise<Target> {
  if ((await services.broker.describeTopic(topic)) === undefined) throw badRequest(`Topic '${topic}' does not exist.`);
  const texts = await RecordTexts.open(topic, services);
  const source = await recordSource(topic, texts, services);
  const isSource = services.metastore.sources.has(source.name);
  if (source.window !== undefined)
    throw badRequest(`${source.name} has windows, and its keys are made by the query that writes it.`);
  const hasSchema = isSource || ['AVRO', 'PROTOBUF', 'JSON_SR'].includes(source.valueFormat.name);
  return { source, hasSchema, isSource, texts };
}

/** What a record of the topic looks like. @throws EngineError */
export async function topicRecordForm(services: ViewServices, topic: string): Promise<TopicRecordForm> {
  const { source, hasSchema, isSource } = await targetOf(services, topic);
  return { topic, ...recordForm(source, hasSchema), ...(isSource && { source: source.name }) };
}

/**
 * Writes records that a user has written. One that cannot be written does not keep the others from it.
 * @param nowMs the time of those without one
 * @throws EngineError when the topic takes none
 */
export async function produceRecords(
  services: ViewServices,
  topic: string,
  records: readonly ProducedRecord[],
  nowMs: number,
): Promise<ProduceAnswer> {
  const { source, hasSchema, texts } = await targetOf(services, topic);
  const { registry } = services;
  const encoder = await recordEncoder(source, hasSchema, { registry, keyFormat: texts.keyFormat });
  const appender = new RecordAppender(services.broker, nowMs);
  for (const [i, record] of records.entries()) {
    try {
      await appender.add(encoded(topic, record, encoder), i);
    } catch (error) {
      const isOurs = [RecordError, SerdeError, FixtureLineError, BrokerError].some((known) => error instanceof known);
      if (!isOurs) throw error;
      appender.problems.push({ line: i, message: (error as Error).message });
    }
  }
  await appender.flush();
  const problems = appender.problems.map(({ line, message }) => ({ record: line, message }));
  const { written, place } = appender;
  return { written, problems: problems.sort((a, b) => a.record - b.record), ...(written === 1 && { place }) };
}

/** @throws RecordError, SerdeError */
function encoded(topic: string, record: ProducedRecord, encoder: RecordEncoder): FixtureRecord {
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw new RecordError('A record is an object: {"key": …, "value": …}.');
  const unknown = Object.keys(record).find((name) => !/^(key|value|headers|timestamp|partition)$/.test(name));
  if (unknown !== undefined)
    throw new RecordError(`A record has no ${unknown}; it has key, value, headers, timestamp and partition.`);
  const { key, value, partition } = record;
  if (value === undefined) throw new RecordError('A record has a value; null is a tombstone.');
  if (partition !== undefined && !(Number.isSafeInteger(partition) && partition >= 0))
    throw new RecordError('The partition is a whole number.');
  return {
    kind: 'record',
    topic,
    partition,
    timestampMs: timeOf(record.timestamp),
    headers: headersOf(record.headers),
    key: encoder.key(key),
    value: encoder.value(value),
  };
}

/** @throws RecordError */
function timeOf(timestamp: JsonValue | undefined): number | undefined {
  if (timestamp === undefined || timestamp === null) return undefined;
  const timeMs = typeof timestamp === 'string' && !/^\d+$/.test(timestamp) ? Date.parse(timestamp) : Number(timestamp);
  if (!Number.isSafeInteger(timeMs) || timeMs < 0)
    throw new RecordError(
      'The timestamp is a number of milliseconds since 1970, or a time such as 2026-11-30T12:00:00Z.',
    );
  return timeMs;
}

const utf8 = new TextEncoder();

/** @throws RecordError */
function headersOf(headers: ProducedRecord['headers']): FixtureRecord['headers'] {
  if (headers === undefined || headers === null) return [];
  const list = Array.isArray(headers)
    ? headers.map((header) => [header?.name, header?.value ?? null] as const)
    : Object.entries(headers);
  return list.map(([key, value]) => {
    if (typeof key !== 'string' || (value !== null && typeof value !== 'string'))
      throw new RecordError('Headers have names and texts: {"trace": "a1"}.');
    return { key, value: value === null ? null : utf8.encode(value) };
  });
}
