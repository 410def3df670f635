import type {
  Broker,
  CommitPosition,
  FetchedBatches,
  OffsetsOptions,
  ReadPosition,
  TopicDescription,
  TopicPartition,
  TopicSpec,
  TransactionalProducer,
  TransactionOptions,
} from '../../engine/broker/broker.ts';
import type {
  GroupCallbacks,
  GroupMemberOptions,
  GroupMembership,
} from '../../engine/broker/groups/group-membership.ts';
import type { KafkaBroker } from '../../engine/broker/kafka/kafka-broker.ts';
import type { RecordBatch } from '../../engine/broker/record-batch.ts';

/**
 * A Kafka as one of many has it who all use the same names of topics at once: each has its own, whose names begin with
 * a prefix that nobody sees. Closing it closes nothing else.
 */
export class PrefixedBroker implements Broker {
  readonly #kafka: KafkaBroker;
  readonly #prefix: string;

  constructor(kafka: KafkaBroker, prefix: string) {
    this.#kafka = kafka;
    this.#prefix = prefix;
  }

  get description(): string {
    return this.#kafka.description;
  }

  get clusterId(): string {
    return this.#kafka.clusterId;
  }

  /** It keeps records of any time, as those of tests are older than Kafka keeps them by itself. */
  createTopic(spec: TopicSpec): Promise<void> {
    const config = { 'retention.ms': '-1', ...spec.config };
    return this.#kafka.createTopic({ ...spec, name: this.#prefix + spec.name, config });
  }

  deleteTopic(name: string): Promise<void> {
    return this.#kafka.deleteTopic(this.#prefix + name);
  }

  async listTopics(): Promise<readonly TopicDescription[]> {
    return (await this.#kafka.listTopics())
      .filter(({ name }) => name.startsWith(this.#prefix))
      .map((topic) => this.#own(topic));
  }

  async describeTopic(name: string): Promise<TopicDescription | undefined> {
    const topic = await this.#kafka.describeTopic(this.#prefix + name);
    return topic && this.#own(topic);
  }

  append(topic: string, partition: number, batches: readonly RecordBatch[]): Promise<number> {
    return this.#kafka.append(this.#prefix + topic, partition, batches);
  }

  async read(position: ReadPosition, maxBytes: number): Promise<FetchedBatches> {
    return this.#own(await this.#kafka.read(this.#full(position), maxBytes));
  }

  subscribe(positions: readonly ReadPosition[], handler: (fetched: FetchedBatches) => void | Promise<void>) {
    return this.#kafka.subscribe(positions.map(this.#full), (fetched) => handler(this.#own(fetched)));
  }

  offsets(topic: string, options?: OffsetsOptions) {
    return this.#kafka.offsets(this.#prefix + topic, options);
  }

  offsetAt(of: TopicPartition, timeMs: number): Promise<number | undefined> {
    return this.#kafka.offsetAt(this.#full(of), timeMs);
  }

  committed(group: string, topic: string) {
    return this.#kafka.committed(group, this.#prefix + topic);
  }

  commit(group: string, positions: readonly CommitPosition[]): Promise<void> {
    return this.#kafka.commit(group, positions.map(this.#full));
  }

  listGroups(): Promise<readonly string[]> {
    return this.#kafka.listGroups();
  }

  deleteGroup(group: string): Promise<void> {
    return this.#kafka.deleteGroup(group);
  }

  async openTransactions(id: string, options?: TransactionOptions): Promise<TransactionalProducer> {
    const producer = await this.#kafka.openTransactions(id, options);
    const produce: TransactionalProducer['produce'] = (topic, partition, batches) =>
      producer.produce(this.#prefix + topic, partition, batches);
    const sendOffsets: TransactionalProducer['sendOffsets'] = (group, positions) =>
      producer.sendOffsets(group, positions.map(this.#full));
    return overriding(producer, { produce, sendOffsets });
  }

  joinGroup(options: GroupMemberOptions, callbacks: GroupCallbacks): GroupMembership {
    const tasks: GroupCallbacks['tasks'] = () =>
      callbacks.tasks().map((task) => ({ ...task, inputs: task.inputs.map(this.#full) }));
    const membership = this.#kafka.joinGroup(options, overriding(callbacks, { tasks }));
    const commit: GroupMembership['commit'] = (positions, isWanted) =>
      membership.commit(positions.map(this.#full), isWanted);
    const committed: GroupMembership['committed'] = async (partitions) =>
      (await membership.committed(partitions.map(this.#full))).map((position) => this.#own(position));
    return overriding(membership, { commit, committed });
  }

  async close(): Promise<void> {}

  #full = <T extends { readonly topic: string }>(named: T): T => ({ ...named, topic: this.#prefix + named.topic });

  /** Without the prefix, in the member that names a topic. */
  #own<T extends { readonly topic: string } | { readonly name: string }>(named: T): T {
    const without = (name: string) => name.slice(this.#prefix.length);
    return 'topic' in named ? { ...named, topic: without(named.topic) } : { ...named, name: without(named.name) };
  }
}

/** The same object with other methods. */
function overriding<T extends object>(object: T, others: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      const other: unknown = Reflect.get(others, name);
      if (other !== undefined) return other;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
