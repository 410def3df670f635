import { randomUUID } from 'node:crypto';
import type { MemoryAccount, MemoryBudget } from '../memory/memory-budget.ts';
import {
  type Broker,
  BrokerError,
  type CommitPosition,
  type CommittedOffset,
  type FetchedBatches,
  type PartitionOffsets,
  type ReadPosition,
  type Subscription,
  type TopicDescription,
  type TopicSpec,
} from './broker.ts';
import { BrokerDirectory } from './broker-directory.ts';
import type { RecordBatch } from './record-batch.ts';
import { PartitionLog } from './topic-log.ts';

export interface MemoryBrokerOptions {
  /** Keeps topics, records and committed offsets over restarts. */
  readonly stateDir?: string;
  /** How many bytes of records a partition keeps; then the oldest batches go, or with cleanup.policy=compact old rows of keys. */
  readonly maxPartitionBytes?: number;
  /** The budget that topics have their share of; at its end their oldest records go. */
  readonly memory?: MemoryBudget;
}

/** Default ceiling of a partition: 512 MB. */
export const DEFAULT_MAX_PARTITION_BYTES = 512 * 1024 * 1024;
/** As many partitions as Kafka makes at once. */
export const MAX_PARTITIONS = 10_000;
/** Whether Kafka lets a topic have this name. */
export const isTopicName = (name: string): boolean => /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/.test(name);
/** What is given up for want of memory is told so often at most. */
const TELL_EVERY_MS = 5000;
/** A subscriber gets about this much in one call. */
const DELIVERY_BYTES = 1024 * 1024;

interface Topic {
  readonly id: number;
  readonly spec: TopicSpec;
  readonly partitions: readonly PartitionLog[];
}

/**
 * The embedded broker: topics in this process, nothing to install. Records stay the bytes they were appended as. With a state
 * directory a restart finds the same topics, offsets and groups again.
 */
export class MemoryBroker implements Broker {
  readonly description = 'embedded';
  readonly clusterId: string;
  readonly #directory: BrokerDirectory | undefined;
  readonly #maxPartitionBytes: number;
  readonly #memory: MemoryBudget | undefined;
  readonly #account: MemoryAccount | undefined;
  /** Records that were given up for want of memory, by topic, until somebody is told. */
  readonly #givenUp = new Map<string, number>();
  #toldGivenUpMs = 0;
  readonly #topics = new Map<string, Topic>();
  readonly #groups = new Map<string, Map<string, number>>();
  /** By group and partition. They are of use to who has lost its state, which here lives as long as the broker does. */
  readonly #notes = new Map<string, string>();
  readonly #subscribers = new Set<Subscriber>();
  #nextTopicId = 1;
  #closed = false;

  constructor(options: MemoryBrokerOptions = {}) {
    this.#maxPartitionBytes = options.maxPartitionBytes ?? DEFAULT_MAX_PARTITION_BYTES;
    this.#memory = options.memory;
    this.#account = options.memory?.open('topics', 'topics', { release: (bytes) => this.#giveUp(bytes) });
    this.#directory = options.stateDir === undefined ? undefined : new BrokerDirectory(options.stateDir);
    const metadata = this.#directory?.readMetadata();
    this.clusterId = metadata?.clusterId ?? randomUUID();
    for (const { id, ...spec } of metadata?.topics ?? []) {
      this.#topics.set(spec.name, this.#openTopic(id, spec));
      this.#nextTopicId = Math.max(this.#nextTopicId, id + 1);
    }
    this.#account?.add(this.#heldBytes());
    for (const [group, offsets] of Object.entries(metadata?.groups ?? {})) {
      this.#groups.set(group, new Map(Object.entries(offsets)));
    }
  }

  async createTopic(spec: TopicSpec): Promise<void> {
    this.#assertOpen();
    if (!isTopicName(spec.name)) {
      throw new BrokerError(
        `Topic name "${spec.name}" is illegal, it contains a character other than ASCII alphanumerics, '.', '_' and '-'`,
        'invalid-topic',
      );
    }
    if (this.#topics.has(spec.name)) throw new BrokerError(`Topic '${spec.name}' already exists.`, 'topic-exists');
    if (spec.partitions < 1) throw new BrokerError('Number of partitions must be larger than 0.', 'other');
    if (spec.partitions > MAX_PARTITIONS)
      throw new BrokerError(`Number of partitions must not be larger than ${MAX_PARTITIONS}.`, 'other');
    const id = this.#nextTopicId++;
    this.#topics.set(spec.name, this.#openTopic(id, { ...spec, replicas: 1 }));
    this.#writeMetadata();
  }

  async deleteTopic(name: string): Promise<void> {
    const topic = this.#topic(name);
    this.#topics.delete(name);
    for (const { heldBytes } of topic.partitions) this.#account?.add(-heldBytes);
    this.#directory?.removeLogs(topic.id);
    this.#writeMetadata();
  }

  async listTopics(): Promise<readonly TopicDescription[]> {
    return [...this.#topics.values()].map(describe);
  }

  async describeTopic(name: string): Promise<TopicDescription | undefined> {
    const topic = this.#topics.get(name);
    return topic && describe(topic);
  }

  async append(topic: string, partition: number, batches: readonly RecordBatch[]): Promise<number> {
    return this.appendNow(topic, partition, batches);
  }

  /** {@link append} at once; everything of this broker happens in process. */
  appendNow(topic: string, partition: number, batches: readonly RecordBatch[]): number {
    this.#assertOpen();
    const log = this.#partition(topic, partition);
    const before = log.heldBytes;
    const offset = log.append(batches);
    this.#account?.add(log.heldBytes - before);
    for (const subscriber of this.#subscribers) subscriber.notice(topic, partition);
    return offset;
  }

  async read(position: ReadPosition, maxBytes: number): Promise<FetchedBatches> {
    return this.readNow(position, maxBytes);
  }

  /** {@link read} at once. */
  readNow({ topic, partition, offset }: ReadPosition, maxBytes: number): FetchedBatches {
    return { topic, partition, batches: this.#partition(topic, partition).read(offset, maxBytes) };
  }

  async subscribe(
    positions: readonly ReadPosition[],
    handler: (fetched: FetchedBatches) => void | Promise<void>,
  ): Promise<Subscription> {
    this.#assertOpen();
    for (const { topic, partition } of positions) this.#partition(topic, partition);
    const subscriber = new Subscriber(this, positions, handler, () => this.#subscribers.delete(subscriber));
    this.#subscribers.add(subscriber);
    subscriber.start();
    return subscriber;
  }

  async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    return this.#topic(topic).partitions.map(({ earliest, latest }, partition) => ({ partition, earliest, latest }));
  }

  async committed(group: string, topic: string): Promise<ReadonlyMap<number, CommittedOffset>> {
    const found = new Map<number, CommittedOffset>();
    for (const [key, offset] of this.#groups.get(group) ?? []) {
      const at = key.lastIndexOf('/');
      if (key.slice(0, at) === topic)
        found.set(Number(key.slice(at + 1)), { offset, note: this.#notes.get(`${group}/${key}`) ?? '' });
    }
    return found;
  }

  async commit(group: string, positions: readonly CommitPosition[]): Promise<void> {
    const offsets = this.#groups.get(group) ?? new Map<string, number>();
    for (const { topic, partition, offset, note } of positions) {
      offsets.set(`${topic}/${partition}`, offset);
      if (note !== undefined) this.#notes.set(`${group}/${topic}/${partition}`, note);
    }
    this.#groups.set(group, offsets);
    this.#writeMetadata();
  }

  async listGroups(): Promise<readonly string[]> {
    return [...this.#groups.keys()];
  }

  async deleteGroup(group: string): Promise<void> {
    this.#groups.delete(group);
    this.#writeMetadata();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#subscribers].map((subscriber) => subscriber.close()));
    this.#writeMetadata();
    this.#directory?.close();
    this.#account?.close();
  }

  #heldBytes(): number {
    let bytes = 0;
    for (const { partitions } of this.#topics.values()) for (const { heldBytes } of partitions) bytes += heldBytes;
    return bytes;
  }

  /** Takes the oldest records of the greatest partitions away, until so many bytes are free. */
  #giveUp(bytes: number): void {
    const logs = [...this.#topics].flatMap(([name, topic]) => topic.partitions.map((log) => ({ name, log })));
    logs.sort((a, b) => b.log.heldBytes - a.log.heldBytes);
    let wanted = bytes;
    for (const { name, log } of logs) {
      if (wanted <= 0) break;
      const before = log.heldBytes;
      const records = log.giveUp(Math.min(wanted, before / 2));
      this.#givenUp.set(name, (this.#givenUp.get(name) ?? 0) + records);
      wanted -= before - log.heldBytes;
      this.#account?.add(log.heldBytes - before);
    }
    this.#tellGivenUp();
  }

  #tellGivenUp(): void {
    const nowMs = Date.now();
    if (this.#givenUp.size === 0 || nowMs - this.#toldGivenUpMs < TELL_EVERY_MS) return;
    this.#toldGivenUpMs = nowMs;
    const topics = [...this.#givenUp].map(([name, records]) => `${records} of ${name}`).join(', ');
    this.#givenUp.clear();
    this.#memory?.notice(`The memory budget is used up: the oldest records of topics were dropped (${topics}).`);
  }

  #openTopic(id: number, spec: TopicSpec): Topic {
    const isCompacted = spec.config?.['cleanup.policy']?.includes('compact') ?? false;
    const partitions = Array.from({ length: spec.partitions }, (_, partition) => {
      const log = this.#directory?.openLog(id, partition);
      return new PartitionLog(log?.batches ?? [], this.#maxPartitionBytes, isCompacted, log?.file);
    });
    return { id, spec, partitions };
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new BrokerError(`Topic '${name}' does not exist.`, 'unknown-topic');
    return topic;
  }

  #partition(name: string, partition: number): PartitionLog {
    const log = this.#topic(name).partitions[partition];
    if (log === undefined) throw new BrokerError(`Topic '${name}' has no partition ${partition}.`, 'unknown-topic');
    return log;
  }

  #assertOpen(): void {
    if (this.#closed) throw new BrokerError('The embedded broker is closed.', 'closed');
  }

  #writeMetadata(): void {
    this.#directory?.writeMetadata({
      clusterId: this.clusterId,
      topics: [...this.#topics.values()].map(({ id, spec }) => ({ ...spec, id })),
      groups: Object.fromEntries([...this.#groups].map(([group, offsets]) => [group, Object.fromEntries(offsets)])),
    });
  }
}

function describe({ spec }: Topic): TopicDescription {
  return { name: spec.name, partitions: spec.partitions, replicas: 1, config: spec.config ?? {} };
}

/**
 * One subscription: it remembers where it is in each partition and delivers one at a time. While a handler has not returned,
 * nothing more is read, so a slow reader costs no memory.
 */
class Subscriber implements Subscription {
  readonly #broker: MemoryBroker;
  readonly #positions = new Map<string, { readonly topic: string; readonly partition: number; offset: number }>();
  readonly #handler: (fetched: FetchedBatches) => void | Promise<void>;
  readonly #onClose: () => void;
  /** Partitions that may have something to deliver. */
  readonly #waiting = new Set<string>();
  /** What the handler is still busy with, by partition. */
  readonly #handling = new Map<string, Promise<void>>();
  #running: Promise<void> | undefined;
  #paused = false;
  #closed = false;

  constructor(
    broker: MemoryBroker,
    positions: readonly ReadPosition[],
    handler: (fetched: FetchedBatches) => void | Promise<void>,
    onClose: () => void,
  ) {
    this.#broker = broker;
    this.#handler = handler;
    this.#onClose = onClose;
    for (const { topic, partition, offset } of positions) {
      const key = `${topic}/${partition}`;
      this.#positions.set(key, { topic, partition, offset });
      this.#waiting.add(key);
    }
  }

  start(): void {
    if (this.#running === undefined && !this.#paused && !this.#closed && this.#nextKey() !== undefined) {
      this.#running = this.#deliver().finally(() => {
        this.#running = undefined;
        this.start();
      });
    }
  }

  notice(topic: string, partition: number): void {
    const key = `${topic}/${partition}`;
    if (!this.#positions.has(key)) return;
    this.#waiting.add(key);
    this.start();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#onClose();
    await this.#running;
    await Promise.all(this.#handling.values());
  }

  #nextKey(): string | undefined {
    for (const key of this.#waiting) if (!this.#handling.has(key)) return key;
    return undefined;
  }

  /** Takes the partitions in turn until nothing waits; gives way to other work between deliveries. */
  async #deliver(): Promise<void> {
    while (this.#nextKey() !== undefined && !this.#paused && !this.#closed) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#paused || this.#closed) return;
      const key = this.#nextKey();
      if (key === undefined) return;
      this.#waiting.delete(key);
      const position = this.#positions.get(key)!;
      const fetched = this.#readFrom(position);
      if (fetched === undefined || fetched.batches.length === 0) continue;
      position.offset = fetched.batches[fetched.batches.length - 1]!.lastOffset + 1;
      this.#waiting.add(key);
      const handled = this.#handler(fetched);
      if (handled !== undefined)
        this.#handling.set(
          key,
          handled.finally(() => this.#handled(key)),
        );
    }
  }

  #handled(key: string): void {
    this.#handling.delete(key);
    this.start();
  }

  /** A topic may be deleted under a reader, which then has nothing more to read. */
  #readFrom(position: ReadPosition): FetchedBatches | undefined {
    try {
      return this.#broker.readNow(position, DELIVERY_BYTES);
    } catch (error) {
      if (error instanceof BrokerError && error.code === 'unknown-topic') return undefined;
      throw error;
    }
  }
}
