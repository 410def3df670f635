import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerError } from '../broker.ts';
import type { ApiVersions } from './api-versions.ts';
import { isCoordinatorBusy, KAFKA_ERROR, kafkaError } from './broker-errors.ts';
import { KafkaConnection } from './connection.ts';
import { type ClusterMetadata, type CoordinatorKey, findCoordinatorRequest, metadataRequest } from './requests.ts';
import { hostAndPort, type KafkaSettings } from './settings.ts';
import type { KafkaRequest } from './wire.ts';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** What a cluster asks of a connection to one of its brokers, as {@link KafkaConnection} has it. */
export type BrokerConnection = Pick<KafkaConnection, 'isOpen' | 'send' | 'versions' | 'close' | 'closeWhenAnswered'>;

/** Connects to a broker, and logs in. @throws BrokerError */
export type OpenConnection = (host: string, port: number, settings: KafkaSettings) => Promise<BrokerConnection>;

export type TopicMetadata = ClusterMetadata['topics'][number];

/**
 * How often something is tried again that a cluster does while it elects a leader or loads its offsets, and how long
 * apart.
 */
const ATTEMPTS = 40;
const RETRY_MS = 250;

/** Knows the brokers of a cluster and who leads what, and keeps a connection to each. */
export class KafkaCluster {
  readonly settings: KafkaSettings;
  readonly #open: OpenConnection;
  readonly #leaders = new Map<string, BrokerAddress>();
  readonly #connections = new Map<string, Promise<BrokerConnection>>();
  readonly #coordinators = new Map<string, BrokerAddress>();
  #brokers: readonly BrokerAddress[] = [];
  #clusterId = '';
  #closed = false;

  /** @param open how brokers are reached */
  constructor(settings: KafkaSettings, open: OpenConnection = KafkaConnection.open) {
    this.settings = settings;
    this.#open = open;
  }

  get clusterId(): string {
    return this.#clusterId;
  }

  /**
   * Asks any broker that answers about topics.
   * @param topics null: all
   * @throws BrokerError with what each broker said, when none answers
   */
  async metadata(topics: readonly string[] | null): Promise<readonly TopicMetadata[]> {
    const answer = await this.#askAny(metadataRequest(topics));
    this.#clusterId = answer.clusterId;
    const brokers = new Map(answer.brokers.map(({ id, host, port }) => [id, { host, port }]));
    this.#brokers = [...brokers.values()];
    for (const { name, partitions } of answer.topics) {
      for (const { partition, leader } of partitions) {
        const address = brokers.get(leader);
        if (address === undefined) this.#leaders.delete(`${name}/${partition}`);
        else this.#leaders.set(`${name}/${partition}`, address);
      }
    }
    return answer.topics;
  }

  /** What there is to know about a topic. @throws BrokerError `unknown-topic` */
  async topic(name: string): Promise<TopicMetadata> {
    const [topic] = await this.metadata([name]);
    if (topic === undefined || topic.code !== 0) {
      const code = topic?.code ?? KAFKA_ERROR.unknownTopicOrPartition;
      if (code === KAFKA_ERROR.unknownTopicOrPartition) throw unknownTopic(name);
      throw kafkaError(code, `Topic '${name}'`);
    }
    return topic;
  }

  /** The broker that leads a partition; waits while one is elected. @throws BrokerError */
  async leader(topic: string, partition: number): Promise<BrokerAddress> {
    const key = `${topic}/${partition}`;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const known = this.#leaders.get(key);
      if (known !== undefined) return known;
      const { partitions } = await this.topic(topic);
      if (partitions.every((each) => each.partition !== partition)) {
        throw new BrokerError(`Topic '${topic}' has no partition ${partition}.`, 'unknown-topic');
      }
      if (!this.#leaders.has(key)) await sleep(RETRY_MS);
    }
    throw kafkaError(KAFKA_ERROR.leaderNotAvailable, `Topic '${topic}', partition ${partition}`);
  }

  /** To be called when a broker says that it does not lead the partition, or is not reached. */
  forgetLeader(topic: string, partition: number): void {
    this.#leaders.delete(`${topic}/${partition}`);
  }

  /** Sends to the leader of a partition over the connection that all share. */
  async askLeader<T>(topic: string, partition: number, request: KafkaRequest<T>): Promise<T> {
    try {
      const connection = await this.connection(await this.leader(topic, partition));
      return await connection.send(request);
    } catch (error) {
      this.forgetLeader(topic, partition);
      throw error;
    }
  }

  /**
   * Sends to the broker that is responsible for a group or a transactional id, and again while that is not ready.
   * @param codeOf the error code in an answer
   */
  async askCoordinator<T>(key: CoordinatorKey, request: KafkaRequest<T>, codeOf: (answer: T) => number): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const address = await this.coordinator(key);
      let answer: T;
      try {
        answer = await (await this.connection(address)).send(request);
      } catch (error) {
        this.forgetCoordinator(key);
        throw error;
      }
      if (!isCoordinatorBusy(codeOf(answer)) || attempt === ATTEMPTS) return answer;
      this.forgetCoordinator(key);
      await sleep(RETRY_MS);
    }
  }

  /** What the brokers can do, as one of them says. @throws BrokerError */
  async versions(): Promise<ApiVersions> {
    return this.#tryAll((connection) => connection.versions());
  }

  /** The shared connection to a broker; a broken one is replaced. */
  async connection(address: BrokerAddress): Promise<BrokerConnection> {
    const key = `${address.host}:${address.port}`;
    const existing = this.#connections.get(key);
    if (existing !== undefined) {
      const connection = await existing.catch(() => undefined);
      if (connection?.isOpen) return connection;
      // What was asked before is answered yet.
      connection?.closeWhenAnswered();
      if (this.#connections.get(key) === existing) this.#connections.delete(key);
    }
    let opening = this.#connections.get(key);
    if (opening === undefined) {
      opening = this.openConnection(address);
      this.#connections.set(key, opening);
    }
    return opening;
  }

  /** A connection of the caller's own, who closes it. */
  async openConnection(address: BrokerAddress): Promise<BrokerConnection> {
    if (this.#closed) throw new BrokerError('The connection to Kafka is closed.', 'closed');
    return this.#open(address.host, address.port, this.settings);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    for (const opening of connections) (await opening.catch(() => undefined))?.close();
  }

  /** The broker that is responsible for a group or a transactional id. @throws BrokerError */
  async coordinator(key: CoordinatorKey): Promise<BrokerAddress> {
    const name = `${key.kind} ${key.id}`;
    const known = this.#coordinators.get(name);
    if (known !== undefined) return known;
    for (let attempt = 1; ; attempt++) {
      const { code, words, host, port } = await this.#askAny(findCoordinatorRequest(key));
      if (code === 0) {
        this.#coordinators.set(name, { host, port });
        return { host, port };
      }
      const about = key.kind === 'group' ? `Consumer group '${key.id}'` : `Transactional id '${key.id}'`;
      if (!isCoordinatorBusy(code) || attempt === ATTEMPTS) throw kafkaError(code, about, words);
      await sleep(RETRY_MS);
    }
  }

  /** To be called when a broker says that it is not responsible, or is not reached. */
  forgetCoordinator({ kind, id }: CoordinatorKey): void {
    this.#coordinators.delete(`${kind} ${id}`);
  }

  #askAny<T>(request: KafkaRequest<T>): Promise<T> {
    return this.#tryAll((connection) => connection.send(request));
  }

  async #tryAll<T>(ask: (connection: BrokerConnection) => Promise<T>): Promise<T> {
    const problems: BrokerError[] = [];
    for (const address of [...this.#brokers, ...this.settings.bootstrapServers.map(hostAndPort)]) {
      try {
        return await ask(await this.connection(address));
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        // A refused password is refused by all of them, and its reason must not drown in other failures.
        if (error.code !== 'unreachable') throw error;
        problems.push(error);
      }
    }
    const messages = new Set(problems.map((problem) => problem.message));
    throw new BrokerError([...messages].join('; '), 'unreachable', { cause: problems[0] });
  }
}

export const unknownTopic = (name: string): BrokerError =>
  new BrokerError(`Topic '${name}' does not exist.`, 'unknown-topic');
