import type { Broker, CommitPosition, GroupMetadata, TransactionalProducer } from '../../broker/broker.ts';
import type { RecordBatch } from '../../broker/record-batch.ts';
import { TransactionError } from '../../broker/transaction-error.ts';
import type { QueryProperties } from '../session/session-properties.ts';

/** Whether a query is to count each record exactly once, and the broker has what that takes. */
export const isExactlyOnce = (properties: QueryProperties, broker: Broker): boolean =>
  properties.get('processing.guarantee')?.startsWith('exactly_once') === true && broker.openTransactions !== undefined;

/** So much is written before it is committed, whatever the interval: it is kept until then. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
/** A transaction that the broker gave up is written anew so many times before the query is said to have failed. */
const ATTEMPTS = 3;

interface Kept {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RecordBatch;
}

export interface TransactionalResultsOptions {
  /** Takes over the transactional id of the query. */
  readonly open: () => Promise<TransactionalProducer>;
  readonly broker: Pick<Broker, 'committed'>;
  /** The consumer group of the query. */
  readonly group: string;
  /**
   * Runs what ends a transaction as the member of the group that may do so now; absent: the group has no members.
   * @throws Error where the work is not this engine's any more
   */
  readonly asMember?: (<T>(work: (member: GroupMetadata) => Promise<T>) => Promise<T>) | undefined;
}

/**
 * The results of a query that is to count each record exactly once: they are written in transactions, each of which
 * ends with the offsets of the records that they come from, and readers see all of it or nothing. The results since the
 * last commit are kept: where a transaction is given up, they are written again in another one, so that nothing has to
 * be computed anew.
 */
export class TransactionalResults {
  readonly #options: TransactionalResultsOptions;
  #producer: TransactionalProducer | undefined;
  #kept: Kept[] = [];
  #keptBytes = 0;
  /** The transaction cannot be committed any more. */
  #isBroken = false;
  #beginning: Promise<TransactionalProducer> | undefined;

  constructor(options: TransactionalResultsOptions) {
    this.#options = options;
  }

  /** Whether there are results that no reader sees yet. */
  get isOpen(): boolean {
    return this.#kept.length > 0;
  }

  /** Whether it is time to commit, because so much was written. */
  get isFull(): boolean {
    return this.#keptBytes > MAX_KEPT_BYTES;
  }

  /**
   * Writes a batch as part of the transaction.
   * @returns the offset of its first record, -1 where the broker does not tell
   * @throws BrokerError; then it is not part of it, and may be written again
   */
  async append(topic: string, partition: number, batch: RecordBatch): Promise<number> {
    const producer = await this.#begun();
    let offset: number;
    try {
      offset = await producer.produce(topic, partition, [batch]);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
    this.#kept.push({ topic, partition, batch });
    this.#keptBytes += batch.sizeBytes;
    return offset;
  }

  /**
   * Ends the transaction: its results, and how far they take the query, count from now on.
   * @throws BrokerError; then nothing counts, and the next commit has it all
   */
  async commit(positions: readonly CommitPosition[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const producer = await this.#begun();
        await this.#asMember(async (member) => {
          await producer.sendOffsets(member, positions);
          await producer.commit();
        });
        break;
      } catch (error) {
        this.#failed(error);
        if (!(error instanceof TransactionError) || error.consequence === 'fatal') throw error;
        // The answer may have been lost, and the transaction may count.
        if (this.#producer === undefined && (await this.#hasCommitted(positions))) break;
        if (attempt === ATTEMPTS) throw error;
      }
    }
    this.#kept = [];
    this.#keptBytes = 0;
    this.#isBroken = false;
  }

  /** Gives up what was not committed: the next transaction begins without it. */
  async abandon(): Promise<void> {
    await this.#beginning?.catch(() => undefined);
    this.#kept = [];
    this.#keptBytes = 0;
    this.#isBroken = true;
  }

  /** Gives up what was not committed, and ends. */
  async close(): Promise<void> {
    await this.#beginning?.catch(() => undefined);
    await this.#producer?.close();
    this.#kept = [];
  }

  #asMember<T>(work: (member: GroupMetadata) => Promise<T>): Promise<T> {
    const { asMember, group } = this.#options;
    return asMember === undefined ? work({ group, generation: -1, memberId: '' }) : asMember(work);
  }

  /** A producer with a transaction that has everything since the last commit. */
  #begun(): Promise<TransactionalProducer> {
    this.#beginning ??= this.#begin().finally(() => {
      this.#beginning = undefined;
    });
    return this.#beginning;
  }

  async #begin(): Promise<TransactionalProducer> {
    if (this.#isBroken && this.#producer !== undefined) {
      try {
        await this.#producer.abort();
      } catch (error) {
        this.#failed(error);
        if (this.#producer !== undefined) throw error;
      }
    }
    this.#producer ??= await this.#options.open();
    const producer = this.#producer;
    if (producer.isOpen) return producer;
    await producer.begin();
    this.#isBroken = false;
    try {
      for (const { topic, partition, batch } of this.#kept) await producer.produce(topic, partition, [batch]);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
    return producer;
  }

  #failed(error: unknown): void {
    if (!(error instanceof TransactionError)) return;
    this.#isBroken = true;
    // Another one takes the id over, and with it what the broker still has to end.
    if (error.consequence === 'fenced' || error.consequence === 'fatal') this.#producer = undefined;
  }

  async #hasCommitted(positions: readonly CommitPosition[]): Promise<boolean> {
    const { open, broker, group } = this.#options;
    // Once the id is taken over, the fate of the transaction before is sealed.
    this.#producer = await open();
    for (const [topic, ofTopic] of Map.groupBy(positions, (position) => position.topic)) {
      const committed = await broker.committed(group, topic);
      if (ofTopic.some(({ partition, offset }) => committed.get(partition)?.offset !== offset)) return false;
    }
    return true;
  }
}
