import { BrokerError, type CommitPosition, type GroupMetadata, type TopicPartition } from '../../broker.ts';
import type { ProducerIdentity } from '../../producer-stamp.ts';
import type { RecordBatch } from '../../record-batch.ts';
import { isLeaderMoved } from '../broker-errors.ts';
import type { KafkaCluster } from '../cluster.ts';
import { type Produced, produceRequest } from '../requests.ts';
import {
  addGroupRequest,
  addingProduceRequest,
  addPartitionsRequest,
  END_TXN,
  endTxnRequest,
  initProducerRequest,
  PRODUCE,
  TXN_OFFSET_COMMIT,
  txnOffsetCommitRequest,
} from './transaction-messages.ts';
import type { GivenProducer, TransactionRequests } from './transaction-requests.ts';

/** The feature by which a cluster says which protocol of transactions it has, and the level that KIP-890 gave it. */
const FEATURE = 'transaction.version';
const ADDS_BY_ITSELF = 2;
const PRODUCE_TIMEOUT_MS = 20_000;

/** A transactional producer's questions, to the brokers of a cluster. */
export class KafkaTransactionRequests implements TransactionRequests {
  readonly #cluster: KafkaCluster;
  #addsByItself = false;

  constructor(cluster: KafkaCluster) {
    this.#cluster = cluster;
  }

  /** @throws BrokerError also where the brokers are too old to fence by generations (Kafka before 2.5) */
  async addsByItself(): Promise<boolean> {
    const versions = await this.#cluster.versions();
    if (versions.newest(TXN_OFFSET_COMMIT.apiKey, TXN_OFFSET_COMMIT.version) < TXN_OFFSET_COMMIT.version) {
      throw new BrokerError(
        'Exactly once needs Kafka 2.5 or newer: these brokers cannot refuse offsets of a member that the group has given up (KIP-447).',
        'other',
      );
    }
    this.#addsByItself =
      versions.feature(FEATURE) >= ADDS_BY_ITSELF &&
      [PRODUCE, TXN_OFFSET_COMMIT, END_TXN].every(
        ({ apiKey, addingVersion }) => versions.newest(apiKey, addingVersion) === addingVersion,
      );
    return this.#addsByItself;
  }

  initProducer(transactionalId: string, timeoutMs: number, current?: ProducerIdentity): Promise<GivenProducer> {
    const request = initProducerRequest(transactionalId, timeoutMs, current);
    return this.#cluster.askCoordinator({ kind: 'transaction', id: transactionalId }, request, ({ code }) => code);
  }

  addPartitions(
    transactionalId: string,
    producer: ProducerIdentity,
    partitions: readonly TopicPartition[],
  ): Promise<number> {
    const request = addPartitionsRequest(transactionalId, producer, partitions);
    return this.#cluster.askCoordinator({ kind: 'transaction', id: transactionalId }, request, (code) => code);
  }

  addGroup(transactionalId: string, producer: ProducerIdentity, group: string): Promise<number> {
    const request = addGroupRequest(transactionalId, producer, group);
    return this.#cluster.askCoordinator({ kind: 'transaction', id: transactionalId }, request, (code) => code);
  }

  async produce(transactionalId: string, topic: string, partition: number, batch: RecordBatch): Promise<Produced> {
    const request = this.#addsByItself
      ? addingProduceRequest(transactionalId, topic, partition, batch, PRODUCE_TIMEOUT_MS)
      : produceRequest(topic, partition, batch, PRODUCE_TIMEOUT_MS, transactionalId);
    const produced = await this.#cluster.askLeader(topic, partition, request);
    if (isLeaderMoved(produced.code)) this.#cluster.forgetLeader(topic, partition);
    return produced;
  }

  commitOffsets(
    transactionalId: string,
    producer: ProducerIdentity,
    group: GroupMetadata,
    positions: readonly CommitPosition[],
  ): Promise<number> {
    const request = txnOffsetCommitRequest(transactionalId, producer, group, positions, this.#addsByItself);
    return this.#cluster.askCoordinator({ kind: 'group', id: group.group }, request, (code) => code);
  }

  end(transactionalId: string, producer: ProducerIdentity, isCommit: boolean): Promise<GivenProducer> {
    const request = endTxnRequest(transactionalId, producer, isCommit, this.#addsByItself);
    return this.#cluster.askCoordinator({ kind: 'transaction', id: transactionalId }, request, ({ code }) => code);
  }
}
