import type { CommittedOffset, PartitionOffsets } from '../../broker/broker.ts';

/** What is known of a topic, and of how far the query has read it before. */
export interface KnownPositions {
  readonly topic: string;
  readonly partitions: readonly PartitionOffsets[];
  /**
   * By partition: the offsets that were kept together with the query's state. They are the rule where there are any.
   */
  readonly kept: ReadonlyMap<number, number>;
  /**
   * The offsets of the query's consumer group; empty for a query that begins anew, whatever its group has committed.
   */
  readonly committed: ReadonlyMap<number, CommittedOffset>;
  /** Where to begin in a partition that the query has not read before. */
  readonly reset: 'earliest' | 'latest';
  /** The query has state, which the offsets of its group do not bring back. */
  readonly isStateful: boolean;
}

/** Where a query begins to read a partition. */
export interface PartitionStart {
  readonly partition: number;
  readonly offset: number;
  /** Offset after the last record that is in the log. */
  readonly endOffset: number;
  /** The records before this offset only bring the state back: their results were written by the run before. */
  readonly rebuiltAt: number;
  /** Where the query began to read when it was new. Its state holds what came after, and nothing before. */
  readonly origin: number;
}

export interface Starts {
  readonly partitions: readonly PartitionStart[];
  /** In sentences: what is read again, and what can not be read any more. */
  readonly notices: readonly StartNotice[];
}

export interface StartNotice {
  /** `loss`: records are gone that the query should have read. */
  readonly kind: 'info' | 'loss';
  readonly text: string;
}

const NOTE = /^origin=(\d+)$/;

/** What a group notes with its offsets, so that a query without its state finds out where that state began. */
export const originNote = (origin: number): string => `origin=${origin}`;

/** Where a query began to read, as its group has noted it; 0 where nothing was noted. */
export const originOf = (note: string | undefined): number => Number(NOTE.exec(note ?? '')?.[1] ?? 0);

/**
 * Decides where a query begins. Offsets that were kept with its state are the rule. Without them a query without state
 * goes on where its group stood; one with state reads again what it has read since it was new, in silence, and goes on
 * from there.
 */
export function startPositions(known: KnownPositions): Starts {
  const notices: StartNotice[] = [];
  const isNew = known.kept.size === 0 && known.committed.size === 0;
  const partitions = known.partitions.map((bounds): PartitionStart => {
    const { partition, earliest, latest } = bounds;
    const kept = known.kept.get(partition);
    const committed = known.committed.get(partition);
    if (kept === undefined && committed === undefined) {
      if (!isNew) notices.push(newPartition(known.topic, bounds));
      const offset = !isNew || known.reset === 'earliest' ? earliest : latest;
      return { partition, offset, endOffset: latest, rebuiltAt: offset, origin: offset };
    }
    const offset = kept ?? committed!.offset;
    const origin = originOf(committed?.note);
    const resumed = resumeAt(known.topic, bounds, offset, notices);
    if (kept !== undefined || !known.isStateful || offset > latest) {
      // Results that were committed with the offsets of the group are not written again by a state that is older.
      const isOlder = kept !== undefined && offset <= latest && committed !== undefined && committed.offset <= latest;
      const rebuiltAt = isOlder ? Math.max(resumed, committed.offset) : resumed;
      return { partition, offset: resumed, endOffset: latest, rebuiltAt, origin: Math.min(origin, resumed) };
    }
    if (origin < earliest && origin < offset) notices.push(cutBeginning(known.topic, partition, origin, earliest));
    return { partition, offset: Math.max(origin, earliest), endOffset: latest, rebuiltAt: resumed, origin };
  });
  const again = partitions.reduce((sum, { offset, rebuiltAt }) => sum + rebuiltAt - offset, 0);
  if (again > 0) notices.unshift(known.kept.size > 0 ? catchingUp(known.topic, again) : rebuilding(known.topic, again));
  else if (known.kept.size === 0 && known.committed.size > 0) notices.unshift(goingOn(known.topic));
  return { partitions, notices };
}

/** The offset itself where the log still has it; else the oldest record there is, since none of those has been read. */
function resumeAt(
  topic: string,
  { partition, earliest, latest }: PartitionOffsets,
  offset: number,
  notices: StartNotice[],
): number {
  if (offset > latest) {
    notices.push(madeAnew(topic, partition, latest, offset));
    return earliest;
  }
  if (offset < earliest) {
    notices.push(removedRecords(topic, partition, offset, earliest));
    return earliest;
  }
  return offset;
}

/** Says that a partition ends before the place up to which the query has read it. */
export const madeAnew = (topic: string, partition: number, latest: number, offset: number): StartNotice => ({
  kind: 'loss',
  text: `topic ${topic}, partition ${partition} ends at offset ${latest}, before ${offset}, up to which it had been read: the topic was made anew, or has lost records. It is read from its beginning.`,
});

/** Says that the records from an offset to before another are gone before the query has read them. */
export const removedRecords = (topic: string, partition: number, from: number, to: number): StartNotice => ({
  kind: 'loss',
  text: `topic ${topic}, partition ${partition}: the records from offset ${from} to ${to - 1} were removed by the topic's retention before they were read. Reading goes on with the oldest record there is.`,
});

export const newPartition = (topic: string, { partition, earliest }: PartitionOffsets): StartNotice => ({
  kind: 'info',
  text: `topic ${topic} has a new partition, ${partition}; it is read from its beginning, offset ${earliest}.`,
});

const cutBeginning = (topic: string, partition: number, origin: number, earliest: number): StartNotice => ({
  kind: 'loss',
  text: `topic ${topic}, partition ${partition}: the state is rebuilt without the records from offset ${origin} to ${earliest - 1}, which the topic's retention has removed. Results that depend on them differ from now on. With --state-dir state is kept and not rebuilt.`,
});

const rebuilding = (topic: string, records: number): StartNotice => ({
  kind: 'info',
  text: `the state was not kept (no --state-dir): it is rebuilt from up to ${records} records of topic ${topic} that were processed before; their results are not written again.`,
});

const catchingUp = (topic: string, records: number): StartNotice => ({
  kind: 'info',
  text: `the state is older than the results that were committed: it is brought up to them by ${records} records of topic ${topic}; their results are not written again.`,
});

const goingOn = (topic: string): StartNotice => ({
  kind: 'info',
  text: `topic ${topic}: reading goes on at the committed offsets of the query's consumer group.`,
});
