import type { Broker, TopicPartition } from '../../broker/broker.ts';
import type { GroupTask } from '../../broker/groups/assign-tasks.ts';
import { keepsTable } from '../../compile/materialized-table.ts';
import { type RepartitionTopic, repartitionCounts, type SubTopology } from '../../plan/cut-plan.ts';
import { type PrincipalStore, principalStores } from '../../plan/principal-stores.ts';
import {
  type ChangelogTopicSpec,
  type ChangelogTopics,
  changelogTopicName,
  changelogTopics,
} from '../state/changelog-topics.ts';

/** A task of a query: a sub-topology over one partition of what it reads, or over all of them. */
export interface TaskPlan {
  /** As Kafka Streams writes it: the number of the sub-topology and the partition, `0_3`. */
  readonly id: string;
  readonly part: SubTopology;
  /** What it reads of each topic, and writes of its changelogs. */
  readonly partition: number;
  /** How many partitions the repartition topic has that it writes; 0 where it writes none. */
  readonly writtenPartitions: number;
  /** What it reads. */
  readonly inputs: readonly TopicPartition[];
  /** The topics that keep its state; absent where it has none. */
  readonly changelog: ChangelogTopics | undefined;
}

/** A repartition topic with the partitions that it is to have. */
export interface SizedTopic {
  readonly topic: RepartitionTopic;
  readonly partitions: number;
}

/** The tasks of a query, and the topics between them, for the partitions that its sources have. */
export interface TaskTopology {
  readonly tasks: readonly TaskPlan[];
  /** What is told of the tasks to those who give them out. */
  readonly groupTasks: readonly GroupTask[];
  /** How many partitions the topics have that the query reads and does not write itself. */
  readonly sourceTopics: ReadonlyMap<string, number>;
  readonly repartitions: readonly SizedTopic[];
  readonly changelogs: readonly ChangelogTopicSpec[];
}

/**
 * Divides the parts of a plan into tasks, as Kafka Streams does: as many as the topic with most partitions has that it
 * reads.
 *
 * @param partitionsOf how many partitions a topic has
 * @throws what `partitionsOf` throws
 */
export async function taskTopology(
  parts: readonly SubTopology[],
  applicationId: string,
  partitionsOf: (topic: string) => Promise<number>,
): Promise<TaskTopology> {
  const internal = new Map(parts.flatMap(({ reads }) => reads.map((topic) => [topic.source.topic, topic] as const)));
  const counts = new Map<string, number>();
  for (const topic of new Set(parts.flatMap(topicsOf)))
    if (!internal.has(topic)) counts.set(topic, await partitionsOf(topic));
  const sourceTopics = new Map(counts);
  for (const [topic, count] of repartitionCounts(parts, (each) => counts.get(each)!)) counts.set(topic, count);
  const tasks = parts.flatMap((part) => tasksOf(part, applicationId, counts));
  const groupTasks = tasks.map(({ id, part, inputs, changelog }): GroupTask => {
    return { id, family: String(part.index), isStateful: changelog !== undefined, inputs };
  });
  const repartitions = [...internal.values()].map((topic) => ({ topic, partitions: counts.get(topic.source.topic)! }));
  const changelogs = parts.flatMap((part) => {
    const partitions = tasks.filter((task) => task.part === part).length;
    return storesOf(part).map(({ name, retentionMs }) => {
      return { name: changelogTopicName(applicationId, name), partitions, retentionMs };
    });
  });
  return { tasks, groupTasks, sourceTopics, repartitions, changelogs };
}

/** How many partitions a topic has. @throws Error where there is none */
export async function partitionCount(broker: Broker, topic: string): Promise<number> {
  return (await broker.offsets(topic)).length;
}

const topicsOf = ({ plan }: SubTopology): readonly string[] => [
  ...new Set(plan.sources.map(({ source }) => source.topic)),
];

/**
 * The stores that have changelog topics. Where a plan keeps nothing but its result, as a table that is only filtered
 * does, this goes into a topic of its own.
 */
function storesOf({ plan, writes }: SubTopology): readonly PrincipalStore[] {
  const stores = principalStores(plan);
  if (stores.length > 0) return stores;
  return writes === undefined && keepsTable(plan) ? [{ name: 'Materialized' }] : [];
}

function tasksOf(part: SubTopology, applicationId: string, counts: ReadonlyMap<string, number>): TaskPlan[] {
  const topics = topicsOf(part);
  const stores = storesOf(part).map(({ name }) => name);
  const changelogOf = (partition: number) =>
    stores.length === 0 ? undefined : changelogTopics(applicationId, stores, partition);
  const all = topics.flatMap((topic) =>
    Array.from({ length: counts.get(topic)! }, (_, partition) => ({ topic, partition })),
  );
  const count = part.isWhole ? 1 : Math.max(1, ...topics.map((topic) => counts.get(topic)!));
  return Array.from({ length: count }, (_, partition) => ({
    id: `${part.index}_${partition}`,
    part,
    partition,
    writtenPartitions: part.writes === undefined ? 0 : counts.get(part.writes.source.topic)!,
    inputs: part.isWhole ? all : all.filter((input) => input.partition === partition),
    changelog: changelogOf(partition),
  }));
}
