import { BrokerError, type BrokerErrorCode, type TopicDescription } from '../broker.ts';
import { isTopicName, MAX_PARTITIONS, type MemoryBroker } from '../embedded/memory-broker.ts';
import { NODE_ID } from './cluster.ts';
import { type Route, route } from './protocol/api-route.ts';
import { ERROR } from './protocol/error-codes.ts';
import type { ReadOf } from './protocol/fields.ts';
import {
  CREATE_PARTITIONS,
  CREATE_TOPICS,
  DELETE_TOPICS,
  DESCRIBE_CONFIGS,
  INCREMENTAL_ALTER_CONFIGS,
} from './protocol/topic-messages.ts';
import { settingFault, TOPIC_DEFAULTS } from './topic-settings.ts';

/** Types of resources with a configuration. */
const TOPIC = 2;
const BROKER = 4;
/** Where a setting comes from: it was given for the topic, or is a default. */
const SET_FOR_TOPIC = 1;
const DEFAULT = 5;
/** What stands for the broker's default in the number of partitions or replicas. */
const BY_DEFAULT = -1;

const OPERATION = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

type NewTopic = ReadOf<(typeof CREATE_TOPICS)['request']>['topics'][number];
type MorePartitions = ReadOf<(typeof CREATE_PARTITIONS)['request']>['topics'][number];
type AskedResource = ReadOf<(typeof DESCRIBE_CONFIGS)['request']>['resources'][number];
type ChangedResource = ReadOf<(typeof INCREMENTAL_ALTER_CONFIGS)['request']>['resources'][number];

/** A request that is refused, with the code and the words for the client. */
class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const CODES: Readonly<Partial<Record<BrokerErrorCode, number>>> = {
  'topic-exists': ERROR.topicAlreadyExists,
  'unknown-topic': ERROR.unknownTopicOrPartition,
  'invalid-topic': ERROR.invalidTopic,
  storage: ERROR.storage,
};

/** Does something for a client, and puts into the answer's words what was in the way. */
async function outcome(work: () => Promise<void>): Promise<{ errorCode: number; errorMessage: string | null }> {
  try {
    await work();
    return { errorCode: ERROR.none, errorMessage: null };
  } catch (error) {
    if (error instanceof Refusal) return { errorCode: error.code, errorMessage: error.message };
    if (!(error instanceof BrokerError)) throw error;
    return { errorCode: CODES[error.code] ?? ERROR.invalidRequest, errorMessage: error.message };
  }
}

/** Topics and their configuration. */
export class TopicAdministration {
  readonly routes: readonly Route[];
  readonly #broker: MemoryBroker;

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
    this.routes = [
      route(CREATE_TOPICS, async ({ topics, validateOnly }) => ({
        topics: await Promise.all(topics.map((topic) => this.#create(topic, validateOnly))),
      })),
      route(DELETE_TOPICS, async ({ topicNames }) => ({
        topics: await Promise.all(
          topicNames.map(async (name) => ({ name, ...(await outcome(() => broker.deleteTopic(name))) })),
        ),
      })),
      route(CREATE_PARTITIONS, async ({ topics, validateOnly }) => ({
        topics: await Promise.all(
          topics.map(async (topic) => ({
            name: topic.name,
            ...(await outcome(() => this.#addPartitions(topic, validateOnly))),
          })),
        ),
      })),
      route(DESCRIBE_CONFIGS, async ({ resources }) => ({
        results: await Promise.all(resources.map((resource) => this.#describe(resource))),
      })),
      route(INCREMENTAL_ALTER_CONFIGS, async ({ resources, validateOnly }) => ({
        results: await Promise.all(
          resources.map(async (resource) => ({
            type: resource.type,
            name: resource.name,
            ...(await outcome(() => this.#change(resource, validateOnly))),
          })),
        ),
      })),
    ];
  }

  async #create(topic: NewTopic, validateOnly: boolean) {
    const { name, numPartitions, replicationFactor, assignments, configs } = topic;
    const partitions = assignments.length > 0 ? assignments.length : numPartitions === BY_DEFAULT ? 1 : numPartitions;
    const result = await outcome(async () => {
      if (!isTopicName(name)) throw new Refusal(ERROR.invalidTopic, `Topic name '${name}' is illegal.`);
      if ((await this.#broker.describeTopic(name)) !== undefined)
        throw new Refusal(ERROR.topicAlreadyExists, `Topic '${name}' already exists.`);
      if (partitions < 1 || partitions > MAX_PARTITIONS)
        throw new Refusal(ERROR.invalidPartitions, `A topic has 1 to ${MAX_PARTITIONS} partitions, not ${partitions}.`);
      if (replicationFactor !== BY_DEFAULT && replicationFactor !== 1 && assignments.length === 0)
        throw new Refusal(
          ERROR.invalidReplicationFactor,
          `There is one broker, so a topic has one replica, not ${replicationFactor}.`,
        );
      for (const { name: setting, value } of configs) assertSetting(setting, value);
      if (validateOnly) return;
      const config = Object.fromEntries(configs.map(({ name: setting, value }) => [setting, value ?? '']));
      await this.#broker.createTopic({ name, partitions, replicas: 1, config });
    });
    return { name, ...result, numPartitions: partitions, replicationFactor: 1, configs: [] };
  }

  async #addPartitions({ name, count }: MorePartitions, validateOnly: boolean): Promise<void> {
    const { partitions } = await this.#described(name);
    if (count <= partitions || count > MAX_PARTITIONS)
      throw new Refusal(
        ERROR.invalidPartitions,
        `Topic '${name}' has ${partitions} partitions; it can have more, up to ${MAX_PARTITIONS}, not ${count}.`,
      );
    if (!validateOnly) await this.#broker.changeTopic(name, { partitions: count });
  }

  async #describe({ type, name, keys }: AskedResource) {
    let configs: readonly ReturnType<typeof entryOf>[] = [];
    const result = await outcome(async () => {
      if (type === BROKER && (name === '' || name === String(NODE_ID))) return;
      if (type !== TOPIC) throw new Refusal(ERROR.invalidRequest, 'Topics and broker 1 have a configuration.');
      const { config } = await this.#described(name);
      const names = Object.keys({ ...TOPIC_DEFAULTS, ...config });
      configs = names.filter((each) => keys === null || keys.includes(each)).map((each) => entryOf(each, config));
    });
    return { ...result, type, name, configs };
  }

  async #change({ type, name, configs }: ChangedResource, validateOnly: boolean): Promise<void> {
    if (type !== TOPIC) throw new Refusal(ERROR.invalidRequest, 'Only the configuration of topics can be changed.');
    const changed = new Map(Object.entries((await this.#described(name)).config));
    for (const { name: setting, operation, value } of configs) {
      const next = changedValue(operation, changed.get(setting) ?? TOPIC_DEFAULTS[setting], value);
      if (next === undefined) {
        changed.delete(setting);
        continue;
      }
      assertSetting(setting, next);
      changed.set(setting, next);
    }
    if (!validateOnly) await this.#broker.changeTopic(name, { config: Object.fromEntries(changed) });
  }

  async #described(name: string): Promise<TopicDescription> {
    const described = await this.#broker.describeTopic(name);
    if (described !== undefined) return described;
    throw new Refusal(ERROR.unknownTopicOrPartition, `Topic '${name}' does not exist.`);
  }
}

function assertSetting(name: string, value: string | null): void {
  const fault = settingFault(name, value);
  if (fault !== undefined) throw new Refusal(ERROR.invalidConfig, fault);
}

/** What a setting becomes; undefined for its default. Lists have commas between their values. */
function changedValue(operation: number, current = '', value: string | null = ''): string | undefined {
  const listed = current === '' ? [] : current.split(',');
  switch (operation) {
    case OPERATION.set:
      return value ?? '';
    case OPERATION.delete:
      return undefined;
    case OPERATION.append:
      return [...new Set([...listed, value ?? ''])].join(',');
    case OPERATION.subtract:
      return listed.filter((each) => each !== value).join(',');
    default:
      throw new Refusal(ERROR.invalidRequest, `There is no operation ${operation} on settings.`);
  }
}

function entryOf(name: string, config: Readonly<Record<string, string>>) {
  const source = Object.hasOwn(config, name) ? SET_FOR_TOPIC : DEFAULT;
  return {
    name,
    value: config[name] ?? TOPIC_DEFAULTS[name] ?? null,
    readOnly: false,
    source,
    isSensitive: false,
    synonyms: [],
  };
}
