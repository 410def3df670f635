import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka, type SASLOptions } from 'kafkajs';
import { BrokerError, type BrokerErrorCode, type TopicSpec } from './broker.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { quietKafkajs } from './quiet-kafkajs.ts';

/** Topics and groups of a cluster. Connects when it is first asked for something. */
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
      ...(sasl === undefined ? {} : { sasl: { ...sasl } as SASLOptions }),
      ...(settings.connectTimeoutMs === undefined ? {} : { connectionTimeout: settings.connectTimeoutMs }),
      retry: { retries: 3 },
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
    await this.#awaitLeaders(name);
  }

  /** A topic that was just made is unknown for a moment, to the very broker that made it. */
  async #awaitLeaders(topic: string): Promise<void> {
    const until = performance.now() + LEADER_TIMEOUT_MS;
    while (performance.now() < until) {
      const found = await this.#ask((admin) => admin.fetchTopicMetadata({ topics: [topic] })).catch(
        (error: BrokerError) => {
          if (error.code === 'unknown-topic' || error.code === 'other') return undefined;
          throw error;
        },
      );
      if (found?.topics[0]?.partitions.every(({ leader }) => leader >= 0)) return;
      await sleep(LEADER_POLL_MS);
    }
  }

  async deleteTopic(name: string): Promise<void> {
    await this.#ask((admin) => admin.deleteTopics({ topics: [name] }));
  }

  /** The settings of topics that are not the broker's defaults; none where this user may not see them. */
  async configs(topics: readonly string[]): Promise<Map<string, Record<string, string>>> {
    const found = new Map<string, Record<string, string>>();
    if (topics.length === 0) return found;
    const resources = topics.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }));
    const answer = await this.#ask((admin) => admin.describeConfigs({ includeSynonyms: false, resources })).catch(
      (error: BrokerError) => {
        if (error.code === 'not-authorized') return { resources: [] };
        throw error;
      },
    );
    for (const { resourceName, configEntries } of answer.resources) {
      const set = configEntries.filter((entry) => !entry.isDefault && entry.configSource === TOPIC_CONFIG);
      found.set(resourceName, Object.fromEntries(set.map(({ configName, configValue }) => [configName, configValue])));
    }
    return found;
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

/** How long a new topic's partitions may be without leaders, and how often that is looked at, in milliseconds. */
const LEADER_TIMEOUT_MS = 10_000;
const LEADER_POLL_MS = 20;

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
