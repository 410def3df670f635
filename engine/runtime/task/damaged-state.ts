import type { PartitionOffsets } from '../../broker/broker.ts';
import type { QueryState } from '../state/query-state.ts';
import type { StartNotice } from './start-positions.ts';

/**
 * A state whose file is damaged is good for going on where the topic still holds all that came after its last whole
 * commit.
 *
 * @returns what to say about it
 * @throws Error where the topic does not: the query must not go on with results that lack something
 */
export function goingOnAfterDamage(
  { damage, positions }: Pick<QueryState, 'damage' | 'positions'>,
  topic: string,
  partitions: readonly PartitionOffsets[],
): StartNotice {
  for (const { partition, earliest } of partitions) {
    const from = positions.get(`${topic}-${partition}`) ?? 0;
    if (from >= earliest) continue;
    throw new Error(
      `${damage} What is missing cannot be processed again, because topic ${topic}, partition ${partition} has no records before offset ${earliest} any more, and those from offset ${from} on are wanted. Put a copy of the file in its place and start the engine again, or TERMINATE the query and create it anew.`,
    );
  }
  const text = `${damage} It goes on from what was committed before, and processes what came to topic ${topic} after that again.`;
  return { kind: 'loss', text };
}
