import type { Broker, CommitPosition } from '../../broker/broker.ts';
import type { GroupMembership } from '../../broker/groups/group-membership.ts';
import type { ChangelogBatch, QueryState } from '../state/query-state.ts';
import type { CommitTarget } from '../task/commit-target.ts';
import type { TransactionalResults } from '../task/transactional-results.ts';

export interface TaskCommitOptions {
  readonly broker: Broker;
  readonly state: QueryState;
  readonly membership: Pick<GroupMembership, 'commit'>;
  /** Makes changelog and offsets count as one; undefined where there is no state, or the broker does not let it. */
  readonly transactions: () => TransactionalResults | undefined;
  /** Whether the results are in the transactions, too: what a failed commit has left of one is then still wanted. */
  readonly holdsResults: boolean;
  /** Whether the task is this engine's; once it is not, others may have committed more. */
  readonly isOwned: () => boolean;
}

/**
 * Commits what a task of a group has done. Its results are written already, or in the same transaction. What has
 * changed of its state goes into the changelog, and counts with the group's offsets: so whoever takes the task over
 * finds the state as of its place. Kafka Streams has such a transaction exactly once only; without one a kill between
 * the two has records counted twice.
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
    const { membership, isOwned, holdsResults } = this.#options;
    const transactions = this.#options.transactions();
    if (!holdsResults && transactions?.isOpen) await transactions.abandon();
    const ends = await this.#appendAll(batches, transactions);
    if (transactions === undefined) await membership.commit(positions, isOwned);
    else await transactions.commit(positions);
    return ends;
  }

  /** Appends them in their order; the next one is made while the broker takes one. @returns where each topic ends */
  async #appendAll(
    batches: AsyncIterable<ChangelogBatch>,
    transactions: TransactionalResults | undefined,
  ): Promise<Map<string, number>> {
    const ends = new Map<string, number>();
    let appending: Promise<void> = Promise.resolve();
    for await (const changes of batches) {
      await appending;
      appending = this.#append(changes, ends, transactions);
      // It is waited for before anything else is done.
      appending.catch(() => undefined);
    }
    await appending;
    return ends;
  }

  async #append(
    { topic, partition, batch }: ChangelogBatch,
    ends: Map<string, number>,
    transactions: TransactionalResults | undefined,
  ): Promise<void> {
    const { broker } = this.#options;
    const { count } = batch;
    const offset = await (transactions?.append(topic, partition, batch) ?? broker.append(topic, partition, [batch]));
    if (offset >= 0) ends.set(topic, offset + count);
    else ends.delete(topic);
  }
}
