import type { CommitPosition, GroupMetadata, TopicPartition } from '../../broker.ts';
import type { ProducerIdentity } from '../../producer-stamp.ts';
import type { RecordBatch } from '../../record-batch.ts';

export interface GivenProducer extends ProducerIdentity {
  readonly code: number;
}

/**
 * What a transactional producer asks a cluster, an answer for each question. Codes are those of Kafka's protocol. Each
 * may throw BrokerError: `unreachable` where the question may be asked again.
 */
export interface TransactionRequests {
  /**
   * Whether the cluster adds partitions and groups to a transaction by itself, and gives the producer a new epoch after
   * each (KIP-890, `transaction.version` 2).
   */
  addsByItself(): Promise<boolean>;
  /**
   * Gives an identity to who writes by a transactional id; others with that id are fenced from then on, and what they
   * left open is aborted.
   * @param current what the producer has, when it wants the next epoch of it
   */
  initProducer(transactionalId: string, timeoutMs: number, current?: ProducerIdentity): Promise<GivenProducer>;
  addPartitions(
    transactionalId: string,
    producer: ProducerIdentity,
    partitions: readonly TopicPartition[],
  ): Promise<number>;
  addGroup(transactionalId: string, producer: ProducerIdentity, group: string): Promise<number>;
  produce(
    transactionalId: string,
    topic: string,
    partition: number,
    batch: RecordBatch,
  ): Promise<{ readonly code: number; readonly offset: number }>;
  commitOffsets(
    transactionalId: string,
    producer: ProducerIdentity,
    group: GroupMetadata,
    positions: readonly CommitPosition[],
  ): Promise<number>;
  /** The identity in the answer is the one to go on with. */
  end(transactionalId: string, producer: ProducerIdentity, isCommit: boolean): Promise<GivenProducer>;
}
