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
