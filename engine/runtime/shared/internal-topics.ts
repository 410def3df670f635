import type { Broker } from '../../broker/broker.ts';
import { deleteChangelogTopics, ensureChangelogTopics } from '../state/changelog-topics.ts';
import { ensureInternalTopic } from '../state/internal-topic.ts';
import type { TaskTopology } from './task-topology.ts';

/** What Kafka Streams gives its repartition topics. */
const REPARTITION_CONFIG = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'segment.bytes': String(50 * 1024 * 1024),
  'message.timestamp.type': 'CreateTime',
};

/**
 * Makes the topics between and behind the tasks of a query that are not there yet; several engines may do so at once.
 * @throws Error when a topic is there with another number of partitions; BrokerError
 */
export async function ensureInternalTopics(
  broker: Broker,
  { repartitions, changelogs }: TaskTopology,
  replicas: number,
): Promise<void> {
  await Promise.all(
    repartitions.map(({ topic, partitions }) => {
      const internal = {
        name: topic.source.topic,
        partitions,
        config: REPARTITION_CONFIG,
        purpose: 'carries the rows',
      };
      return ensureInternalTopic(broker, internal, replicas);
    }),
  );
  await ensureChangelogTopics(broker, changelogs, { replicas });
}

/**
 * Sees that the sources have as many partitions as when the query was created. With more of them Kafka's producers
 * write a key elsewhere than its state is. A query without internal topics has nothing that belongs to a partition.
 *
 * @throws Error that names the topic which has grown (or was made anew with fewer), and what to do; BrokerError
 */
export async function checkPartitions(
  broker: Broker,
  { repartitions, changelogs, sourceTopics }: TaskTopology,
): Promise<void> {
  const wanted = [
    ...repartitions.map(({ topic, partitions }) => ({ name: topic.source.topic, partitions })),
    ...changelogs,
  ];
  const known = await Promise.all(wanted.map(({ name }) => broker.describeTopic(name)));
  for (const [i, { name, partitions }] of wanted.entries()) {
    const before = known[i]?.partitions;
    if (before === undefined || before === partitions) continue;
    const moved = [...sourceTopics].filter(([, count]) => (before < partitions ? count > before : count < before));
    throw new Error(moved.map(([topic, count]) => otherPartitions(topic, count, before, name)).join(' '));
  }
}

const otherPartitions = (topic: string, now: number, before: number, internal: string): string =>
  `Topic ${topic} has ${now} partitions, and had ${before} when the query was created: its internal topic ${internal} has as many. Rows of a key may come in another partition than the one that has its state, so the query does not go on. TERMINATE it, which deletes its internal topics, and create it anew: it then reads its topics from where its settings have it begin. (Or put what the topic has, by its keys, into a new topic of ${before} partitions, and have the source read that.)`;

/** Whether a topic is missing that keeps the state of the query. */
export async function lacksChangelog(broker: Broker, { changelogs }: TaskTopology): Promise<boolean> {
  const known = await Promise.all(changelogs.map(({ name }) => broker.describeTopic(name)));
  return known.some((topic) => topic === undefined);
}

/** Deletes them: the query is terminated. @throws BrokerError */
export async function deleteInternalTopics(broker: Broker, topology: TaskTopology): Promise<void> {
  const names = [
    ...topology.repartitions.map(({ topic }) => topic.source.topic),
    ...topology.changelogs.map(({ name }) => name),
  ];
  await deleteChangelogTopics(broker, names);
}
