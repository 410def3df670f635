import type { Broker, CommitPosition } from '../../broker/broker.ts';
import type { GroupMembership } from '../../broker/groups/group-membership.ts';
import type { ChangelogBatch, QueryState } from '../state/query-state.ts';
import type { CommitTarget } from '../task/commit-target.ts';
import type { TransactionalResults } from '../task/transactional-results.ts';

export interface TaskCommitOptions {
  readonly broker: Broker;
  readonly state: QueryState;
  readonly membership: Pick<GroupMembership, 'commit'>;
  /** Where each record is to count exactly once. */
  readonly transactions: TransactionalResults | undefined;
  /** Whether the task is this engine's; once it is not, others may have committed more. */
  readonly isOwned: () => boolean;
}

/**
 * Commits what a task of a group has done. Its results are written already. What has changed of its state goes into the
 * changelog before the group's offsets count, so that whoever takes the task over never lacks any of it; in a
 * transaction all of them count at once.
 */
export class TaskCommit implements CommitTarget {
  readonly #options: TaskCommitOptions;

  constructor(options: TaskCommitOptions) {
    this.#options = options;
  }

  beforeState(positions: readonly Required<CommitPosition>[]): Promise<ReadonlyMap<string, number>> {
    return this.#commit(positions, this.#options.state.changelogBatches());
  }

  afterState(): undefined {}

  async #commit(
    positions: readonly Required<CommitPosition>[],
    batches: AsyncIterable<ChangelogBatch>,
  ): Promise<ReadonlyMap<string, number>> {
    const { membership, transactions, isOwned } = this.#options;
    const ends = await this.#appendAll(batches);
    if (transactions === undefined) await membership.commit(positions, isOwned);
    else await transactions.commit(positions);
    return ends;
  }

  /** Appends them in their order; the next one is made while the broker takes one. @returns where each topic ends */
  async #appendAll(batches: AsyncIterable<ChangelogBatch>): Promise<Map<string, number>> {
    const ends = new Map<string, number>();
    let appending: Promise<void> = Promise.resolve();
    for await (const changes of batches) {
      await appending;
      appending = this.#append(changes, ends);
      // It is waited for before anything else is done.
      appending.catch(() => undefined);
    }
    await appending;
    return ends;
  }

  async #append({ topic, partition, batch }: ChangelogBatch, ends: Map<string, number>): Promise<void> {
    const { broker, transactions } = this.#options;
    const { count } = batch;
    const offset = await (transactions?.append(topic, partition, batch) ?? broker.append(topic, partition, [batch]));
    if (offset >= 0) ends.set(topic, offset + count);
    else ends.delete(topic);
  }
}
