import {
  type Broker,
  BrokerError,
  type CommitPosition,
  type CommittedOffset,
  type PartitionOffsets,
} from '../../broker/broker.ts';
import type { GroupMembership } from '../../broker/groups/group-membership.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import { offsetReset } from '../task/open-partitions.ts';
import { newPartition, originNote, originOf, type StartNotice } from '../task/start-positions.ts';
import type { TaskPlan, TaskTopology } from './task-topology.ts';

export interface FirstPositionsOptions {
  readonly broker: Broker;
  readonly group: string;
  readonly properties: QueryProperties;
  readonly topology: TaskTopology;
  /** The state that belongs to the group's offsets is nowhere: the query begins where it began when it was new. */
  readonly isStateLost: boolean;
  readonly tell: (notice: StartNotice) => void;
}

/**
 * Notes in the group where a query begins to read, for partitions that it has not read before: whichever engine does a
 * task finds its place there. To be called before the group is joined.
 *
 * @throws BrokerError
 */
export async function commitFirstPositions(options: FirstPositionsOptions): Promise<void> {
  const { broker, group, topology } = options;
  const first: Required<CommitPosition>[] = [];
  for (const topic of topology.sourceTopics) {
    // Where the topic ends is asked first: another engine may do the same, and what comes after its answer counts.
    const partitions = await broker.offsets(topic);
    const committed = await broker.committed(group, topic);
    first.push(...firstPositions(topic, partitions, committed, options));
  }
  try {
    await broker.commit(group, first);
  } catch (error) {
    // Another engine that has joined the group has done the same before.
    if (!(error instanceof BrokerError) || !(await isCommitted(first, broker, group))) throw error;
  }
}

function firstPositions(
  topic: string,
  partitions: readonly PartitionOffsets[],
  committed: ReadonlyMap<number, CommittedOffset>,
  { properties, topology, isStateLost, tell }: FirstPositionsOptions,
): Required<CommitPosition>[] {
  const reset = offsetReset(properties, readsTable(topology, topic));
  const isNew = committed.size === 0;
  // Where nothing was read there is no state to be lost: another engine may have begun at this moment.
  const isAgain = isStateLost && [...committed.values()].some(({ offset, note }) => offset > originOf(note));
  if (isAgain) tell(beginningAgain(topic));
  return partitions.flatMap((bounds) => {
    const { partition, earliest, latest } = bounds;
    const before = committed.get(partition);
    if (before !== undefined && !isAgain) return [];
    if (before === undefined && !isNew) tell(newPartition(topic, bounds));
    const begin = !isNew || reset === 'earliest' ? earliest : latest;
    const offset = before === undefined ? begin : Math.max(earliest, originOf(before.note));
    return [{ topic, partition, offset, note: originNote(offset) }];
  });
}

const readsTable = ({ tasks }: TaskTopology, topic: string): boolean =>
  tasks.some(({ part }) => part.plan.sources.some(({ source }) => source.topic === topic && source.kind === 'TABLE'));

async function isCommitted(positions: readonly CommitPosition[], broker: Broker, group: string): Promise<boolean> {
  for (const [topic, ofTopic] of Map.groupBy(positions, (position) => position.topic)) {
    const committed = await broker.committed(group, topic);
    if (!ofTopic.every(({ partition }) => committed.has(partition))) return false;
  }
  return true;
}

const beginningAgain = (topic: string): StartNotice => ({
  kind: 'info',
  text: `topic ${topic}: the state of the query is not in its changelog topics yet, as one engine alone ran it before. It is made anew from all that the query has read; results are written again.`,
});

/**
 * Where a task goes on, by `topic-partition`: where its group stands. A partition without a place there is one between
 * the query's own tasks, or has come since: it is read from its beginning.
 *
 * @throws BrokerError
 */
export async function taskPositions(
  { inputs }: TaskPlan,
  membership: Pick<GroupMembership, 'committed'>,
  broker: Broker,
): Promise<Map<string, number>> {
  const positions = new Map<string, number>();
  for (const { topic, partition, offset } of await membership.committed(inputs))
    positions.set(`${topic}-${partition}`, offset);
  for (const { topic, partition } of inputs) {
    if (positions.has(`${topic}-${partition}`)) continue;
    const [bounds] = await broker.offsets(topic, { partition });
    positions.set(`${topic}-${partition}`, bounds?.earliest ?? 0);
  }
  return positions;
}
