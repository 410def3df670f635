import type { CaptureRequest } from '../api/topics/topics-protocol.ts';
import { type Broker, BrokerError, type PartitionOffsets, type TopicPartition } from '../broker/broker.ts';
import type { RecordCursor } from '../broker/record-batch.ts';
import { type FixtureLine, fixtureLineText } from '../fixtures/fixture-line.ts';
import { schemaIdOf } from '../fixtures/schema-id.ts';
import type { SchemaRegistry } from '../serde/registry/schema-registry.ts';
import { MergedRecords, type ReadRange } from './merged-records.ts';

export interface CaptureSources {
  readonly broker: Broker;
  readonly registry?: SchemaRegistry | undefined;
}

/** How many lines are handed on at once. */
const LINES_AT_ONCE = 500;

/**
 * The lines of a fixture file with records as the topics hold them now, the oldest first: topics, then records, each
 * schema before the first record that was written with it.
 * @throws BrokerError when there is no such topic; then before the first line
 */
export async function* captureTopics(
  sources: CaptureSources,
  request: CaptureRequest,
): AsyncGenerator<readonly string[]> {
  const { broker } = sources;
  const ranges: ReadRange[] = [];
  const heads: string[] = [];
  for (const topic of request.topics) {
    const description = await broker.describeTopic(topic);
    if (description === undefined) throw new BrokerError(`Topic '${topic}' does not exist.`, 'unknown-topic');
    heads.push(fixtureLineText({ kind: 'topic', topic, partitions: description.partitions }));
    for (const { partition, earliest, latest } of await broker.offsets(topic)) {
      const offset = await startOf(broker, { topic, partition, earliest, latest }, request);
      ranges.push({ topic, partition, offset, end: latest });
    }
  }
  yield heads;
  const schemas = new CapturedSchemas(sources.registry);
  for await (const records of chosenRecords(new MergedRecords(broker, ranges), request)) {
    const lines: string[] = [];
    for (const { record, text } of records) {
      if (schemas.mayTell(record)) lines.push(...(await schemas.newOnes(record)));
      lines.push(text);
    }
    yield lines;
  }
}

/** Where a partition is read from, so that nothing that is asked for stands before. */
async function startOf(
  broker: Broker,
  { earliest, latest, ...of }: TopicPartition & PartitionOffsets,
  { last, fromMs, toMs }: CaptureRequest,
): Promise<number> {
  if (fromMs !== undefined && broker.offsetAt !== undefined) return (await broker.offsetAt(of, fromMs)) ?? latest;
  // Without a time to look for, the last records of all are among the last of each partition.
  return last === undefined || fromMs !== undefined || toMs !== undefined
    ? earliest
    : Math.max(earliest, latest - last);
}

interface Captured {
  readonly record: Extract<FixtureLine, { kind: 'record' }>;
  readonly text: string;
}

/** The records that are asked for, many at a time. */
async function* chosenRecords(merged: MergedRecords, request: CaptureRequest): AsyncGenerator<readonly Captured[]> {
  const { first = Number.POSITIVE_INFINITY, last } = request;
  const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = request;
  let taken = 0;
  let kept: Captured[] = [];
  for (let isDone = first <= 0; !isDone; ) {
    isDone = true;
    await merged.visit((cursor, { topic, partition }) => {
      if (cursor.timeMs < fromMs || cursor.timeMs >= toMs) return true;
      kept.push(captured(cursor, topic, partition));
      taken++;
      // Half of them are let go at a time, so that one costs no more than two moves.
      if (last !== undefined && kept.length > 2 * last) kept = kept.slice(-last);
      isDone = taken >= first;
      return !isDone && (last !== undefined || kept.length < LINES_AT_ONCE);
    });
    if (last !== undefined) break;
    isDone ||= kept.length < LINES_AT_ONCE;
    if (kept.length > 0) yield kept;
    kept = [];
  }
  if (last !== undefined) yield kept.slice(Math.max(0, kept.length - last));
}

function captured(cursor: RecordCursor, topic: string, partition: number): Captured {
  const record: Captured['record'] = {
    kind: 'record',
    topic,
    partition,
    offset: cursor.offset,
    timestampMs: cursor.timeMs,
    headers: cursor.headers,
    key: cursor.key,
    value: cursor.value,
  };
  return { record, text: fixtureLineText(record) };
}

/** Tells the schemas that records name, each once. */
class CapturedSchemas {
  readonly #registry: SchemaRegistry | undefined;
  readonly #told = new Set<string>();

  constructor(registry: SchemaRegistry | undefined) {
    this.#registry = registry;
  }

  /** Whether {@link newOnes} has to be waited for. */
  mayTell({ key, value }: Captured['record']): boolean {
    return this.#registry !== undefined && (key?.[0] === 0 || value?.[0] === 0);
  }

  /** Lines of the schemas of a record that no record before it had. */
  async newOnes({ topic, key, value }: Captured['record']): Promise<readonly string[]> {
    if (this.#registry === undefined) return [];
    const lines: string[] = [];
    for (const [bytes, part] of [
      [key, 'key'],
      [value, 'value'],
    ] as const) {
      const id = bytes === null ? undefined : schemaIdOf(bytes);
      const subject = `${topic}-${part}`;
      if (id === undefined || this.#told.has(`${id} ${subject}`)) continue;
      this.#told.add(`${id} ${subject}`);
      const found = await this.#registry.byId(id).catch(() => undefined);
      if (found === undefined) continue;
      const { type, schema } = found;
      lines.push(fixtureLineText({ kind: 'schema', id, subject, type, schema }));
    }
    return lines;
  }
}
