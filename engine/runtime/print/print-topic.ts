import type { PrintTopic } from '../../../language/generated/ast.ts';
import type { Broker, PartitionOffsets, Subscription } from '../../broker/broker.ts';
import type { RecordCursor } from '../../broker/record-batch.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';
import { SchemaPrinter } from './schema-printer.ts';
import { type GuessedFormat, TopicFormats } from './topic-formats.ts';

/** What PRINT tells: a record as a line of text, or that the guess at the topic's formats has changed. */
export type PrintEvent =
  | { readonly kind: 'record'; readonly text: string }
  | { readonly kind: 'formats'; readonly lines: readonly string[] };

export interface PrintAnswer {
  readonly kind: 'print';
  /** The next events; undefined at the end. */
  next(): Promise<readonly PrintEvent[] | undefined>;
  close(): Promise<void>;
}

/** More events than this waiting make the topic wait. */
const HIGH_WATER_EVENTS = 5000;

/** The name as it is written, without quotes: topics keep their case. */
const topicName = (node: PrintTopic): string => node.topic!.replace(/^(["`])(.*)\1$/, '$2');

/**
 * Follows a topic; undefined when there is none of that name.
 * @param untilEnd all that the topic holds now is printed, and then the answer ends
 */
export async function printTopic(
  node: PrintTopic,
  { broker, registry }: { readonly broker: Broker; readonly registry?: SchemaRegistry | undefined },
  untilEnd: boolean,
): Promise<PrintAnswer | undefined> {
  const name = topicName(node);
  if ((await broker.describeTopic(name)) === undefined) return undefined;
  const offsets = await broker.offsets(name);
  const positions = offsets.map(({ partition, earliest, latest }) => ({
    topic: name,
    partition,
    offset: node.fromBeginning || untilEnd ? earliest : latest,
  }));
  const ends = untilEnd ? new TopicEnds(offsets) : undefined;
  const schemas = new SchemaPrinter(name, registry);
  const printer = new TopicPrinter(
    new TopicFormats(schemas),
    node.interval === undefined ? 1 : Number(node.interval),
    node.limit === undefined ? Number.POSITIVE_INFINITY : Number(node.limit),
  );
  if (ends?.areReached) printer.finish();
  printer.subscription = await broker.subscribe(positions, async (fetched) => {
    const end = ends?.of(fetched.partition) ?? Number.POSITIVE_INFINITY;
    const from = positions.find(({ partition }) => partition === fetched.partition)!.offset;
    // As in ksqlDB all that came at once is looked at before any of it is printed.
    for (const batch of fetched.batches) {
      const cursor = batch.records();
      while (cursor.next()) {
        if (cursor.offset < from || cursor.offset >= end) continue;
        const { key, value } = cursor;
        if (!schemas.knows(key)) await schemas.prepare(key);
        if (!schemas.knows(value)) await schemas.prepare(value);
        printer.learn(key, value);
      }
    }
    for (const batch of fetched.batches) {
      const cursor = batch.records();
      while (cursor.next()) if (cursor.offset >= from && cursor.offset < end) printer.add(cursor, fetched.partition);
    }
    const last = fetched.batches.at(-1);
    if (last !== undefined && ends?.reach(fetched.partition, last.lastOffset + 1)) printer.finish();
    await printer.drained();
  });
  return printer;
}

/** Where the partitions of a topic ended, and which of them have not been read so far. */
class TopicEnds {
  readonly #ends: ReadonlyMap<number, number>;
  readonly #open: Set<number>;

  constructor(offsets: readonly PartitionOffsets[]) {
    this.#ends = new Map(offsets.map(({ partition, latest }) => [partition, latest]));
    this.#open = new Set(offsets.filter(({ earliest, latest }) => earliest < latest).map(({ partition }) => partition));
  }

  get areReached(): boolean {
    return this.#open.size === 0;
  }

  of(partition: number): number | undefined {
    return this.#ends.get(partition);
  }

  /** Takes note of how far a partition has been read. @returns whether all are at their ends */
  reach(partition: number, offset: number): boolean {
    if (offset >= this.#ends.get(partition)!) this.#open.delete(partition);
    return this.areReached;
  }
}

/** What to say about a topic that does not exist, with the topics that differ in case only. */
export async function unknownTopicMessage(node: PrintTopic, broker: Broker): Promise<string> {
  const name = topicName(node);
  const similar = (await broker.listTopics()).filter((topic) => topic.name.toLowerCase() === name.toLowerCase());
  const hint =
    similar.length === 0 ? '' : `\nDid you mean:\n${similar.map((topic) => `\tprint ${topic.name};`).join('\n')}`;
  return `Could not find topic '${name}', or the KSQL user does not have permissions to list the topic. Topic names are case-sensitive.${hint}`;
}

class TopicPrinter implements PrintAnswer {
  readonly kind = 'print';
  subscription: Subscription | undefined;
  readonly #interval: number;
  readonly #limit: number;
  readonly #formats: TopicFormats;
  #events: PrintEvent[] = [];
  #seen = 0;
  #printed = 0;
  #ended = false;
  #waiting: (() => void) | undefined;
  /** Held back are the readers of all partitions, while too much waits to be printed. */
  #full: PromiseWithResolvers<void> | undefined;

  constructor(formats: TopicFormats, interval: number, limit: number) {
    this.#formats = formats;
    this.#interval = Math.max(1, interval);
    this.#limit = limit;
  }

  /** Takes a record into account that is to be printed. */
  learn(key: Uint8Array | null, value: Uint8Array | null): void {
    if (!this.#ended) this.#formats.learn(key, value);
  }

  add(cursor: RecordCursor, partition: number): void {
    if (this.#ended) return;
    const lines = this.#formats.news();
    if (lines !== undefined) this.#events.push({ kind: 'formats', lines });
    if (this.#seen++ % this.#interval !== 0) return;
    this.#events.push({ kind: 'record', text: recordText(cursor, partition, this.#formats.key, this.#formats.value) });
    if (++this.#printed >= this.#limit) this.#ended = true;
    this.#waiting?.();
  }

  /** Nothing more comes. */
  finish(): void {
    this.#ended = true;
    this.#waiting?.();
  }

  /** Resolves when the reader has caught up enough. */
  drained(): Promise<void> | undefined {
    if (this.#events.length < HIGH_WATER_EVENTS || this.#ended) return undefined;
    this.#full ??= Promise.withResolvers();
    return this.#full.promise;
  }

  async next(): Promise<readonly PrintEvent[] | undefined> {
    if (this.#events.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
      this.#waiting = undefined;
    }
    const events = this.#events;
    this.#events = [];
    this.#full?.resolve();
    this.#full = undefined;
    return events.length === 0 && this.#ended ? undefined : events;
  }

  async close(): Promise<void> {
    this.finish();
    this.#full?.resolve();
    const { subscription } = this;
    this.subscription = undefined;
    await subscription?.close();
  }
}

function recordText(cursor: RecordCursor, partition: number, key: GuessedFormat, value: GuessedFormat): string {
  const time = `${new Date(cursor.timeMs).toISOString().replace('T', ' ').replaceAll('-', '/').replace('Z', '')} Z`;
  const text = (bytes: Uint8Array | null, format: GuessedFormat) => (bytes === null ? '<null>' : format.print(bytes));
  return `rowtime: ${time}, key: ${text(cursor.key, key)}, value: ${text(cursor.value, value)}, partition: ${partition}`;
}
