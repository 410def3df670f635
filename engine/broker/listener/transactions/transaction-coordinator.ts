import { BrokerError } from '../../broker.ts';
import type { MemoryBroker } from '../../embedded/memory-broker.ts';
import type { RecordBatch } from '../../record-batch.ts';
import type { ClientMemory } from '../connection/client-connection.ts';
import type { Timers } from '../connection/group-timers.ts';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { type Route, route } from '../protocol/api-route.ts';
import { ERROR } from '../protocol/error-codes.ts';
import type { ReadOf } from '../protocol/fields.ts';
import {
  ADD_OFFSETS_TO_TXN,
  ADD_PARTITIONS_TO_TXN,
  END_TXN,
  INIT_PRODUCER_ID,
  TXN_OFFSET_COMMIT,
} from '../protocol/record-messages.ts';
import { LAST_EPOCH, type Outcome, Transaction } from './transaction.ts';

/** Kafka's transaction.max.timeout.ms. */
const MAX_TIMEOUT_MS = 900_000;
/** So many producers without an open transaction are remembered; those that came first are forgotten. */
const MAX_IDLE = 10_000;
/** The versions since which a producer is told that another has taken its place (KIP-588). */
const FENCED_SINCE = { init: 4, rest: 2 } as const;

type InitRequest = ReadOf<(typeof INIT_PRODUCER_ID)['request']>;
type AddPartitionsRequest = ReadOf<(typeof ADD_PARTITIONS_TO_TXN)['request']>;
type OffsetsRequest = ReadOf<(typeof TXN_OFFSET_COMMIT)['request']>;

interface Asking {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/**
 * Gives producers their ids, and ends their transactions. A transactional id has one producer: who begins with it takes
 * the place of the one before, whose transaction is aborted and who may write no more. What it knows lasts as long as
 * the process: after a restart the logs have no open transactions, and producers of before are refused.
 */
export class TransactionCoordinator {
  readonly routes: readonly Route[];
  readonly #broker: MemoryBroker;
  readonly #timers: Timers;
  readonly #memory: ClientMemory;
  readonly #transactions = new Map<string, Transaction>();
  /** Those that are being ended. */
  readonly #ending = new Map<Transaction, Promise<void>>();
  #countedBytes = 0;

  constructor(broker: MemoryBroker, groups: () => GroupCoordinator, timers: Timers, memory: ClientMemory) {
    this.#broker = broker;
    this.#timers = timers;
    this.#memory = memory;
    this.routes = [
      route(INIT_PRODUCER_ID, (request, _, version) => this.#init(request, version >= FENCED_SINCE.init)),
      route(ADD_PARTITIONS_TO_TXN, (request, _, version) => this.#addPartitions(request, version >= FENCED_SINCE.rest)),
      route(ADD_OFFSETS_TO_TXN, (request, _, version) => {
        const found = this.#joinable(request, version >= FENCED_SINCE.rest);
        if (typeof found === 'number') return { errorCode: found };
        this.#join(found, () => found.addGroup(request.groupId));
        return { errorCode: ERROR.none };
      }),
      route(TXN_OFFSET_COMMIT, (request) => this.#addOffsets(request, groups())),
      route(END_TXN, async (request, _, version) => ({
        errorCode: await this.#endAsAsked(request, request.isCommit ? 'commit' : 'abort', version >= FENCED_SINCE.rest),
      })),
    ];
  }

  /** What keeps a batch out of a partition; 0 for nothing. Only what has joined its transaction is written. */
  writeFault(transactionalId: string | null, batch: RecordBatch, topic: string, partition: number): number {
    const transaction = this.#transactions.get(transactionalId ?? '');
    if (transaction === undefined) return ERROR.invalidProducerIdMapping;
    const fault = transaction.faultOf(batch.producerId, batch.producerEpoch);
    if (fault === ERROR.producerFenced) return ERROR.invalidProducerEpoch;
    if (fault !== ERROR.none) return fault;
    const hasJoined = transaction.decided === undefined && transaction.hasPartition({ topic, partition });
    return hasJoined ? ERROR.none : ERROR.invalidTxnState;
  }

  /** Whether a transaction that has not ended commits an offset of a partition. */
  isPending(group: string, topic: string, partition: number): boolean {
    return [...this.#transactions.values()].some((each) => each.hasOffset(group, { topic, partition }));
  }

  close(): void {
    for (const transaction of this.#transactions.values()) transaction.cancelTimeout();
    this.#transactions.clear();
    this.#memory.add(-this.#countedBytes);
    this.#countedBytes = 0;
  }

  async #init(
    { transactionalId, transactionTimeoutMs, producerId, producerEpoch }: InitRequest,
    isFencedTold: boolean,
  ) {
    if (transactionalId === null)
      return { errorCode: ERROR.none, producerId: this.#broker.takeProducerId(), producerEpoch: 0 };
    if (transactionalId === '') return { errorCode: ERROR.invalidRequest };
    if (transactionTimeoutMs <= 0 || transactionTimeoutMs > MAX_TIMEOUT_MS)
      return { errorCode: ERROR.invalidTransactionTimeout };
    const known = this.#transactions.get(transactionalId);
    if (known === undefined) return this.#begin(transactionalId, transactionTimeoutMs);
    // An answer that was lost is given again.
    if (producerId === known.producerId && producerEpoch === known.epochBefore && !known.isOpen)
      return { errorCode: ERROR.none, producerId, producerEpoch: known.producerEpoch };
    if (producerId >= 0 && known.faultOf(producerId, producerEpoch) !== ERROR.none)
      return { errorCode: isFencedTold ? ERROR.producerFenced : ERROR.invalidProducerEpoch };
    if (this.#ending.has(known)) return { errorCode: ERROR.concurrentTransactions };
    // From here on the one before is refused, also where its transaction is still being aborted.
    this.#nextEpoch(known);
    known.epochBefore = producerId >= 0 ? producerEpoch : undefined;
    known.timeoutMs = transactionTimeoutMs;
    const refusal = known.isOpen ? await this.#end(known, known.decided ?? 'abort') : ERROR.none;
    if (refusal !== ERROR.none) return { errorCode: refusal };
    if (known.producerEpoch > LAST_EPOCH) {
      known.producerId = this.#broker.takeProducerId();
      known.producerEpoch = 0;
    }
    return { errorCode: ERROR.none, producerId: known.producerId, producerEpoch: known.producerEpoch };
  }

  #begin(transactionalId: string, timeoutMs: number) {
    if (this.#memory.mustStop) return { errorCode: ERROR.coordinatorLoading };
    const transaction = new Transaction(transactionalId, this.#broker.takeProducerId(), timeoutMs);
    this.#transactions.set(transactionalId, transaction);
    this.#count(transaction.sizeBytes);
    if (this.#transactions.size > MAX_IDLE) this.#forgetOne();
    return { errorCode: ERROR.none, producerId: transaction.producerId, producerEpoch: 0 };
  }

  /** One more than the last epoch that producers have is for the abort of the last one's transaction. */
  #nextEpoch(transaction: Transaction): void {
    transaction.producerEpoch++;
    transaction.epochBefore = undefined;
  }

  /** The transaction that something may join, or the code of what is in the way. */
  #joinable({ transactionalId, producerId, producerEpoch }: Asking, isFencedTold: boolean): Transaction | number {
    const transaction = this.#transactions.get(transactionalId);
    if (transaction === undefined) return ERROR.invalidProducerIdMapping;
    const fault = transaction.faultOf(producerId, producerEpoch);
    if (fault === ERROR.producerFenced && !isFencedTold) return ERROR.invalidProducerEpoch;
    if (fault !== ERROR.none) return fault;
    return transaction.decided === undefined ? transaction : ERROR.concurrentTransactions;
  }

  /** Something joins; with the first the transaction's time begins. */
  #join(transaction: Transaction, add: () => void): void {
    const before = transaction.sizeBytes;
    if (!transaction.isOpen)
      transaction.cancelTimeout = this.#timers.after(transaction.timeoutMs, () => {
        // Its producer has stood still for too long, and may write no more.
        this.#nextEpoch(transaction);
        // What keeps it from being ended is met by whoever asks for it next.
        void this.#end(transaction, 'abort').catch(() => undefined);
      });
    add();
    this.#count(transaction.sizeBytes - before);
  }

  async #addPartitions(request: AddPartitionsRequest, isFencedTold: boolean) {
    const { topics } = request;
    const answer = (codeOf: (name: string, index: number) => number) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((index) => ({ index, errorCode: codeOf(name, index) })),
      })),
    });
    const counts = new Map((await this.#broker.listTopics()).map(({ name, partitions }) => [name, partitions]));
    const isKnown = (name: string, index: number) => index >= 0 && index < (counts.get(name) ?? 0);
    const found = this.#joinable(request, isFencedTold);
    if (typeof found === 'number') return answer(() => found);
    // All of them join, or none does.
    if (!topics.every(({ name, partitions }) => partitions.every((index) => isKnown(name, index))))
      return answer((name, index) =>
        isKnown(name, index) ? ERROR.operationNotAttempted : ERROR.unknownTopicOrPartition,
      );
    this.#join(found, () => {
      for (const { name, partitions } of topics)
        for (const partition of partitions) found.addPartition({ topic: name, partition });
    });
    return answer(() => ERROR.none);
  }

  async #addOffsets(request: OffsetsRequest, groups: GroupCoordinator) {
    const { groupId, topics, memberId, generationId, groupInstanceId } = request;
    const { positions, answered } = await groups.checkOffsets(topics);
    const refused = (errorCode: number) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index }) => ({ index, errorCode })),
      })),
    });
    const found = this.#joinable(request, false);
    if (typeof found === 'number') return refused(found);
    if (!found.hasGroup(groupId)) return refused(ERROR.invalidTxnState);
    // Producers of before KIP-447 do not say which member they write for.
    const isMember = memberId !== '' || generationId >= 0 || groupInstanceId !== null;
    const fault = isMember ? groups.commitFault(groupId, request) : ERROR.none;
    if (fault !== ERROR.none) return refused(fault);
    this.#join(found, () => {
      for (const position of positions) found.addOffset(groupId, position);
    });
    return { topics: answered };
  }

  async #endAsAsked(request: Asking, outcome: Outcome, isFencedTold: boolean): Promise<number> {
    const found = this.#joinable(request, isFencedTold);
    if (typeof found !== 'number') {
      // An answer that was lost is given again.
      if (!found.isOpen) return found.last === outcome ? ERROR.none : ERROR.invalidTxnState;
      return this.#end(found, outcome);
    }
    const decided = this.#transactions.get(request.transactionalId);
    if (found !== ERROR.concurrentTransactions || decided === undefined || this.#ending.has(decided)) return found;
    // The disk had refused it.
    return decided.decided === outcome ? this.#end(decided, outcome) : ERROR.invalidTxnState;
  }

  /** Ends what is open. Where the disk refuses it, it stays decided, and is ended when it is asked for again. */
  async #end(transaction: Transaction, outcome: Outcome): Promise<number> {
    if (this.#ending.has(transaction)) return ERROR.concurrentTransactions;
    transaction.cancelTimeout();
    transaction.decided = outcome;
    const ended = this.#broker.endTransaction(transaction.end(outcome));
    this.#ending.set(transaction, ended);
    try {
      await ended;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return ERROR.coordinatorNotAvailable;
    } finally {
      this.#ending.delete(transaction);
    }
    const before = transaction.sizeBytes;
    transaction.clear();
    this.#count(transaction.sizeBytes - before);
    return ERROR.none;
  }

  #forgetOne(): void {
    for (const [id, transaction] of this.#transactions) {
      if (transaction.isOpen) continue;
      this.#transactions.delete(id);
      this.#count(-transaction.sizeBytes);
      return;
    }
  }

  #count(bytes: number): void {
    this.#countedBytes += bytes;
    this.#memory.add(bytes);
  }
}
