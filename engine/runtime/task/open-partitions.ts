import type { Broker } from '../../broker/broker.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { QueryState } from '../state/query-state.ts';
import { goingOnAfterDamage } from './damaged-state.ts';
import { PartitionBuffer } from './partition-buffer.ts';
import { type StartNotice, startPositions } from './start-positions.ts';
import type { TopicInputs } from './topic-inputs.ts';
import type { TransactionalResults } from './transactional-results.ts';

export interface PartitionsToOpen {
  readonly broker: Broker;
  readonly inputs: TopicInputs;
  readonly state: QueryState;
  readonly properties: QueryProperties;
  readonly consumerGroup?: string;
  readonly isResumed?: boolean;
  readonly isStateful?: boolean;
  readonly bounded?: boolean;
  /** Only this partition of each topic. */
  readonly partition?: number | undefined;
  /** Where there are transactions, the offsets of the group count with the results: the state may be older. */
  readonly transactions?: TransactionalResults | undefined;
}

/**
 * Finds the place in each partition of a task's topics from which it is to read.
 *
 * @param tell told how it was found, and what cannot be read any more
 * @throws Error where the task must not go on with what there is
 */
export async function openPartitions(
  task: PartitionsToOpen,
  tell: (notice: StartNotice) => void,
): Promise<readonly PartitionBuffer[]> {
  const opened = await Promise.all(task.inputs.topics.map((topic) => openTopic(topic, task, tell)));
  return opened.flat();
}

async function openTopic(
  topic: string,
  task: PartitionsToOpen,
  tell: (notice: StartNotice) => void,
): Promise<PartitionBuffer[]> {
  const { state, broker, inputs, consumerGroup, isResumed = false, isStateful = false, transactions } = task;
  const all = await broker.offsets(topic);
  const partitions = task.partition === undefined ? all : all.filter(({ partition }) => partition === task.partition);
  const kept = partitions.flatMap(({ partition }) => {
    const offset = state.positions.get(`${topic}-${partition}`);
    return offset === undefined ? [] : [[partition, offset] as const];
  });
  const asksGroup = isResumed && consumerGroup !== undefined && (kept.length === 0 || transactions !== undefined);
  const starts = startPositions({
    topic,
    partitions,
    kept: new Map(kept),
    committed: asksGroup ? await broker.committed(consumerGroup, topic) : new Map(),
    reset: task.bounded ? 'earliest' : offsetReset(task.properties, inputs.hasTable(topic)),
    isStateful,
  });
  if (state.damage !== undefined) tell(goingOnAfterDamage(state, topic, partitions));
  for (const notice of starts.notices) tell(notice);
  for (const text of broker.notices?.(topic) ?? []) tell({ kind: 'loss', text });
  return starts.partitions.map((start) => new PartitionBuffer(topic, start, inputs.extractsTime(topic)));
}

/**
 * Where a topic is read from that was not read before: tables are read from their beginning, streams from their end,
 * unless the query's settings say otherwise.
 */
export function offsetReset(properties: QueryProperties, hasTable: boolean): 'earliest' | 'latest' {
  const explicit = properties.explicit('auto.offset.reset')?.trim().toLowerCase();
  if (explicit !== undefined) return explicit === 'earliest' ? 'earliest' : 'latest';
  return hasTable ? 'earliest' : 'latest';
}
