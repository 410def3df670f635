import type { Broker, FetchedBatches, ReadPosition, Subscription } from '../../broker/broker.ts';
import type { MemoryAccount } from '../../memory/memory-budget.ts';
import { FetchGate } from './fetch-gate.ts';
import type { PartitionBuffer } from './partition-buffer.ts';
import { removedRecords, type StartNotice } from './start-positions.ts';

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

  /** Begins to fetch. Each topic has a subscription of its own, so that both sides of a join are fetched at once. */
  async subscribe(): Promise<void> {
    for (const [topic, buffers] of Map.groupBy(this.#buffers, (buffer) => buffer.topic)) {
      const positions = buffers.map(({ partition, position }) => ({ topic, partition, offset: position }));
      const { broker } = this.#options;
      this.#subscriptions.push(await broker.subscribe(positions, (fetched) => this.#receive(fetched)));
    }
    if (this.#isPaused) this.pause();
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
      for (const { partition, latest } of await this.#options.broker.offsets(topic)) {
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

  #receive({ topic, partition, batches, skippedFrom }: FetchedBatches): Promise<void> | undefined {
    const buffer = this.#find(topic, partition);
    if (buffer === undefined || this.#isClosed) return undefined;
    const { onFetched, onNotice } = this.#options;
    if (skippedFrom !== undefined && !this.#hasSaidRemoved) {
      this.#hasSaidRemoved = true;
      onNotice(removedRecords(topic, partition, skippedFrom, batches[0]!.baseOffset));
    }
    buffer.add(batches);
    onFetched();
    return this.#gate.hold(buffer);
  }
}
