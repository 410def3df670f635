import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka, type SASLOptions } from 'kafkajs';
import { BrokerError, type BrokerErrorCode, type TopicSpec } from '../broker.ts';
import { quietKafkajs } from './quiet-kafkajs.ts';
import type { KafkaLogin, KafkaSettings } from './settings.ts';

/**
 * Topics and groups of a cluster. Connects when it is first asked for something. Nothing here may have kafkajs keep the
 * metadata of a topic, as its calls about offsets do: once that is deleted, it refuses whatever it is asked.
 */
export class KafkaAdmin {
  readonly #kafka: Kafka;
  #admin: Promise<Admin> | undefined;

  constructor(settings: KafkaSettings) {
    quietKafkajs();
    const { sasl } = settings;
    this.#kafka = new kafkajs.Kafka({
      clientId: settings.clientId ?? 'ksql-workbench',
      brokers: [...settings.bootstrapServers],
      logLevel: kafkajs.logLevel.NOTHING,
      ssl: typeof settings.ssl === 'object' ? { ...settings.ssl } : settings.ssl === true,
      ...(sasl === undefined ? {} : { sasl: kafkajsLogin(sasl) }),
      ...(settings.connectTimeoutMs === undefined ? {} : { connectionTimeout: settings.connectTimeoutMs }),
      retry: { retries: 3 },
      // Logging in again sooner than needed is refused where a login is as short as that (KIP-368).
      reauthenticationThreshold: 1000,
    });
  }

  async createTopic({ name, partitions, replicas, config = {} }: TopicSpec): Promise<void> {
    const created = await this.#ask((admin) =>
      admin.createTopics({
        waitForLeaders: false,
        topics: [
          {
            topic: name,
            numPartitions: partitions,
            replicationFactor: replicas,
            configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
          },
        ],
      }),
    );
    if (!created) throw new BrokerError(`Topic '${name}' already exists.`, 'topic-exists');
    // A topic that was just made is unknown for a moment, to the very broker that made it.
    await this.#awaitPartitions(name, (leaders) => leaders?.every((leader) => leader >= 0) === true);
  }

  async deleteTopic(name: string): Promise<void> {
    await this.#ask((admin) => admin.deleteTopics({ topics: [name] }));
    // The controller has forgotten the topic; the brokers hear of that a moment later.
    await this.#awaitPartitions(name, (leaders) => leaders === undefined);
  }

  /**
   * Waits until the leaders of a topic's partitions, or that there is no such topic (undefined), are as `done` wants.
   */
  async #awaitPartitions(topic: string, done: (leaders: readonly number[] | undefined) => boolean): Promise<void> {
    const until = performance.now() + SPREAD_TIMEOUT_MS;
    while (performance.now() < until) {
      const leaders = await this.#leaders(topic);
      if (done(leaders)) return;
      await sleep(SPREAD_POLL_MS);
    }
  }

  async #leaders(topic: string): Promise<readonly number[] | undefined> {
    try {
      const { topics } = await this.#ask((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
      return topics[0]?.partitions.map(({ leader }) => leader);
    } catch (error) {
      const { code } = error as BrokerError;
      if (code === 'unknown-topic') return undefined;
      // What kafkajs makes of a topic whose partitions have no leaders yet.
      if (code === 'other') return [NO_LEADER];
      throw error;
    }
  }

  /**
   * The settings of topics that are not the broker's defaults; none for topics that this user may not see, or that are
   * gone since they were listed.
   */
  async configs(topics: readonly string[]): Promise<Map<string, Record<string, string>>> {
    if (topics.length === 0) return new Map();
    const resources = topics.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }));
    try {
      const answer = await this.#ask((admin) => admin.describeConfigs({ includeSynonyms: false, resources }));
      return new Map(
        answer.resources.map(({ resourceName, configEntries }) => {
          const set = configEntries.filter((entry) => !entry.isDefault && entry.configSource === TOPIC_CONFIG);
          return [
            resourceName,
            Object.fromEntries(set.map(({ configName, configValue }) => [configName, configValue])),
          ];
        }),
      );
    } catch (error) {
      const { code } = error as BrokerError;
      if (code !== 'not-authorized' && code !== 'unknown-topic') throw error;
      if (topics.length === 1) return new Map();
      // One topic fails the request for all of them, so the others are asked for one by one.
      const each = await Promise.all(topics.map((topic) => this.configs([topic])));
      return new Map(each.flatMap((configs) => [...configs]));
    }
  }

  async listGroups(): Promise<string[]> {
    return (await this.#ask((admin) => admin.listGroups())).groups.map(({ groupId }) => groupId);
  }

  async deleteGroup(group: string): Promise<void> {
    await this.#ask((admin) => admin.deleteGroups([group]));
  }

  async close(): Promise<void> {
    await (await this.#admin?.catch(() => undefined))?.disconnect();
  }

  async #ask<T>(request: (admin: Admin) => Promise<T>): Promise<T> {
    this.#admin ??= this.#connect();
    try {
      return await request(await this.#admin);
    } catch (error) {
      throw brokerError(error);
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
    } catch (error) {
      this.#admin = undefined;
      throw error;
    }
    return admin;
  }
}

function kafkajsLogin(login: KafkaLogin): SASLOptions {
  if (login.mechanism !== 'oauthbearer') return { ...login };
  const { token, extensions = {} } = login;
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await token(), extensions }) };
}

/** How long the news of a topic may take to reach the brokers, and how often that is looked at, in milliseconds. */
const SPREAD_TIMEOUT_MS = 10_000;
const SPREAD_POLL_MS = 20;

/** What stands for the leader of a partition that has none (Metadata). */
const NO_LEADER = -1;

/** Where a setting comes from (DescribeConfigs): it was given for the topic itself. */
const TOPIC_CONFIG = 1;

const CODES: Readonly<Record<string, BrokerErrorCode>> = {
  TOPIC_ALREADY_EXISTS: 'topic-exists',
  UNKNOWN_TOPIC_OR_PARTITION: 'unknown-topic',
  INVALID_TOPIC_EXCEPTION: 'invalid-topic',
  TOPIC_AUTHORIZATION_FAILED: 'not-authorized',
  GROUP_AUTHORIZATION_FAILED: 'not-authorized',
  CLUSTER_AUTHORIZATION_FAILED: 'not-authorized',
  SASL_AUTHENTICATION_FAILED: 'not-authorized',
};

/** What kafkajs throws, which may wrap what the broker said in several layers. */
function brokerError(error: unknown): BrokerError {
  const { name, type, errors, cause, groups } = error as {
    name?: string;
    type?: string;
    errors?: unknown[];
    cause?: unknown;
    groups?: { error?: unknown }[];
  };
  const inner = errors?.[0] ?? groups?.[0]?.error ?? (type === undefined && cause instanceof Error ? cause : undefined);
  if (inner !== undefined && inner !== error) return brokerError(inner);
  const message = error instanceof Error ? error.message : String(error);
  const isConnection = /Connection|NumberOfRetries|BrokerNotFound/.test(name ?? '');
  const code =
    CODES[type ?? ''] ?? (isConnection ? 'unreachable' : /SASL/.test(name ?? '') ? 'not-authorized' : 'other');
  return new BrokerError(type === undefined ? message : `${message} (${type})`, code, { cause: error });
}
