import { keyColumns, valueColumns } from '../../../language/types/schema.ts';
import { type RecordBatch, RecordBatchBuilder } from '../../broker/record-batch.ts';
import type { Change, Row } from '../../operators/operator.ts';
import { appendWindow, type WindowLayout, windowLayout } from '../../serde/windowed-key.ts';
import type { QueryProcessingLog } from '../monitoring/processing-log.ts';
import { type ChangeEncoder, Partitioner } from './row-encoder.ts';
import { type TimestampConversion, timestampConversion } from './timestamp-extractor.ts';

const BATCH_CAPACITY_BYTES = 16 * 1024;
/** A batch of more is complete: Kafka's brokers take no more than a megabyte, unless told otherwise. */
const MAX_BATCH_BYTES = 512 * 1024;

/** Resolves when the broker has the batch. @throws BrokerError */
export type AppendBatch = (topic: string, partition: number, batch: RecordBatch) => Promise<unknown>;

/**
 * Writes a query's results to its sink topic, a batch for each partition. Rows that cannot be written go to the
 * processing log.
 */
export class RecordWriter {
  readonly #append: AppendBatch;
  readonly #encoder: ChangeEncoder;
  readonly #log: QueryProcessingLog;
  readonly #step: string;
  readonly #partitioner: Partitioner;
  readonly #windowLayout: WindowLayout;
  readonly #timestamp:
    | { readonly key: number; readonly value: number; readonly convert: TimestampConversion }
    | undefined;
  readonly #builders = new Map<number, RecordBatchBuilder>();
  /** Complete batches, older than what the builders hold. */
  readonly #complete: (readonly [partition: number, batch: RecordBatch])[] = [];
  /** What was handed over and is not known to be in the topic. */
  readonly #unwritten: (readonly [partition: number, batch: RecordBatch])[] = [];
  /** What the broker has, and has not taken yet. */
  #appending: Promise<void> | undefined;

  /** @param append writes a batch to a topic */
  constructor(append: AppendBatch, encoder: ChangeEncoder, partitions: number, log: QueryProcessingLog) {
    const { source } = encoder;
    this.#append = append;
    this.#encoder = encoder;
    this.#log = log;
    this.#step = source.name;
    this.#partitioner = new Partitioner(partitions);
    this.#windowLayout = windowLayout(source.window?.type ?? 'TUMBLING');
    if (source.timestamp !== undefined) {
      const { column, format } = source.timestamp;
      this.#timestamp = {
        key: keyColumns(source.schema).findIndex(({ name }) => name === column),
        value: valueColumns(source.schema).findIndex(({ name }) => name === column),
        convert: timestampConversion(format),
      };
    }
  }

  /** Adds a change to the batch of its partition. @returns whether it was written */
  write(change: Change): boolean {
    let key: Uint8Array | null;
    try {
      key = this.#encoder.encodeKey(change.key);
    } catch (error) {
      return this.#refuse('key', error, change.key);
    }
    const fullKey =
      change.window !== undefined && key !== null ? appendWindow(key, change.window, this.#windowLayout) : key;
    const batch = this.batchFor(key);
    return this.#timestamp === undefined ? this.#put(change, fullKey, batch) : this.#putTimed(change, fullKey, batch);
  }

  /** Writes a record whose time is that of its change. */
  #put({ after, before, timeMs, headers }: Change, key: Uint8Array | null, batch: RecordBatchBuilder): boolean {
    batch.begin(timeMs, key);
    try {
      batch.end(this.#encoder.writeValue(after, before, batch.writer), headers);
      return true;
    } catch (error) {
      batch.drop();
      return this.#refuse('value', error, after);
    }
  }

  /** Writes a record whose time stands in a column, which is looked at once the value is known to be right. */
  #putTimed(change: Change, key: Uint8Array | null, batch: RecordBatchBuilder): boolean {
    let value: Uint8Array | null;
    try {
      value = this.#encoder.encodeValue(change.after, change.before);
    } catch (error) {
      return this.#refuse('value', error, change.after);
    }
    const timeMs = this.#time(change);
    if (timeMs === undefined) return false;
    batch.append(key, value, timeMs, change.headers);
    return true;
  }

  /**
   * The batch that a record goes into whose key, without a window, is a range of bytes or null; for what writes records
   * there itself.
   */
  batchFor(key: Uint8Array | null, start?: number, end?: number): RecordBatchBuilder {
    return this.batchOf(this.partitionFor(key, start, end));
  }

  /** The partition of {@link batchFor}. */
  partitionFor(key: Uint8Array | null, start?: number, end?: number): number {
    return this.#partitioner.partition(key, start, end);
  }

  /** The batch that records of a partition go into. */
  batchOf(partition: number): RecordBatchBuilder {
    const builder = this.#builders.get(partition) ?? this.#newBatch(partition);
    if (builder.sizeBytes > MAX_BATCH_BYTES) this.#complete.push([partition, builder.build()]);
    return builder;
  }

  #newBatch(partition: number): RecordBatchBuilder {
    const builder = new RecordBatchBuilder(BATCH_CAPACITY_BYTES);
    this.#builders.set(partition, builder);
    return builder;
  }

  /** Whether everything that was written has been taken by the broker. */
  get isFlushed(): boolean {
    return this.#unwritten.length === 0 && this.#appending === undefined;
  }

  /**
   * Appends what was written to the topic. What the broker has not taken is kept, and comes first in the next call.
   * @throws BrokerError
   */
  async flush(): Promise<void> {
    await this.#settle();
    const batches = this.#takeBatches();
    if (batches.length > 0) await this.#appendAll(batches);
  }

  /**
   * As {@link flush}, but waits only for what the call before it has handed over, so that more can be processed while
   * the broker has this. With nothing to hand over, all has been taken when it resolves.
   * @throws BrokerError
   */
  async flushAhead(): Promise<void> {
    await this.#settle();
    const batches = this.#takeBatches();
    if (batches.length === 0) return;
    this.#appending = this.#appendAll(batches);
    // The next call tells of it.
    this.#appending.catch(() => undefined);
  }

  async #settle(): Promise<void> {
    const appending = this.#appending;
    if (appending === undefined) return;
    try {
      await appending;
    } finally {
      this.#appending = undefined;
    }
  }

  #takeBatches(): (readonly [partition: number, batch: RecordBatch])[] {
    const batches = [...this.#unwritten.splice(0), ...this.#complete.splice(0)];
    for (const [partition, builder] of this.#builders)
      if (builder.count > 0) batches.push([partition, builder.build()]);
    if (batches.length > 0) this.#partitioner.nextBatch();
    return batches;
  }

  /** Those of a partition go one after another, so that they stay in order whatever happens to one. */
  async #appendAll(batches: readonly (readonly [partition: number, batch: RecordBatch])[]): Promise<void> {
    const byPartition = Map.groupBy(batches, ([partition]) => partition);
    const appended = await Promise.allSettled([...byPartition.values()].map((ofOne) => this.#appendInOrder(ofOne)));
    const failed = appended.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #appendInOrder(batches: readonly (readonly [partition: number, batch: RecordBatch])[]): Promise<void> {
    const { topic } = this.#encoder.source;
    for (const [i, [partition, batch]] of batches.entries()) {
      try {
        await this.#append(topic, partition, batch);
      } catch (error) {
        this.#unwritten.push(...batches.slice(i));
        throw error;
      }
    }
  }

  #refuse(target: 'key' | 'value', error: unknown, row: Row | null): false {
    this.#log.serializationError(this.#step, target, this.#encoder.source.topic, error, row);
    return false;
  }

  /**
   * The record's time: the sink's TIMESTAMP column, if there is one. -1 there stands for the time of the change; any
   * other negative time, like one that cannot be read, keeps the row from being written.
   */
  #time(change: Change): number | undefined {
    const timestamp = this.#timestamp;
    if (timestamp === undefined || change.after === null) return change.timeMs;
    try {
      const source = timestamp.key >= 0 ? change.key?.[timestamp.key] : change.after[timestamp.value];
      const timeMs = timestamp.convert(source ?? null);
      if (timeMs === -1) return change.timeMs;
      if (timeMs < 0) throw new Error(`Invalid timestamp ${timeMs}`);
      return timeMs;
    } catch (error) {
      const message = `Error writing row with extracted timestamp: ${(error as Error).message}`;
      this.#log.recordProcessingError(this.#step, message, error, change.after);
      return undefined;
    }
  }
}
