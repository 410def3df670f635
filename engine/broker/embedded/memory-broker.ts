import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileError } from '../../files/file-error.ts';
import type { FileSystem } from '../../files/file-system.ts';
import type { SyncPolicy } from '../../files/sync-policy.ts';
import type { MemoryAccount, MemoryBudget } from '../../memory/memory-budget.ts';
import {
  type Broker,
  BrokerError,
  type CommitPosition,
  type CommittedOffset,
  type FetchedBatches,
  type Isolation,
  type OffsetsOptions,
  type PartitionOffsets,
  type ReadPosition,
  type Subscription,
  type TopicDescription,
  type TopicSpec,
  type TransactionalProducer,
} from '../broker.ts';
import type { ProducerIdentity } from '../producer-stamp.ts';
import type { RecordBatch } from '../record-batch.ts';
import { BlockCache } from './block-cache.ts';
import { BrokerDirectory } from './broker-directory.ts';
import { EmbeddedProducers } from './embedded-producers.ts';
import { GroupOffsets } from './group-offsets.ts';
import { LogSubscriber } from './log-subscriber.ts';
import { droppedText, logLimits } from './topic-limits.ts';
import { type LogLimits, PartitionLog } from './topic-log.ts';
import { type TransactionEnd, TransactionEnds } from './transaction-ends.ts';
import { markerBatch } from './transaction-marker.ts';

export interface MemoryBrokerOptions {
  /** Keeps topics, records and committed offsets over restarts. */
  readonly stateDir?: string | undefined;
  /** When what was appended is on the disk itself; `always` unless said otherwise. */
  readonly sync?: SyncPolicy;
  /** How many bytes of records a topic keeps where its `retention.bytes` does not say; the oldest go. */
  readonly maxTopicBytes?: number;
  /**
   * The budget that topics have their share of; at its end their oldest records go, or with a state directory leave
   * memory.
   */
  readonly memory?: MemoryBudget;
  /** Told, once each, of records that are damaged or dropped, and of what the disk refuses. */
  readonly onProblem?: ((problem: string) => void) | undefined;
  /** For tests: the file system, and how many of its files may be open. */
  readonly files?: FileSystem | undefined;
  readonly maxOpenFiles?: number | undefined;
}

/** What a topic keeps unless told otherwise: 256 MB in memory, 4 GB in a state directory. */
export const DEFAULT_TOPIC_BYTES = 256 * 1024 * 1024;
export const DEFAULT_STORED_TOPIC_BYTES = 4 * 1024 * 1024 * 1024;
/** With a state directory so much of what was used last is in memory. */
const CACHE_BYTES = 64 * 1024 * 1024;
/** What is given up for want of memory is told so often at most. */
const TELL_EVERY_MS = 5000;
/** As many partitions as Kafka makes at once. */
export const MAX_PARTITIONS = 10_000;
/** How often topics with a `retention.ms` are looked at, as in Kafka. */
const RETENTION_CHECK_MS = 300_000;
/** How long committed offsets wait for those of other groups, to be written together. */
const OFFSETS_DELAY_MS = 5;
/** Whether Kafka lets a topic have this name. */
export const isTopicName = (name: string): boolean => /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/.test(name);

interface Topic {
  readonly id: number;
  readonly spec: TopicSpec;
  readonly partitions: readonly PartitionLog[];
  /** What befell its records. */
  readonly problems: string[];
  saidDropped: boolean;
}

/**
 * The embedded broker: topics in this process, nothing to install. Records stay the bytes they were appended as. With a
 * state directory a restart finds the same topics, offsets and groups again, and memory holds only what was used last.
 */
export class MemoryBroker implements Broker {
  readonly description = 'embedded';
  readonly clusterId: string;
  readonly #options: MemoryBrokerOptions;
  readonly #directory: BrokerDirectory | undefined;
  readonly #account: MemoryAccount | undefined;
  /** Records that were given up for want of memory, by topic, until somebody is told. */
  readonly #givenUp = new Map<string, number>();
  #toldGivenUpMs = 0;
  readonly #topics = new Map<string, Topic>();
  readonly #groups: GroupOffsets;
  readonly #ends: TransactionEnds;
  readonly #producers = new EmbeddedProducers(this);
  readonly #subscribers = new Set<LogSubscriber>();
  readonly #watchers = new Set<(topic: string, partition: number) => void>();
  readonly #retentionTimer: NodeJS.Timeout;
  #offsetsWritten: Promise<void> | undefined;
  #nextTopicId = 1;
  #closed = false;

  /** @throws Error that names the file when the state directory cannot be read */
  constructor(options: MemoryBrokerOptions = {}) {
    this.#options = options;
    const { stateDir, files, maxOpenFiles } = options;
    let cache: BlockCache | undefined;
    this.#account = options.memory?.open('topics', 'topics', {
      release: (bytes) => (cache === undefined ? this.#giveUp(bytes) : cache.release(bytes)),
    });
    if (stateDir !== undefined) {
      cache = new BlockCache(CACHE_BYTES, (bytes) => this.#account?.add(bytes));
      this.#directory = new BrokerDirectory(stateDir, {
        cache,
        sync: options.sync ?? 'always',
        onProblem: (problem) => this.#say(problem),
        files,
        maxOpenFiles,
      });
    }
    const metadata = this.#directory?.readMetadata();
    this.clusterId = metadata?.clusterId ?? randomUUID();
    if (metadata !== undefined) this.#directory!.keepOnly(new Set(metadata.topics.map(({ id }) => id)));
    this.#nextTopicId = (this.#directory?.highestTopicId ?? 0) + 1;
    for (const { id, ...spec } of metadata?.topics ?? []) {
      this.#topics.set(spec.name, this.#openTopic(id, spec));
      this.#nextTopicId = Math.max(this.#nextTopicId, id + 1);
    }
    this.#groups = new GroupOffsets(metadata?.groups);
    this.#ends = new TransactionEnds(
      this,
      this.#directory && ((ends) => this.#write((directory) => directory.writeTransactionEnds(ends))),
    );
    this.#endLeftTransactions();
    this.#retentionTimer = setInterval(() => this.#dropExpiredLater(), RETENTION_CHECK_MS).unref();
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
    try {
      this.#writeMetadata();
    } catch (error) {
      this.#topics.delete(spec.name);
      throw error;
    }
  }

  async deleteTopic(name: string): Promise<void> {
    const topic = this.#topic(name);
    this.#topics.delete(name);
    try {
      this.#writeMetadata();
    } catch (error) {
      this.#topics.set(name, topic);
      throw error;
    }
    for (const log of topic.partitions) this.#account?.add(-this.#heldBytes(log));
    this.#directory?.removeLogs(topic.id);
  }

  /** Adds partitions, or changes the configuration. @throws BrokerError when it cannot be, or cannot be written */
  async changeTopic(name: string, changes: Partial<Pick<TopicSpec, 'partitions' | 'config'>>): Promise<void> {
    const before = this.#topic(name);
    const spec = { ...before.spec, ...changes };
    const more = spec.partitions - before.spec.partitions;
    if (more < 0 || spec.partitions > MAX_PARTITIONS)
      throw new BrokerError(
        `Topic '${name}' has ${before.spec.partitions} partitions; it can have more, up to ${MAX_PARTITIONS}.`,
        'other',
      );
    const added = Array.from({ length: more }, (_, n) =>
      this.#openLog(before.id, spec, before.spec.partitions + n, before.problems),
    );
    this.#topics.set(name, { ...before, spec, partitions: [...before.partitions, ...added] });
    try {
      this.#writeMetadata();
    } catch (error) {
      this.#topics.set(name, before);
      throw error;
    }
    for (const log of before.partitions) log.limits = this.#limits(spec);
  }

  async listTopics(): Promise<readonly TopicDescription[]> {
    return [...this.#topics.values()].map(describe);
  }

  async describeTopic(name: string): Promise<TopicDescription | undefined> {
    const topic = this.#topics.get(name);
    return topic && describe(topic);
  }

  async append(topic: string, partition: number, batches: readonly RecordBatch[]): Promise<number> {
    this.#assertOpen();
    const log = this.#partition(topic, partition);
    const offset = this.#counted(log, () => log.append(batches));
    if (this.#directory !== undefined) await log.settled();
    if (log.dropped.records > 0) this.#sayDropped(topic);
    for (const subscriber of this.#subscribers) subscriber.notice(topic, partition);
    for (const watcher of this.#watchers) watcher(topic, partition);
    return offset;
  }

  async read(position: ReadPosition, maxBytes: number, isolation?: Isolation): Promise<FetchedBatches> {
    return this.readNow(position, maxBytes, isolation);
  }

  /** {@link read} at once. */
  readNow({ topic, partition, offset }: ReadPosition, maxBytes: number, isolation?: Isolation): FetchedBatches {
    const log = this.#partition(topic, partition);
    const batches = isolation === 'uncommitted' ? log.read(offset, maxBytes) : log.readCommitted(offset, maxBytes);
    if (offset >= log.dropped.before || batches.length === 0) return { topic, partition, batches };
    return { topic, partition, batches, skippedFrom: offset };
  }

  readFailed(topic: string, error: BrokerError): void {
    const problems = this.#topics.get(topic)?.problems;
    if (problems === undefined || problems.includes(error.message)) return;
    problems.push(error.message);
    this.#say(error.message);
  }

  async subscribe(
    positions: readonly ReadPosition[],
    handler: (fetched: FetchedBatches) => void | Promise<void>,
  ): Promise<Subscription> {
    this.#assertOpen();
    for (const { topic, partition } of positions) this.#partition(topic, partition);
    const subscriber = new LogSubscriber(this, positions, handler, () => this.#subscribers.delete(subscriber));
    this.#subscribers.add(subscriber);
    subscriber.start();
    return subscriber;
  }

  async offsets(topic: string, options: OffsetsOptions = {}): Promise<readonly PartitionOffsets[]> {
    return this.#topic(topic)
      .partitions.map(({ earliest, lastStable, latest }, partition) => ({
        partition,
        earliest,
        latest: options.isolation === 'uncommitted' ? latest : lastStable,
      }))
      .filter(({ partition }) => (options.partition ?? partition) === partition);
  }

  notices(name: string): readonly string[] {
    const topic = this.#topics.get(name);
    if (topic === undefined) return [];
    const dropped = droppedText(topic);
    return dropped === undefined ? topic.problems : [...topic.problems, dropped];
  }

  async committed(group: string, topic: string): Promise<ReadonlyMap<number, CommittedOffset>> {
    return this.#groups.of(group, topic);
  }

  /** The topics of which a group has committed offsets. */
  topicsOf(group: string): readonly string[] {
    return this.#groups.topicsOf(group);
  }

  async commit(group: string, positions: readonly CommitPosition[]): Promise<void> {
    this.#groups.commit(group, positions);
    await this.#writeOffsets();
  }

  async listGroups(): Promise<readonly string[]> {
    return this.#groups.names;
  }

  async deleteGroup(group: string): Promise<void> {
    this.#groups.delete(group);
    await this.#writeOffsets();
  }

  /** One partition as it is, with what is in transactions. @throws BrokerError `unknown-topic` */
  log(topic: string, partition: number): PartitionLog {
    return this.#partition(topic, partition);
  }

  /** Calls the watcher whenever there is more to read of a partition. @returns ends that */
  watch(watcher: (topic: string, partition: number) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** The highest id of a producer that any partition knows; -1 where there is none. */
  get highestProducerId(): number {
    const logs = [...this.#topics.values()].flatMap(({ partitions }) => partitions);
    return logs.reduce((highest, { producers }) => Math.max(highest, producers.highestProducerId), -1);
  }

  /** An id that no producer has, nor had. */
  takeProducerId(): number {
    return this.#producers.takeId();
  }

  openTransactions(transactionalId: string): Promise<TransactionalProducer> {
    return this.#producers.open(transactionalId);
  }

  /** Ends a transaction in all partitions that it wrote to, with the offsets of groups. @throws BrokerError */
  async endTransaction(end: TransactionEnd): Promise<void> {
    await this.#ends.end(end, Date.now());
  }

  /** Drops what is older than its topic's `retention.ms`; done now and then by itself. @throws BrokerError */
  dropExpired(nowMs = Date.now()): void {
    for (const topic of this.#topics.values()) {
      for (const log of topic.partitions) {
        this.#counted(log, () => log.dropExpired(nowMs));
      }
      if (droppedText(topic) !== undefined) this.#sayDropped(topic.spec.name);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#retentionTimer);
    await Promise.all([...this.#subscribers].map((subscriber) => subscriber.close()));
    await this.#offsetsWritten;
    await this.#directory?.close();
    this.#account?.close();
  }

  /** What the disk refuses now is dropped the next time. */
  #dropExpiredLater(): void {
    try {
      this.dropExpired();
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      this.#say(error.message);
    }
  }

  #openTopic(id: number, spec: TopicSpec): Topic {
    const problems: string[] = [];
    const partitions = Array.from({ length: spec.partitions }, (_, partition) =>
      this.#openLog(id, spec, partition, problems),
    );
    return { id, spec, partitions, problems, saidDropped: false };
  }

  #openLog(id: number, spec: TopicSpec, partition: number, problems: string[]): PartitionLog {
    const opened = this.#directory?.openLog(id, partition);
    for (const problem of opened?.problems ?? []) {
      problems.push(`Topic '${spec.name}', partition ${partition}: ${problem}`);
      this.#say(problems.at(-1)!);
    }
    const log = new PartitionLog(opened?.segments ?? [], this.#limits(spec), opened?.files, opened?.producers);
    this.#account?.add(log.producers.sizeBytes);
    return log;
  }

  #limits(spec: TopicSpec): LogLimits {
    const defaultBytes = this.#directory === undefined ? DEFAULT_TOPIC_BYTES : DEFAULT_STORED_TOPIC_BYTES;
    return logLimits(spec, this.#options.maxTopicBytes ?? defaultBytes);
  }

  /**
   * What was being committed when the broker ended is committed everywhere; all else is taken back, since nobody is
   * left who would end it.
   */
  #endLeftTransactions(): void {
    for (const end of this.#directory?.readTransactionEnds() ?? []) {
      const left = end.partitions.filter(({ topic, partition }) =>
        this.#topics
          .get(topic)
          ?.partitions[partition]?.producers.open.some((each) => each.producerId === end.producerId),
      );
      if (left.length > 0 || end.partitions.length === 0)
        for (const [group, positions] of Object.entries(end.offsets)) this.#groups.commit(group, positions);
      for (const { topic, partition } of left) this.#mark(this.#partition(topic, partition), end, true);
    }
    for (const { partitions } of this.#topics.values())
      for (const log of partitions) for (const producer of log.producers.open) this.#mark(log, producer, false);
  }

  #mark(log: PartitionLog, producer: ProducerIdentity, isCommit: boolean): void {
    try {
      this.#counted(log, () => log.append([markerBatch(producer, isCommit, Date.now())]));
      void log.settled().catch((error: Error) => this.#say(error.message));
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      this.#say(error.message);
    }
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

  /** What a log holds in memory. What files hold is counted where it is read into memory. */
  #heldBytes({ sizeBytes, producers }: PartitionLog): number {
    return producers.sizeBytes + (this.#directory === undefined ? sizeBytes : 0);
  }

  #counted<T>(log: PartitionLog, change: () => T): T {
    const before = this.#heldBytes(log);
    const result = change();
    this.#account?.add(this.#heldBytes(log) - before);
    return result;
  }

  /** Takes the oldest records of the greatest partitions away, until so many bytes are free. */
  #giveUp(bytes: number): void {
    const logs = [...this.#topics].flatMap(([name, topic]) => topic.partitions.map((log) => ({ name, log })));
    logs.sort((a, b) => b.log.sizeBytes - a.log.sizeBytes);
    let wanted = bytes;
    for (const { name, log } of logs) {
      if (wanted <= 0) break;
      const before = log.sizeBytes;
      const droppedBefore = log.dropped.records;
      this.#counted(log, () => log.giveUp(Math.min(wanted, before / 2)));
      const records = log.dropped.records - droppedBefore;
      if (records > 0) this.#givenUp.set(name, (this.#givenUp.get(name) ?? 0) + records);
      wanted -= before - log.sizeBytes;
    }
    this.#tellGivenUp();
  }

  #tellGivenUp(): void {
    const nowMs = Date.now();
    if (this.#givenUp.size === 0 || nowMs - this.#toldGivenUpMs < TELL_EVERY_MS) return;
    this.#toldGivenUpMs = nowMs;
    const topics = [...this.#givenUp].map(([name, records]) => `${records} of ${name}`).join(', ');
    this.#givenUp.clear();
    this.#options.memory?.notice(
      `The memory budget is used up: the oldest records of topics were dropped (${topics}).`,
    );
  }

  #sayDropped(name: string): void {
    const topic = this.#topics.get(name);
    if (topic === undefined || topic.saidDropped) return;
    topic.saidDropped = true;
    this.#say(droppedText(topic)!);
  }

  #say(problem: string): void {
    this.#options.onProblem?.(problem);
  }

  #writeMetadata(): void {
    this.#write((directory) =>
      directory.writeMetadata({
        clusterId: this.clusterId,
        topics: [...this.#topics.values()].map(({ id, spec }) => ({ ...spec, id })),
      }),
    );
  }

  /** Many queries commit at about the same time; all of them wait for one write. @throws BrokerError */
  #writeOffsets(): Promise<void> {
    if (this.#directory === undefined) return Promise.resolve();
    this.#offsetsWritten ??= sleep(OFFSETS_DELAY_MS).then(() => {
      this.#offsetsWritten = undefined;
      this.#write((directory) => directory.writeOffsets(this.#groups.toStored()));
    });
    return this.#offsetsWritten;
  }

  #write(work: (directory: BrokerDirectory) => void): void {
    if (this.#directory === undefined) return;
    try {
      work(this.#directory);
    } catch (error) {
      throw error instanceof FileError ? new BrokerError(error.message, 'storage', { cause: error }) : error;
    }
  }
}

function describe({ spec }: Topic): TopicDescription {
  return { name: spec.name, partitions: spec.partitions, replicas: 1, config: spec.config ?? {} };
}
