import { BrokerError } from '../broker.ts';
import { isTopicName, type MemoryBroker } from '../embedded/memory-broker.ts';
import { type Client, type Route, route } from './protocol/api-route.ts';
import { ERROR } from './protocol/error-codes.ts';
import type { ReadOf } from './protocol/fields.ts';
import { DESCRIBE_CLUSTER, FIND_COORDINATOR, METADATA, type TopicMetadata } from './protocol/topic-messages.ts';

/** The one broker of the cluster that clients see. */
export const NODE_ID = 1;

type MetadataRequest = ReadOf<(typeof METADATA)['request']>;
type CoordinatorRequest = ReadOf<(typeof FIND_COORDINATOR)['request']>;

/** Tells clients of a cluster of one broker, which leads all partitions and coordinates all groups. */
export class Cluster {
  readonly routes: readonly Route[];
  readonly #broker: MemoryBroker;
  readonly #advertisedHost: string | undefined;

  /** @param advertisedHost where clients are sent; absent: to the address that they have reached */
  constructor(broker: MemoryBroker, advertisedHost?: string) {
    this.#broker = broker;
    this.#advertisedHost = advertisedHost;
    this.routes = [
      route(METADATA, (request, client, version) => this.#metadata(request, client, version)),
      route(DESCRIBE_CLUSTER, (_, client) => ({
        errorCode: ERROR.none,
        errorMessage: null,
        clusterId: broker.clusterId,
        controllerId: NODE_ID,
        brokers: [{ ...this.#place(client), rack: null }],
      })),
      route(FIND_COORDINATOR, ({ key, keys }: CoordinatorRequest, client) => {
        const found = { ...this.#place(client), errorCode: ERROR.none, errorMessage: null };
        const asked = keys.length > 0 ? keys : [key];
        return { ...found, coordinators: asked.map((each) => ({ key: each, ...found })) };
      }),
    ];
  }

  #place({ reachedHost, reachedPort }: Client) {
    return { nodeId: NODE_ID, host: this.#advertisedHost ?? reachedHost, port: reachedPort };
  }

  async #metadata({ topics, allowAutoTopicCreation }: MetadataRequest, client: Client, version: number) {
    // The oldest version has no null, and means all topics by none.
    const isAll = topics === null || (version === 0 && topics.length === 0);
    const names = isAll ? (await this.#broker.listTopics()).map(({ name }) => name) : topics.map(({ name }) => name);
    return {
      brokers: [this.#place(client)],
      clusterId: this.#broker.clusterId,
      controllerId: NODE_ID,
      topics: await Promise.all(names.map((name) => this.#topic(name, allowAutoTopicCreation))),
    };
  }

  /** A topic that somebody wants to write or read is made, as Kafka does unless it is told otherwise. */
  async #topic(name: string, isMade: boolean): Promise<TopicMetadata> {
    const described = await this.#broker.describeTopic(name);
    if (described !== undefined) return { errorCode: ERROR.none, name, partitions: partitionsOf(described.partitions) };
    if (!isTopicName(name)) return { errorCode: ERROR.invalidTopic, name, partitions: [] };
    if (!isMade) return { errorCode: ERROR.unknownTopicOrPartition, name, partitions: [] };
    try {
      await this.#broker.createTopic({ name, partitions: 1, replicas: 1 });
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return { errorCode: ERROR.unknownTopicOrPartition, name, partitions: [] };
    }
    return { errorCode: ERROR.none, name, partitions: partitionsOf(1) };
  }
}

const partitionsOf = (count: number): TopicMetadata['partitions'] =>
  Array.from({ length: count }, (_, index) => ({
    errorCode: ERROR.none,
    index,
    leaderId: NODE_ID,
    replicaNodes: [NODE_ID],
    isrNodes: [NODE_ID],
  }));
