import type { Broker, FetchedBatches, ReadPosition, Subscription } from '../../broker/broker.ts';
import type { MemoryAccount } from '../../memory/memory-budget.ts';
import { FetchGate } from './fetch-gate.ts';
import { PartitionBuffer } from './partition-buffer.ts';
import { madeAnew, newPartition, removedRecords, type StartNotice } from './start-positions.ts';

export interface TaskPartitionsOptions {
  readonly broker: Broker;
  /** Where what was fetched and waits is counted. */
  readonly fetched: MemoryAccount | undefined;
  /** Called when more has been fetched. */
  readonly onFetched: () => void;
  readonly onNotice: (notice: StartNotice) => void;
}

/**
 * The partitions that a task reads: fetches them, no faster than they are processed, and knows how far each has been
 * read.
 */
export class TaskPartitions {
  readonly #options: TaskPartitionsOptions;
  readonly #buffers: PartitionBuffer[] = [];
  readonly #gate: FetchGate;
  readonly #subscriptions: Subscription[] = [];
  /** Those that are fetched. */
  readonly #subscribed = new Set<PartitionBuffer>();
  #subscribing: Promise<void> | undefined;
  #watching: NodeJS.Timeout | undefined;
  #isPaused = false;
  #isClosed = false;
  #hasSaidRemoved = false;

  constructor(options: TaskPartitionsOptions) {
    this.#options = options;
    this.#gate = new FetchGate(this.#buffers, options.fetched);
  }

  /** What was fetched of each partition. */
  get buffers(): readonly PartitionBuffer[] {
    return this.#buffers;
  }

  /** Where each of them ends, as far as is known. */
  get ends(): readonly ReadPosition[] {
    return this.#buffers.map(({ topic, partition, endOffset }) => ({ topic, partition, offset: endOffset }));
  }

  /** Takes partitions on, each at its place. */
  add(buffers: readonly PartitionBuffer[]): void {
    this.#buffers.push(...buffers);
  }

  /** Whether all of them are fetched. */
  get areSubscribed(): boolean {
    return this.#buffers.every((buffer) => this.#subscribed.has(buffer));
  }

  /**
   * Begins to fetch what is not fetched yet. Each topic has a subscription of its own, so that both sides of a join are
   * fetched at once.
   * @throws BrokerError; then it may be tried again
   */
  subscribe(): Promise<void> {
    this.#subscribing ??= this.#subscribeRest().finally(() => {
      this.#subscribing = undefined;
    });
    return this.#subscribing;
  }

  async #subscribeRest(): Promise<void> {
    const rest = this.#buffers.filter((buffer) => !this.#subscribed.has(buffer));
    for (const [topic, buffers] of Map.groupBy(rest, (buffer) => buffer.topic)) await this.#subscribe(topic, buffers);
  }

  async #subscribe(topic: string, buffers: readonly PartitionBuffer[]): Promise<void> {
    const positions = buffers.map(({ partition, position }) => ({ topic, partition, offset: position }));
    const { broker } = this.#options;
    const subscription = await broker.subscribe(positions, (fetched) => this.#receive(fetched));
    if (this.#isClosed) return subscription.close();
    for (const buffer of buffers) this.#subscribed.add(buffer);
    this.#subscriptions.push(subscription);
    if (this.#isPaused) subscription.pause();
  }

  /**
   * Looks from time to time whether topics have got partitions, and takes them on, from their beginning: nothing of
   * them has been read.
   * @param extractsTime whether the time of a topic's records stands in a column
   */
  watch(topics: readonly string[], everyMs: number, extractsTime: (topic: string) => boolean): void {
    const look = async () => {
      // What cannot be asked now is asked the next time.
      for (const topic of topics) await this.#takeNew(topic, extractsTime(topic)).catch(() => undefined);
      await this.subscribe().catch(() => undefined);
      this.#watching?.refresh();
    };
    clearTimeout(this.#watching);
    this.#watching = setTimeout(() => void look(), everyMs);
    this.#watching.unref();
  }

  async #takeNew(topic: string, extractsTime: boolean): Promise<void> {
    const { broker, onNotice } = this.#options;
    const added = (await broker.offsets(topic)).filter(({ partition }) => this.#find(topic, partition) === undefined);
    if (added.length === 0 || this.#isClosed) return;
    const buffers = added.map(({ partition, earliest, latest }) => {
      const start = { partition, offset: earliest, endOffset: latest, rebuiltAt: earliest, origin: earliest };
      return new PartitionBuffer(topic, start, extractsTime);
    });
    this.#buffers.push(...buffers);
    for (const bounds of added) onNotice(newPartition(topic, bounds));
  }

  pause(): void {
    this.#isPaused = true;
    for (const subscription of this.#subscriptions) subscription.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const subscription of this.#subscriptions) subscription.resume();
  }

  /** Fetches no more. Resolves when nothing comes any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#watching);
    this.#watching = undefined;
    this.#gate.close();
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
  }

  /** Records were processed: fetching goes on where there is room again. */
  processed(): void {
    this.#gate.release();
  }

  hasReached(targets: readonly ReadPosition[]): boolean {
    return targets.every(({ topic, partition, offset }) => {
      const buffer = this.#find(topic, partition);
      return buffer === undefined || buffer.position >= offset;
    });
  }

  /** Whether all that is known to be there has been processed. */
  get areAtEnd(): boolean {
    return this.#buffers.every((buffer) => buffer.position >= buffer.endOffset);
  }

  /** Asks the broker where topics end now, so that positions tell the lag. */
  async learnEnds(topics: Iterable<string>): Promise<void> {
    for (const topic of topics) {
      const own = this.#buffers.filter((buffer) => buffer.topic === topic);
      // A task of one partition does not ask for all of them.
      const of = own.length === 1 ? { partition: own[0]!.partition } : {};
      for (const { partition, latest } of await this.#options.broker.offsets(topic, of)) {
        const buffer = this.#find(topic, partition);
        if (buffer !== undefined) buffer.endOffset = Math.max(buffer.endOffset, latest);
      }
    }
  }

  /** A join compares what its sides hold: it must know whether an empty buffer means an empty topic. */
  async learnEndsOfEmpty(): Promise<void> {
    const empty = new Set(this.#buffers.filter((buffer) => buffer.head === undefined).map(({ topic }) => topic));
    if (this.#buffers.some((buffer) => buffer.head !== undefined)) await this.learnEnds(empty);
  }

  #find(topic: string, partition: number): PartitionBuffer | undefined {
    return this.#buffers.find((buffer) => buffer.topic === topic && buffer.partition === partition);
  }

  #receive({ topic, partition, batches, skippedFrom, release }: FetchedBatches): Promise<void> | undefined {
    const buffer = this.#find(topic, partition);
    if (buffer === undefined || this.#isClosed) return undefined;
    const { onFetched, onNotice } = this.#options;
    if (skippedFrom !== undefined && !this.#hasSaidRemoved) {
      this.#hasSaidRemoved = true;
      const first = batches[0]!.baseOffset;
      if (first > skippedFrom) onNotice(removedRecords(topic, partition, skippedFrom, first));
      else onNotice(madeAnew(topic, partition, batches.at(-1)!.lastOffset + 1, skippedFrom));
    }
    buffer.add(batches, release);
    onFetched();
    return this.#gate.hold(buffer);
  }
}
