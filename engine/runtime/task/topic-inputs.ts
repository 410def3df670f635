import type { RecordBatch } from '../../broker/record-batch.ts';
import type { Change } from '../../operators/operator.ts';
import { SchemaNotLoadedError, SerdeError } from '../../serde/encoding/serde.ts';
import type { QueryProcessingLog } from '../monitoring/processing-log.ts';
import type { PartitionBuffer } from './partition-buffer.ts';
import type { ShortWay, TaskInput } from './query-task-options.ts';

/** A record that can be read only after its schema was fetched. */
export interface MissingSchema {
  readonly buffer: PartitionBuffer;
  readonly error: SchemaNotLoadedError;
}

/**
 * The sources of a query by their topics, several of which may be one: they read records and put the changes into the
 * pipeline.
 */
export class TopicInputs {
  readonly #byTopic = new Map<string, TaskInput[]>();
  readonly #log: QueryProcessingLog;
  readonly #shortWays = new Map<string, ShortWay>();
  #streamTimeMs: number | null = null;

  constructor(inputs: readonly TaskInput[], log: QueryProcessingLog) {
    this.#log = log;
    for (const input of inputs) {
      const { topic } = input.reader.source;
      const sharing = this.#byTopic.get(topic);
      if (sharing === undefined) this.#byTopic.set(topic, [input]);
      else sharing.push(input);
    }
    for (const [topic, [only, ...others]] of this.#byTopic)
      if (only?.shortWay !== undefined && others.length === 0) this.#shortWays.set(topic, only.shortWay);
  }

  get topics(): readonly string[] {
    return [...this.#byTopic.keys()];
  }

  /** The newest time of any record so far. */
  get streamTimeMs(): number | null {
    return this.#streamTimeMs;
  }

  /** Whether all that reads the topic are tables. */
  isTable(topic: string): boolean {
    return this.#of(topic).every(({ reader }) => reader.source.kind === 'TABLE');
  }

  hasTable(topic: string): boolean {
    return this.#of(topic).some(({ reader }) => reader.source.kind === 'TABLE');
  }

  /**
   * Whether the time of the topic's records stands in a column of theirs. As in Kafka Streams, its first source
   * decides.
   */
  extractsTime(topic: string): boolean {
    return this.#of(topic)[0]!.reader.extractsTime;
  }

  /**
   * Reads the next record of a partition before its turn, for the time that stands in it, and keeps what was read.
   * @returns undefined when its turn must come at once, because of what is wrong with it
   */
  readTime(buffer: PartitionBuffer): number | undefined {
    const cursor = buffer.head!;
    this.#log.current = { topic: buffer.topic, partition: buffer.partition, offset: cursor.offset };
    try {
      buffer.keep({ change: this.#of(buffer.topic)[0]!.reader.read(cursor, buffer.partition) });
    } catch (error) {
      // Once the schema is there the record has a time; any other error is thrown when its turn comes.
      if (error instanceof SchemaNotLoadedError) return undefined;
      buffer.keep({ error });
    }
    return buffer.headTimeMs;
  }

  /**
   * Processes the next records of a partition by the short way and leaves them behind, as far as that takes them.
   *
   * @param untilMs records of this time and later wait for those of other partitions
   * @returns how many there were
   */
  processShort(buffer: PartitionBuffer, most: number, untilMs: number): number {
    const shortWay = this.#shortWays.get(buffer.topic);
    if (shortWay === undefined) return 0;
    const { partition } = buffer;
    let count = 0;
    let streamTimeMs = this.#streamTimeMs ?? Number.NEGATIVE_INFINITY;
    let goesOn = true;
    for (let cursor = buffer.head; cursor !== undefined && goesOn; cursor = buffer.head) {
      let { offset } = cursor;
      do {
        // The first one is chosen, whatever its time.
        goesOn = (count === 0 || cursor.timeMs < untilMs) && shortWay.process(cursor, partition);
        if (!goesOn) break;
        if (cursor.timeMs > streamTimeMs) streamTimeMs = cursor.timeMs;
        offset = cursor.offset + 1;
        count++;
        goesOn = count < most;
      } while (shortWay.next(cursor) && goesOn);
      buffer.pass(offset);
    }
    if (count > 0) this.#streamTimeMs = streamTimeMs;
    shortWay.done();
    return count;
  }

  /** Processes the next record of a partition and leaves it behind, unless its schema has to be fetched first. */
  processHead(buffer: PartitionBuffer): MissingSchema | undefined {
    const cursor = buffer.head!;
    const inputs = this.#of(buffer.topic);
    for (let i = 0; i < inputs.length; i++) {
      this.#log.current = { topic: buffer.topic, partition: buffer.partition, offset: cursor.offset };
      const kept = i === 0 ? buffer.kept : undefined;
      let change: Change | undefined;
      try {
        if (kept !== undefined && 'error' in kept) throw kept.error;
        change = kept === undefined ? inputs[i]!.reader.read(cursor, buffer.partition) : kept.change;
      } catch (error) {
        if (error instanceof SchemaNotLoadedError) return { buffer, error };
        throw error;
      }
      if (change === undefined) continue;
      if (this.#streamTimeMs === null || change.timeMs > this.#streamTimeMs) this.#streamTimeMs = change.timeMs;
      inputs[i]!.process(change);
    }
    buffer.advance();
    return undefined;
  }

  /** Processes all records of batches from an offset on; what is wrong is thrown. */
  processAll(topic: string, partition: number, batches: readonly RecordBatch[], from: number): void {
    const inputs = this.#byTopic.get(topic) ?? [];
    const shortWay = this.#shortWays.get(topic);
    try {
      for (const batch of batches) this.#processBatch(batch, { topic, partition, from }, inputs, shortWay);
    } finally {
      shortWay?.done();
    }
  }

  #processBatch(
    batch: RecordBatch,
    { topic, partition, from }: { readonly topic: string; readonly partition: number; readonly from: number },
    inputs: readonly TaskInput[],
    shortWay: ShortWay | undefined,
  ): void {
    const cursor = batch.records();
    while (shortWay === undefined ? cursor.next() : shortWay.next(cursor)) {
      if (cursor.offset < from || shortWay?.process(cursor, partition) === true) continue;
      this.#log.current = { topic, partition, offset: cursor.offset };
      for (const input of inputs) {
        const change = input.reader.read(cursor, partition);
        if (change !== undefined) input.process(change);
      }
    }
  }

  /**
   * Fetches what a record needs to be read. A schema that does not exist makes it a bad record. @throws what else goes
   * wrong
   */
  async loadSchema({ buffer, error: missing }: MissingSchema): Promise<void> {
    try {
      await missing.load();
    } catch (error) {
      if (!(error instanceof SerdeError)) throw error;
      for (const { reader } of this.#of(buffer.topic)) reader.refuse(buffer.head!, error);
      buffer.advance();
    }
  }

  #of(topic: string): readonly TaskInput[] {
    return this.#byTopic.get(topic)!;
  }
}
