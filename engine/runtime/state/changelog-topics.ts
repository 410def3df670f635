import { type Broker, BrokerError } from '../../broker/broker.ts';
import { ensureInternalTopic } from './internal-topic.ts';

/**
 * The topics that keep what the state of one task is, by store. Stores that ksqlDB does not have travel in the topic of
 * one that it has, so that a topic browser shows the topics that ksqlDB has.
 */
export interface ChangelogTopics {
  /** The partition of all of them that belongs to the task. */
  readonly partition: number;
  readonly topics: readonly string[];
  topicOf(store: string): string;
  /** The store that gives a topic its name; the entries of all others in it have their stores in their keys. */
  principalOf(topic: string): string;
}

/** Kafka Streams' name of the topic of a store. */
export const changelogTopicName = (applicationId: string, store: string): string =>
  `${applicationId}-${store}-changelog`;

/**
 * The changelog topics of a task.
 *
 * @param principals the stores that have topics, at least one. A store goes with the one whose name its own begins with
 *   (the longest of several), else with the first
 */
export function changelogTopics(
  applicationId: string,
  principals: readonly string[],
  partition: number,
): ChangelogTopics {
  const [first] = principals;
  if (first === undefined) throw new TypeError(`No store of ${applicationId} has a changelog topic`);
  const byTopic = new Map(principals.map((store) => [changelogTopicName(applicationId, store), store]));
  const longestFirst = principals.toSorted((a, b) => b.length - a.length);
  const topicOf = new Map<string, string>();
  return {
    partition,
    topics: [...byTopic.keys()],
    topicOf(store) {
      let topic = topicOf.get(store);
      if (topic === undefined) {
        topic = changelogTopicName(applicationId, longestFirst.find((each) => store.startsWith(each)) ?? first);
        topicOf.set(store, topic);
      }
      return topic;
    },
    principalOf: (topic) => byTopic.get(topic)!,
  };
}

export interface ChangelogTopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** How long the windows of a windowed store are kept; absent where the newest value of each key is. */
  readonly retentionMs?: number | undefined;
}

/** Kafka Streams keeps windows so much longer, as clocks differ (`windowstore.changelog.additional.retention.ms`). */
const ADDITIONAL_RETENTION_MS = 24 * 3600 * 1000;
/** Kafka takes no more than a long. */
const LONGEST_RETENTION_MS = String(2n ** 63n - 1n);
/** What Kafka Streams gives its internal topics: compaction leaves the newest segment alone, so it is kept small. */
const SEGMENT_BYTES = 50 * 1024 * 1024;

/**
 * Makes the topics that are not there yet; several engines may do so at once.
 *
 * @param options `replicas`: -1 for the broker's default (`ksql.internal.topic.replicas`)
 * @throws Error when a topic is there with another number of partitions; BrokerError
 */
export async function ensureChangelogTopics(
  broker: Pick<Broker, 'createTopic' | 'describeTopic'>,
  topics: readonly ChangelogTopicSpec[],
  { replicas = -1 }: { readonly replicas?: number } = {},
): Promise<void> {
  await Promise.all(
    topics.map((topic) => {
      const { name, partitions } = topic;
      const internal = { name, partitions, config: configOf(topic), purpose: 'keeps the state' };
      return ensureInternalTopic(broker, internal, replicas);
    }),
  );
}

/** So long the topics keep that something was deleted; Kafka's own default. */
export const DELETE_RETENTION_MS = 24 * 3600 * 1000;

const configOf = ({ retentionMs }: ChangelogTopicSpec): Readonly<Record<string, string>> => ({
  'message.timestamp.type': 'CreateTime',
  'segment.bytes': String(SEGMENT_BYTES),
  'delete.retention.ms': String(DELETE_RETENTION_MS),
  ...(retentionMs === undefined
    ? { 'cleanup.policy': 'compact' }
    : { 'cleanup.policy': 'compact,delete', 'retention.ms': retentionText(retentionMs + ADDITIONAL_RETENTION_MS) }),
});

/** A window may be as long as time is, and no topic keeps anything longer. */
const retentionText = (ms: number): string => (ms < Number(LONGEST_RETENTION_MS) ? String(ms) : LONGEST_RETENTION_MS);

/** Deletes the topics, where they are: their query is terminated. @throws BrokerError */
export async function deleteChangelogTopics(
  broker: Pick<Broker, 'deleteTopic'>,
  names: readonly string[],
): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      try {
        await broker.deleteTopic(name);
      } catch (error) {
        if (!(error instanceof BrokerError) || error.code !== 'unknown-topic') throw error;
      }
    }),
  );
}
