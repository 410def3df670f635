import { setTimeout as sleep } from 'node:timers/promises';
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
  type ServiceHold,
  type Subscription,
  type TopicDescription,
  type TopicPartition,
  type TopicSpec,
  type TransactionalProducer,
  type TransactionOptions,
} from '../broker.ts';
import { compressBatch } from '../compress-batch.ts';
import type { GroupCallbacks, GroupMemberOptions, GroupMembership } from '../groups/group-membership.ts';
import { halves } from '../halves.ts';
import type { RecordBatch } from '../record-batch.ts';
import { KafkaAdmin } from './admin.ts';
import { isLeaderMoved, KAFKA_ERROR, kafkaError } from './broker-errors.ts';
import { KafkaCluster, type OpenConnection, type TopicMetadata, unknownTopic } from './cluster.ts';
import { GroupMember } from './groups/group-member.ts';
import { KafkaGroupRequests } from './groups/kafka-group-requests.ts';
import { whenNotServed } from './groups/serving-engines.ts';
import {
  DELETE_RECORDS,
  deleteRecordsRequest,
  fetchRequest,
  listOffsetsRequest,
  offsetCommitRequest,
  offsetFetchRequest,
  produceRequest,
} from './requests.ts';
import { KafkaServiceHold } from './service-hold.ts';
import type { KafkaSettings } from './settings.ts';
import { KafkaSubscription } from './subscription.ts';
import { KafkaTransactionRequests } from './transactions/kafka-transaction-requests.ts';
import { KafkaTransactionalProducer } from './transactions/kafka-transactional-producer.ts';

const PRODUCE_TIMEOUT_MS = 20_000;
const DELETE_TIMEOUT_MS = 20_000;
const ATTEMPTS = 40;
const RETRY_MS = 250;
/** As many bytes as the protocol can ask for. */
const MAX_FETCH_BYTES = 2 ** 31 - 1;

const groupKey = (id: string) => ({ kind: 'group', id }) as const;

/**
 * Any Kafka cluster. Record batches go to the socket and come from it as they are, over requests of our own; topics and
 * groups are administered through kafkajs.
 */
export class KafkaBroker implements Broker {
  readonly description: string;
  readonly #cluster: KafkaCluster;
  readonly #admin: KafkaAdmin;
  readonly #subscriptions = new Set<KafkaSubscription>();
  readonly #holds = new Set<KafkaServiceHold>();
  readonly #members = new Set<GroupMember>();

  private constructor(settings: KafkaSettings, cluster: KafkaCluster) {
    this.description = settings.bootstrapServers.join(',');
    this.#cluster = cluster;
    this.#admin = new KafkaAdmin(settings);
  }

  /**
   * Connects for real: a wrong address or password is told now.
   * @param open how brokers are reached; absent: over the network
   * @throws BrokerError with the broker's own words
   */
  static async connect(settings: KafkaSettings, open?: OpenConnection): Promise<KafkaBroker> {
    const cluster = new KafkaCluster(settings, open);
    try {
      await cluster.metadata([]);
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return new KafkaBroker(settings, cluster);
  }

  get clusterId(): string {
    return this.#cluster.clusterId;
  }

  async createTopic(spec: TopicSpec): Promise<void> {
    await this.#admin.createTopic(spec);
  }

  async deleteTopic(name: string): Promise<void> {
    await this.#admin.deleteTopic(name);
  }

  async listTopics(): Promise<readonly TopicDescription[]> {
    const topics = (await this.#cluster.metadata(null)).filter((topic) => !topic.isInternal && topic.code === 0);
    const configs = await this.#admin.configs(topics.map((topic) => topic.name));
    return topics.map((topic) => describe(topic, configs.get(topic.name)));
  }

  async describeTopic(name: string): Promise<TopicDescription | undefined> {
    const [topic] = await this.#cluster.metadata([name]);
    if (topic === undefined || topic.code !== 0) return undefined;
    return describe(topic, (await this.#admin.configs([name])).get(name));
  }

  async append(topic: string, partition: number, batches: readonly RecordBatch[]): Promise<number> {
    // Sent without waiting for each other: the broker takes what comes over one connection in order.
    const { compression } = this.#cluster.settings;
    const sent = compression === undefined ? batches : batches.map((batch) => compressBatch(batch, compression));
    const offsets = await Promise.all(sent.map((batch) => this.#produce(topic, partition, batch)));
    return offsets[0] ?? (await this.offsets(topic))[partition]?.latest ?? 0;
  }

  async read(
    { topic, partition, offset }: ReadPosition,
    maxBytes: number,
    isolation?: Isolation,
  ): Promise<FetchedBatches> {
    const readsUncommitted = this.#readsUncommitted(isolation);
    const most = Math.min(maxBytes, MAX_FETCH_BYTES);
    const options = { maxWaitMs: 0, maxBytes: most, maxPartitionBytes: most, readsUncommitted };
    let skipped = {};
    for (let from = offset, attempt = 1; ; attempt++) {
      const request = fetchRequest([{ topic, partition, offset: from }], options);
      const [fetched] = await this.#cluster.askLeader(topic, partition, request);
      const { code, batches, release } = fetched!;
      if (code === KAFKA_ERROR.none)
        return { topic, partition, batches, ...(batches.length > 0 ? skipped : {}), ...(release && { release }) };
      if (code === KAFKA_ERROR.offsetOutOfRange) {
        const earliest = await this.#offset(topic, partition, 'earliest');
        if (from >= earliest) return { topic, partition, batches: [] };
        from = earliest;
        skipped = { skippedFrom: offset };
      } else {
        await this.#onFailure(code, attempt, topic, partition, `Reading topic '${topic}'`);
      }
    }
  }

  async subscribe(
    positions: readonly ReadPosition[],
    handler: (fetched: FetchedBatches) => void | Promise<void>,
  ): Promise<Subscription> {
    const subscription = new KafkaSubscription(this.#cluster, handler);
    await subscription.start(positions);
    this.#subscriptions.add(subscription);
    return {
      pause: () => subscription.pause(),
      resume: () => subscription.resume(),
      close: async () => {
        this.#subscriptions.delete(subscription);
        await subscription.close();
      },
    };
  }

  async offsets(topic: string, options: OffsetsOptions = {}): Promise<readonly PartitionOffsets[]> {
    const { partitions } = await this.#cluster.topic(topic);
    const wanted = partitions.filter(({ partition }) => (options.partition ?? partition) === partition);
    const found = await Promise.all(
      wanted.map(async ({ partition }) => {
        const [earliest, latest] = await Promise.all([
          this.#offset(topic, partition, 'earliest'),
          this.#offset(topic, partition, 'latest', options.isolation),
        ]);
        return { partition, earliest, latest };
      }),
    );
    return found.sort((a, b) => a.partition - b.partition);
  }

  async offsetAt({ topic, partition }: TopicPartition, timeMs: number): Promise<number | undefined> {
    const offset = await this.#listed(topic, partition, { timeMs });
    return offset < 0 ? undefined : offset;
  }

  async committed(group: string, topic: string): Promise<ReadonlyMap<number, CommittedOffset>> {
    const { partitions } = await this.#cluster.topic(topic);
    const request = offsetFetchRequest(
      group,
      topic,
      partitions.map(({ partition }) => partition),
    );
    const { code, offsets } = await this.#cluster.askCoordinator(groupKey(group), request, (answer) => answer.code);
    if (code !== KAFKA_ERROR.none) throw kafkaError(code, `Reading offsets of consumer group '${group}'`);
    return new Map(
      offsets.filter(({ offset }) => offset >= 0).map(({ partition, offset, note }) => [partition, { offset, note }]),
    );
  }

  async commit(group: string, positions: readonly CommitPosition[]): Promise<void> {
    if (positions.length === 0) return;
    const code = await this.#cluster.askCoordinator(
      groupKey(group),
      offsetCommitRequest(group, positions),
      (answer) => answer,
    );
    if (code !== KAFKA_ERROR.none) throw kafkaError(code, `Committing offsets of consumer group '${group}'`);
  }

  async deleteRecords(before: readonly ReadPosition[]): Promise<void> {
    const versions = await this.#cluster.versions();
    if (versions.newest(DELETE_RECORDS.apiKey, DELETE_RECORDS.version) < DELETE_RECORDS.version)
      throw new BrokerError('This broker does not remove records.', 'other');
    await Promise.all(before.map((position) => this.#deleteRecords(position)));
  }

  async #deleteRecords(position: ReadPosition): Promise<void> {
    const { topic, partition } = position;
    const request = deleteRecordsRequest(position, DELETE_TIMEOUT_MS);
    for (let attempt = 1; ; attempt++) {
      const code = await this.#cluster.askLeader(topic, partition, request);
      if (code === KAFKA_ERROR.none) return;
      await this.#onFailure(code, attempt, topic, partition, `Removing records of topic '${topic}'`);
    }
  }

  async listGroups(): Promise<readonly string[]> {
    return this.#admin.listGroups();
  }

  async deleteGroup(group: string): Promise<void> {
    await this.#admin.deleteGroup(group);
  }

  async holdService(serviceId: string, engine: string, onWait: (notice: string) => void): Promise<ServiceHold> {
    const hold = await KafkaServiceHold.acquire(this.#cluster, serviceId, engine, onWait);
    this.#holds.add(hold);
    try {
      await whenNotServed(this.#cluster, () => this.listGroups(), serviceId, onWait);
    } catch (error) {
      this.#holds.delete(hold);
      await hold.release();
      throw error;
    }
    return hold;
  }

  whenServiceFree(serviceId: string, onWait: (notice: string) => void): Promise<void> {
    return KafkaServiceHold.whenFree(this.#cluster, serviceId, onWait);
  }

  async openTransactions(transactionalId: string, options: TransactionOptions = {}): Promise<TransactionalProducer> {
    return KafkaTransactionalProducer.open(transactionalId, new KafkaTransactionRequests(this.#cluster), {
      compression: this.#cluster.settings.compression,
      ...options,
    });
  }

  joinGroup(options: GroupMemberOptions, callbacks: GroupCallbacks): GroupMembership {
    const member = new GroupMember(options, new KafkaGroupRequests(this.#cluster, options.group), callbacks);
    this.#members.add(member);
    member.start();
    return member;
  }

  async answers(withinMs: number): Promise<boolean> {
    const answered = this.#cluster.metadata([]).then(
      () => true,
      () => false,
    );
    return Promise.race([answered, sleep(withinMs, false)]);
  }

  giveUp(): void {
    void this.#cluster.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.close()));
    await Promise.all([...this.#holds].map((hold) => hold.release()));
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await Promise.all([this.#admin.close(), this.#cluster.close()]);
  }

  async #produce(topic: string, partition: number, batch: RecordBatch): Promise<number> {
    const request = produceRequest(topic, partition, batch, PRODUCE_TIMEOUT_MS);
    for (let attempt = 1; ; attempt++) {
      const { code, offset } = await this.#cluster.askLeader(topic, partition, request);
      if (code === KAFKA_ERROR.none) return offset;
      if (code === KAFKA_ERROR.messageTooLarge && batch.count > 1) {
        const [first, second] = halves(batch);
        const start = await this.#produce(topic, partition, first);
        await this.#produce(topic, partition, second);
        return start;
      }
      await this.#onFailure(code, attempt, topic, partition, `Writing to topic '${topic}'`);
    }
  }

  #readsUncommitted(isolation: Isolation | undefined): boolean | undefined {
    return isolation === undefined ? this.#cluster.settings.readsUncommitted : isolation === 'uncommitted';
  }

  async #offset(topic: string, partition: number, end: 'earliest' | 'latest', isolation?: Isolation): Promise<number> {
    return Math.max(0, await this.#listed(topic, partition, end, isolation));
  }

  /** -1 where there is none. */
  async #listed(
    topic: string,
    partition: number,
    end: Parameters<typeof listOffsetsRequest>[2],
    isolation?: Isolation,
  ): Promise<number> {
    const request = listOffsetsRequest(topic, [partition], end, this.#readsUncommitted(isolation));
    for (let attempt = 1; ; attempt++) {
      const [listed] = await this.#cluster.askLeader(topic, partition, request);
      const { code, offset } = listed!;
      if (code === KAFKA_ERROR.none) return offset;
      await this.#onFailure(code, attempt, topic, partition, `Offsets of topic '${topic}'`);
    }
  }

  /**
   * Waits before the next attempt when the leader has moved, which a refused request may learn; throws anything else.
   */
  async #onFailure(code: number, attempt: number, topic: string, partition: number, about: string): Promise<void> {
    if (!isLeaderMoved(code) || attempt === ATTEMPTS) throw kafkaError(code, about);
    this.#cluster.forgetLeader(topic, partition);
    await sleep(RETRY_MS);
    if (code === KAFKA_ERROR.unknownTopicOrPartition && (await this.describeTopic(topic)) === undefined) {
      throw unknownTopic(topic);
    }
  }
}

function describe(topic: TopicMetadata, config: Readonly<Record<string, string>> = {}): TopicDescription {
  return {
    name: topic.name,
    partitions: topic.partitions.length,
    replicas: topic.partitions[0]?.replicas ?? 1,
    config,
  };
}

/** Whether an address answers as Kafka does, with the error it gives if not; for forms that test a connection. */
export async function testKafkaConnection(settings: KafkaSettings): Promise<BrokerError | undefined> {
  try {
    await (await KafkaBroker.connect(settings)).close();
    return undefined;
  } catch (error) {
    return error instanceof BrokerError ? error : new BrokerError(String(error), 'other', { cause: error });
  }
}
