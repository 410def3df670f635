import type { Broker, CommitPosition } from '../../broker/broker.ts';
import type { TransactionalResults } from './transactional-results.ts';

/** Where it is made to count, besides in its own state, how far a task has read. */
export interface CommitTarget {
  /**
   * Called with the positions of a commit before the state is kept. What it takes of the state it takes within the
   * call: the task goes on meanwhile.
   * @returns by changelog topic, where there are any: the offset behind the last record of the commit; undefined where
   *   there is nothing to wait for
   * @throws BrokerError; then the commit has failed, and the next one has all of it
   */
  beforeState(positions: readonly Required<CommitPosition>[]): Promise<ReadonlyMap<string, number>> | undefined;
  /** Called when the state has been kept. @throws BrokerError */
  afterState(positions: readonly Required<CommitPosition>[]): Promise<void> | undefined;
}

const NONE: ReadonlyMap<string, number> = new Map();

/** The offsets of a consumer group that has one task: they count with the results where these are transactional. */
export class OwnGroup implements CommitTarget {
  readonly #broker: Broker;
  readonly #group: string;
  readonly #transactions: TransactionalResults | undefined;

  constructor(broker: Broker, group: string, transactions: TransactionalResults | undefined) {
    this.#broker = broker;
    this.#group = group;
    this.#transactions = transactions;
  }

  beforeState(positions: readonly Required<CommitPosition>[]): Promise<ReadonlyMap<string, number>> | undefined {
    return this.#transactions?.commit(positions).then(() => NONE);
  }

  afterState(positions: readonly Required<CommitPosition>[]): Promise<void> | undefined {
    return this.#transactions === undefined ? this.#broker.commit(this.#group, positions) : undefined;
  }
}
