import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerError, type FetchedBatches, type ReadPosition, type Subscription } from '../broker.ts';
import { isLeaderMoved, KAFKA_ERROR, kafkaError } from './broker-errors.ts';
import type { BrokerAddress, BrokerConnection, KafkaCluster } from './cluster.ts';
import { type FetchedPartition, fetchRequest, listOffsetsRequest } from './requests.ts';

type Handler = (fetched: FetchedBatches) => void | Promise<void>;

interface Position {
  readonly topic: string;
  readonly partition: number;
  offset: number;
  /** Where it stood when the log did not have that place; told with what comes next. */
  skippedFrom?: number | undefined;
  isOutOfRange?: boolean;
}

/** How long the broker holds a fetch back when it has nothing. */
const MAX_WAIT_MS = 500;
const MAX_FETCH_BYTES = 8 * 1024 * 1024;
const MAX_PARTITION_BYTES = 2 * 1024 * 1024;
const LEAST_RETRY_MS = 100;
const MOST_RETRY_MS = 1000;

/** The partitions that a handler is still busy with: they are not fetched, while the others are. */
class BusyPartitions {
  readonly #handling = new Map<string, Promise<void>>();
  #freed = Promise.withResolvers<void>();

  has({ topic, partition }: { readonly topic: string; readonly partition: number }): boolean {
    return this.#handling.has(`${topic}/${partition}`);
  }

  /** Resolves when a partition is free again. */
  get freed(): Promise<void> {
    return this.#freed.promise;
  }

  /** Handles something of a partition once what came before it is handled. */
  run({ topic, partition }: FetchedBatches, handle: () => void | Promise<void>): void {
    const key = `${topic}/${partition}`;
    const before = this.#handling.get(key);
    const handled = before === undefined ? handle() : before.then(handle);
    if (handled === undefined) return;
    const done = handled.finally(() => {
      if (this.#handling.get(key) !== done) return;
      this.#handling.delete(key);
      this.wake();
    });
    this.#handling.set(key, done);
  }

  /** Lets who waits for a free partition look again. */
  wake(): void {
    this.#freed.resolve();
    this.#freed = Promise.withResolvers();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#handling.values());
  }
}

/**
 * Reads partitions from their leaders, a connection and a loop for each leader. While a handler works, what was asked
 * for before comes in, and not more of that partition: a slow handler makes the broker wait, not memory grow.
 */
export class KafkaSubscription implements Subscription {
  readonly #cluster: KafkaCluster;
  readonly #handler: Handler;
  readonly #fetchers = new Map<string, LeaderFetcher>();
  readonly #closing = new AbortController();
  readonly #loops = new Set<Promise<void>>();
  readonly #busy = new BusyPartitions();
  #paused: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(cluster: KafkaCluster, handler: Handler) {
    this.#cluster = cluster;
    this.#handler = handler;
  }

  /** Begins. @throws BrokerError when a partition is not there */
  async start(positions: readonly ReadPosition[]): Promise<void> {
    const leaders = await Promise.all(positions.map(({ topic, partition }) => this.#cluster.leader(topic, partition)));
    for (const [i, position] of positions.entries()) this.#assign(leaders[i]!, { ...position });
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.resume();
    for (const fetcher of this.#fetchers.values()) fetcher.stop();
    this.#busy.wake();
    await Promise.all(this.#loops);
    await this.#busy.settled();
  }

  #assign(leader: BrokerAddress, position: Position): void {
    const key = `${leader.host}:${leader.port}`;
    const running = this.#fetchers.get(key);
    if (running !== undefined) {
      running.positions.push(position);
      this.#busy.wake();
      return;
    }
    const fetcher = new LeaderFetcher(this.#cluster, leader, this.#busy, position);
    this.#fetchers.set(key, fetcher);
    this.#keep(this.#run(fetcher, key));
  }

  #keep(loop: Promise<void>): void {
    this.#loops.add(loop);
    void loop.finally(() => this.#loops.delete(loop));
  }

  async #run(fetcher: LeaderFetcher, key: string): Promise<void> {
    const { signal } = this.#closing;
    let retryMs = LEAST_RETRY_MS;
    while (!signal.aborted && fetcher.positions.length > 0) {
      let answer: FetchedPartition[];
      try {
        answer = await fetcher.next();
        retryMs = LEAST_RETRY_MS;
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
        retryMs = Math.min(retryMs * 2, MOST_RETRY_MS);
        // The leader may have gone for good: let the others say who leads now.
        for (const position of fetcher.positions.splice(0)) this.#keep(this.#relocate(position));
        break;
      }
      for (const fetched of answer) {
        if (fetched.code !== KAFKA_ERROR.none) this.#onError(fetcher, fetched);
        else if (fetched.batches.length > 0) await this.#deliver(fetcher, fetched);
        if (signal.aborted) break;
      }
    }
    fetcher.stop();
    this.#fetchers.delete(key);
    // What was assigned while the last answer was handled.
    if (!signal.aborted) for (const position of fetcher.positions.splice(0)) this.#keep(this.#relocate(position));
  }

  async #deliver(fetcher: LeaderFetcher, { topic, partition, batches, release }: FetchedPartition): Promise<void> {
    while (this.#paused !== undefined) await this.#paused.promise;
    const position = fetcher.positions.find((each) => each.topic === topic && each.partition === partition);
    const skippedFrom = position?.skippedFrom;
    if (position !== undefined) position.skippedFrom = undefined;
    const fetched = {
      ...{ topic, partition, batches },
      ...(skippedFrom === undefined ? {} : { skippedFrom }),
      ...(release === undefined ? {} : { release }),
    };
    this.#busy.run(fetched, () => (this.#closing.signal.aborted ? undefined : this.#handler(fetched)));
  }

  #onError(fetcher: LeaderFetcher, { topic, partition, code }: FetchedPartition): void {
    const position = fetcher.positions.find((each) => each.topic === topic && each.partition === partition);
    if (position === undefined) return;
    if (code === KAFKA_ERROR.offsetOutOfRange) {
      // What stood there has been deleted by retention, or the topic was made anew: go on with the oldest there is.
      position.skippedFrom ??= position.offset;
      position.isOutOfRange = true;
    } else if (!isLeaderMoved(code)) return;
    fetcher.positions.splice(fetcher.positions.indexOf(position), 1);
    this.#cluster.forgetLeader(topic, partition);
    this.#keep(this.#relocate(position));
  }

  /** Goes to the oldest record there is, which a broker does not tell with its refusal. @throws BrokerError */
  async #rewind(position: Position): Promise<void> {
    const { topic, partition } = position;
    const request = listOffsetsRequest(topic, [partition], 'earliest');
    const [listed] = await this.#cluster.askLeader(topic, partition, request);
    if (listed!.code !== KAFKA_ERROR.none) throw kafkaError(listed!.code, `Offsets of topic '${topic}'`);
    position.offset = Math.max(0, listed!.offset);
    position.isOutOfRange = false;
  }

  /** Looks for the partition's leader until there is one. A topic that was deleted is not read any more. */
  async #relocate(position: Position): Promise<void> {
    const { signal } = this.#closing;
    for (let retryMs = LEAST_RETRY_MS; !signal.aborted; retryMs = Math.min(retryMs * 2, MOST_RETRY_MS)) {
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        this.#cluster.forgetLeader(position.topic, position.partition);
        const leader = await this.#cluster.leader(position.topic, position.partition);
        if (position.isOutOfRange) await this.#rewind(position);
        if (!signal.aborted) this.#assign(leader, position);
        return;
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        if (error.code === 'unknown-topic' || error.code === 'closed') return;
      }
    }
  }
}

/** Fetches from one broker, one answer ahead. */
class LeaderFetcher {
  readonly positions: Position[];
  readonly #cluster: KafkaCluster;
  readonly #leader: BrokerAddress;
  readonly #busy: BusyPartitions;
  #connection: Promise<BrokerConnection> | undefined;
  #ahead: Promise<FetchedPartition[]> | undefined;
  #stopped = false;

  constructor(cluster: KafkaCluster, leader: BrokerAddress, busy: BusyPartitions, position: Position) {
    this.#cluster = cluster;
    this.#leader = leader;
    this.#busy = busy;
    this.positions = [position];
  }

  /** The next answer; the one after it is asked for before this returns. @throws BrokerError */
  async next(): Promise<FetchedPartition[]> {
    const answer = await (this.#ahead ?? this.#fetch());
    for (const { topic, partition, batches } of answer) {
      const last = batches[batches.length - 1];
      const position = this.positions.find((each) => each.topic === topic && each.partition === partition);
      if (last !== undefined && position !== undefined) position.offset = last.lastOffset + 1;
    }
    this.#ahead = undefined;
    if (!this.#stopped && answer.every(({ code }) => code === KAFKA_ERROR.none)) {
      this.#ahead = this.#fetch();
      // Its failure is met when it is awaited.
      this.#ahead.catch(() => undefined);
    }
    return answer;
  }

  stop(): void {
    this.#stopped = true;
    void this.#connection?.then(
      (connection) => connection.close(),
      () => undefined,
    );
  }

  #freePositions(): readonly Position[] {
    return this.positions.filter((position) => !this.#busy.has(position));
  }

  async #fetch(): Promise<FetchedPartition[]> {
    this.#connection ??= this.#cluster.openConnection(this.#leader);
    const connection = await this.#connection;
    let free = this.#freePositions();
    for (; free.length === 0 && this.positions.length > 0 && !this.#stopped; free = this.#freePositions())
      await this.#busy.freed;
    if (free.length === 0) return [];
    // From a copy: the answer belongs to the positions of now, and partitions take turns at being the first.
    const positions = free.map((position) => ({ ...position }));
    this.positions.push(...this.positions.splice(0, 1));
    return connection.send(
      fetchRequest(positions, {
        maxWaitMs: MAX_WAIT_MS,
        maxBytes: MAX_FETCH_BYTES,
        maxPartitionBytes: MAX_PARTITION_BYTES,
        readsUncommitted: this.#cluster.settings.readsUncommitted,
      }),
    );
  }
}
