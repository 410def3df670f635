import { messageWithCauses } from '../../api/errors.ts';
import type { Broker, ServiceHold, TopicPartition } from '../../broker/broker.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { QueryState } from '../state/query-state.ts';
import { CommitSchedule } from './commit-schedule.ts';
import { type CommitTarget, OwnGroup } from './commit-target.ts';
import type { PartitionBuffer } from './partition-buffer.ts';
import { originNote, type StartNotice } from './start-positions.ts';
import type { TaskOutput } from './task-output.ts';
import type { TransactionalResults } from './transactional-results.ts';

export interface TaskCommitsOptions {
  readonly broker: Broker;
  /** Whose offsets are committed; without it only the state is, and nothing by itself. */
  readonly consumerGroup: string | undefined;
  readonly hold: ServiceHold | undefined;
  readonly state: QueryState;
  readonly output: TaskOutput;
  /** Results that count with the offsets that they are committed with; absent: each counts as it is written. */
  readonly transactions?: TransactionalResults | undefined;
  /** Where it counts how far was read; absent: in the consumer group, or nowhere without one. */
  readonly target?: CommitTarget | undefined;
  readonly properties: QueryProperties;
  /** Whether nothing is being processed. */
  readonly isIdle: () => boolean;
  /** Has what was processed written. */
  readonly flush: () => void;
  readonly onError: (error: unknown) => void;
  readonly onNotice: (notice: StartNotice) => void;
}

/** Who reads what is committed waits for it, so that Kafka Streams commits transactions more often by itself. */
const TRANSACTION_INTERVAL_MS = 100;
const INTERVAL = 'commit.interval.ms';

function commitIntervalMs(properties: QueryProperties, isTransactional: boolean): number {
  if (isTransactional && properties.explicit(INTERVAL) === undefined) return TRANSACTION_INTERVAL_MS;
  return properties.number(INTERVAL) ?? 2000;
}

/** How often was committed, and how long that took all together. */
export interface CommitFigures {
  readonly count: number;
  readonly totalMs: number;
}

/**
 * What a task has done is kept here: its state, and how far it has read, as one. They stand together when the results
 * are where they should go, so this is also where a transaction over all three would end.
 */
export class TaskCommits {
  readonly #buffers: readonly PartitionBuffer[];
  readonly #options: TaskCommitsOptions;
  readonly #schedule: CommitSchedule;
  readonly #target: CommitTarget | undefined;
  readonly #committed = new Map<string, number>();
  #count = 0;
  #totalMs = 0;
  /** Why the state could not be written, as it was told; undefined while it can be. */
  #problem: string | undefined;

  /** @param buffers the partitions that the task reads */
  constructor(buffers: readonly PartitionBuffer[], options: TaskCommitsOptions) {
    const { properties, isIdle, flush, output, onError, broker, consumerGroup, transactions } = options;
    this.#buffers = buffers;
    this.#options = options;
    const ownGroup = () =>
      consumerGroup === undefined ? undefined : new OwnGroup(broker, consumerGroup, transactions);
    this.#target = options.target ?? ownGroup();
    this.#schedule = new CommitSchedule({
      intervalMs: commitIntervalMs(properties, transactions !== undefined),
      isQuiet: isIdle,
      isFlushed: () => output.isFlushed,
      flush,
      commit: async () => void (await this.commit()),
      onError,
    });
  }

  get figures(): CommitFigures {
    return { count: this.#count, totalMs: this.#totalMs };
  }

  /** Why the state cannot be written now; undefined while it can be. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * The offset that was committed last, once something of the partition has been read; undefined before, as in ksqlDB.
   */
  committedOffset({ topic, partition }: TopicPartition): number | undefined {
    return this.#committed.get(partitionKey(topic, partition));
  }

  /** Whether a commit waits for everything that was processed to be written. */
  get isDue(): boolean {
    return this.#schedule.isDue;
  }

  /** Something was processed, and is committed within the interval. */
  soon(): void {
    if (this.#options.consumerGroup !== undefined) this.#schedule.soon();
  }

  /** A commit is due now. */
  now(): void {
    if (this.#options.consumerGroup !== undefined) this.#schedule.now();
  }

  /** To be called where the results of everything that was processed may have been written. */
  ifDue(): void {
    this.#schedule.ifDue();
  }

  /** Resolves when no commit is being written. */
  whenDone(): Promise<void> {
    return this.#schedule.whenDone();
  }

  /** Commits no more by itself. Resolves when no commit is being written any more. */
  stop(): Promise<void> {
    return this.#schedule.stop();
  }

  /**
   * Makes state and positions durable as one; in a transaction the positions count first, and a state that is older
   * catches up with them. Not before the results are in the sink; not while the state is rebuilt,
   * when the positions of the run before still hold; and not once they may be another engine's. A state that cannot be
   * written is told, and written with the next commit.
   *
   * @returns whether it was done
   */
  async commit(buffers: readonly PartitionBuffer[] = this.#buffers): Promise<boolean> {
    const { state, output, hold } = this.#options;
    if (hold?.isHeld === false || !output.isFlushed) return false;
    if (buffers.some((buffer) => buffer.isRebuilding)) return false;
    const startMs = performance.now();
    const read = buffers.map(({ topic, partition, position, origin }) => ({
      topic,
      partition,
      offset: position,
      note: originNote(origin),
    }));
    const positions = read.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset] as const);
    const before = this.#target?.beforeState(read);
    const changelogOffsets = before && (await before);
    try {
      await state.commit(new Map(positions), changelogOffsets);
      this.#problem = undefined;
    } catch (error) {
      this.#tellProblem(error);
      return false;
    }
    if (this.#target === undefined) return true;
    await this.#target.afterState(read);
    this.#count++;
    this.#totalMs += performance.now() - startMs;
    // ksqlDB tells the offset of a partition once something of it has been read.
    for (const [i, { topic, partition, offset }] of read.entries())
      if (offset > buffers[i]!.origin) this.#committed.set(partitionKey(topic, partition), offset);
    return true;
  }

  /** Said once, until it succeeds again. */
  #tellProblem(error: unknown): void {
    const problem = messageWithCauses(error);
    if (this.#problem === undefined)
      this.#options.onNotice({
        kind: 'loss',
        text: `its state could not be kept; after a crash it would begin again at its last commit. It goes on, and tries again with every commit: ${problem}`,
      });
    this.#problem = problem;
    this.#schedule.soon();
  }
}

const partitionKey = (topic: string, partition: number): string => `${topic}-${partition}`;
