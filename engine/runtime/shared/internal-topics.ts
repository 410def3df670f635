import { type Broker, BrokerError } from '../../broker/broker.ts';
import { deleteChangelogTopics, ensureChangelogTopics } from '../state/changelog-topics.ts';
import type { SizedTopic, TaskTopology } from './task-topology.ts';

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
  await Promise.all(repartitions.map((topic) => ensureRepartition(broker, topic, replicas)));
  await ensureChangelogTopics(broker, changelogs, { replicas });
}

async function ensureRepartition(broker: Broker, { topic, partitions }: SizedTopic, replicas: number): Promise<void> {
  const name = topic.source.topic;
  let known = await broker.describeTopic(name);
  if (known === undefined) {
    try {
      await broker.createTopic({ name, partitions, replicas, config: REPARTITION_CONFIG });
      return;
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'topic-exists') throw error;
    }
    known = await broker.describeTopic(name);
  }
  if (known === undefined || known.partitions === partitions) return;
  throw new Error(
    `Existing internal topic ${name} has invalid partitions: expected: ${partitions}; actual: ${known.partitions}. It carries the rows of a query whose source had as many partitions when the query was created. TERMINATE the query, which deletes the topic, and create it anew.`,
  );
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
