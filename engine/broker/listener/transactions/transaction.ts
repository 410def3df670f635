import type { CommitPosition, TopicPartition } from '../../broker.ts';
import type { TransactionEnd } from '../../embedded/transaction-ends.ts';
import { ERROR } from '../protocol/error-codes.ts';

/** How a transaction is to end, or has ended. */
export type Outcome = 'commit' | 'abort';

/** The epochs of one producer id; beyond them there is another id. */
export const LAST_EPOCH = 32_766;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
/** About what a producer, and a partition or an offset of its transaction, take of memory. */
const PRODUCER_BYTES = 800;
const ENTRY_BYTES = 250;

/** The producer behind one transactional id, and the transaction that it has open. */
export class Transaction {
  readonly transactionalId: string;
  producerId: number;
  producerEpoch = 0;
  /** That of the same producer, where it has asked for the present one itself. */
  epochBefore: number | undefined;
  timeoutMs: number;
  cancelTimeout: () => void = () => undefined;
  /** How the last one ended. */
  last: Outcome | undefined;
  /** What has been decided of the one that is open; from then on nothing joins it. */
  decided: Outcome | undefined;
  readonly #partitions = new Map<string, TopicPartition>();
  readonly #groups = new Map<string, Map<string, CommitPosition>>();

  constructor(transactionalId: string, producerId: number, timeoutMs: number) {
    this.transactionalId = transactionalId;
    this.producerId = producerId;
    this.timeoutMs = timeoutMs;
  }

  /** Whether something has joined a transaction that has not ended. */
  get isOpen(): boolean {
    return this.#partitions.size > 0 || this.#groups.size > 0;
  }

  /** About what it takes of memory. */
  get sizeBytes(): number {
    const offsets = [...this.#groups.values()].reduce((sum, { size }) => sum + size + 1, 0);
    return PRODUCER_BYTES + (this.#partitions.size + offsets) * ENTRY_BYTES;
  }

  /** What keeps a producer from going on with its transaction; 0 for nothing. */
  faultOf(producerId: number, producerEpoch: number): number {
    if (producerId !== this.producerId) return ERROR.invalidProducerIdMapping;
    return producerEpoch === this.producerEpoch ? ERROR.none : ERROR.producerFenced;
  }

  addPartition(partition: TopicPartition): void {
    this.#partitions.set(keyOf(partition), partition);
  }

  hasPartition(partition: TopicPartition): boolean {
    return this.#partitions.has(keyOf(partition));
  }

  addGroup(group: string): void {
    if (!this.#groups.has(group)) this.#groups.set(group, new Map());
  }

  hasGroup(group: string): boolean {
    return this.#groups.has(group);
  }

  addOffset(group: string, position: CommitPosition): void {
    this.#groups.get(group)!.set(keyOf(position), position);
  }

  hasOffset(group: string, partition: TopicPartition): boolean {
    return this.#groups.get(group)?.has(keyOf(partition)) === true;
  }

  /** The end of all that has joined. */
  end(outcome: Outcome): TransactionEnd {
    return {
      producerId: this.producerId,
      epoch: this.producerEpoch,
      isCommit: outcome === 'commit',
      partitions: [...this.#partitions.values()],
      offsets: Object.fromEntries([...this.#groups].map(([group, offsets]) => [group, [...offsets.values()]])),
    };
  }

  /** It has ended. */
  clear(): void {
    this.last = this.decided;
    this.decided = undefined;
    this.#partitions.clear();
    this.#groups.clear();
  }
}
