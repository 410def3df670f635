import { type DataSource, WINDOW_TYPES } from '../../language/metastore/metastore.ts';
import type { ReadPosition } from '../broker/broker.ts';
import type { RecordBatch, RecordHeader } from '../broker/record-batch.ts';
import type { Engine } from '../index.ts';
import type { MemoryRegistry } from '../serde/schemas/memory-registry.ts';
import type { ExactJson } from './case-json.ts';
import { findDifference, shown } from './compare-values.ts';
import type { TestCase, TestRecord } from './test-case.ts';
import { sourceOver, topicCodec } from './test-topics.ts';
import { ExpectationError } from './verdict.ts';

/** A record of a topic, decoded. */
export interface ActualRecord {
  readonly key: ExactJson;
  readonly value: ExactJson;
  readonly timeMs: number;
  readonly window: { readonly startMs: number; readonly endMs: number } | undefined;
  readonly headers: readonly RecordHeader[];
}

/** Checks every topic that the case expects records in (qtt-format §1.8). @throws ExpectationError */
export async function checkOutputs(testCase: TestCase, engine: Engine, registry: MemoryRegistry): Promise<void> {
  const topics = [...new Set(testCase.outputs.map(({ topic }) => topic))];
  for (const topic of topics) {
    const expected = testCase.outputs.filter((record) => record.topic === topic);
    const all = await readTopic(topic, engine, registry);
    const inputs = testCase.inputs.filter((record) => record.topic === topic).length;
    // Expectations on a topic that also has inputs begin with these.
    const actual = inputs > 0 && all.length - inputs === expected.length ? all.slice(inputs) : all;
    if (actual.length !== expected.length) {
      throw new ExpectationError(
        `Topic ${topic}. Expected ${expected.length} records but it was ${actual.length}\nActual records:\n${actual.map(describe).join('\n')}`,
        { expected: expected.map(describeExpected).join('\n'), actual: actual.map(describe).join('\n') },
      );
    }
    for (const [i, record] of expected.entries()) compare(topic, i, record, actual[i]!, testCase);
  }
}

/** All records of a topic, decoded after the source over it, partition by partition. */
export async function readTopic(
  topic: string,
  engine: Engine,
  registry: MemoryRegistry,
): Promise<readonly ActualRecord[]> {
  const source = sourceOver(topic, engine);
  const keys = topicCodec(topic, source, true, registry);
  const values = topicCodec(topic, source, false, registry);
  const records: ActualRecord[] = [];
  for (const { partition, earliest } of await engine.broker.offsets(topic)) {
    // A Kafka gives no more at once than one of its segments.
    for (const batch of await allBatches(engine, { topic, partition, offset: earliest })) {
      const cursor = batch.records();
      while (cursor.next()) {
        const { key, window } = splitKey(cursor.key, source);
        records.push({
          key: await keys.decode(key),
          value: await values.decode(cursor.value),
          timeMs: cursor.timeMs,
          window,
          headers: cursor.headers,
        });
      }
    }
  }
  return records;
}

async function allBatches({ broker }: Engine, from: ReadPosition): Promise<readonly RecordBatch[]> {
  const all: RecordBatch[] = [];
  for (let { offset } = from; ; offset = all.at(-1)!.lastOffset + 1) {
    const { batches } = await broker.read({ ...from, offset }, Number.MAX_SAFE_INTEGER);
    if (batches.length === 0) return all;
    all.push(...batches);
  }
}

function splitKey(
  bytes: Uint8Array | null,
  source: DataSource | undefined,
): { readonly key: Uint8Array | null; readonly window: ActualRecord['window'] } {
  if (bytes === null || source?.window === undefined) return { key: bytes, window: undefined };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const startMs = Number(view.getBigInt64(bytes.length - 8));
  if (WINDOW_TYPES[source.window.type] === 'time') {
    return {
      key: bytes.subarray(0, bytes.length - 8),
      window: { startMs, endMs: startMs + (source.window.sizeMs ?? 0) },
    };
  }
  return {
    key: bytes.subarray(0, bytes.length - 16),
    window: { startMs, endMs: Number(view.getBigInt64(bytes.length - 16)) },
  };
}

function compare(topic: string, index: number, expected: TestRecord, actual: ActualRecord, testCase: TestCase): void {
  if (!recordDiffers(expected, actual, testCase)) return;
  throw new ExpectationError(
    `Topic '${topic}', message ${index}: Expected ${describeExpected(expected)} but was ${describe(actual)}`,
    { expected: describeExpected(expected), actual: describe(actual) },
  );
}

/** Whether a record is another than the one that a case expects. */
export function recordDiffers(
  expected: TestRecord,
  actual: ActualRecord,
  { inexactNumbers, hasInputs }: Pick<TestCase, 'inexactNumbers' | 'hasInputs'>,
): boolean {
  return (
    findDifference(expected.key, actual.key, inexactNumbers) !== undefined ||
    findDifference(expected.value, actual.value, inexactNumbers) !== undefined ||
    (expected.timeMs !== undefined && expected.timeMs !== actual.timeMs && (hasInputs || expected.timeMs !== 0)) ||
    windowDiffers(expected.window, actual.window) ||
    headersDiffer(expected, actual)
  );
}

function windowDiffers(expected: TestRecord['window'], actual: ActualRecord['window']): boolean {
  if (expected === undefined || actual === undefined) return expected !== undefined;
  return expected.startMs !== actual.startMs || expected.endMs !== actual.endMs;
}

function headersDiffer({ headers }: TestRecord, actual: ActualRecord): boolean {
  if (headers.length !== actual.headers.length) return true;
  return headers.some(({ key, value }, i) => {
    const found = actual.headers[i]!;
    return key !== found.key || value !== (found.value === null ? null : Buffer.from(found.value).toString('base64'));
  });
}

const windowText = (window: { readonly startMs: number; readonly endMs: number } | undefined) =>
  window === undefined ? '' : ` window=[${window.startMs}, ${window.endMs}]`;
/** A record in a line, for people. */
export const describe = ({ key, value, timeMs, window, headers }: ActualRecord) =>
  `<${shown(key)}, ${shown(value)}> with timestamp=${timeMs}${windowText(window)} and headers=[${headers.map((header) => header.key).join(', ')}]`;
/** A record that a case expects, in the same form. */
export const describeExpected = ({ key, value, timeMs, window, headers }: TestRecord) =>
  `<${shown(key)}, ${shown(value)}> with timestamp=${timeMs}${windowText(window)} and headers=[${headers.map((header) => header.key).join(', ')}]`;
