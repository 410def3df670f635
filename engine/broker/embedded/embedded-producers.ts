import type { Broker, CommitPosition, GroupMetadata, TopicPartition, TransactionalProducer } from '../broker.ts';
import { nextSequence, type ProducerIdentity, stampProducer } from '../producer-stamp.ts';
import type { RecordBatch } from '../record-batch.ts';
import { TransactionError } from '../transaction-error.ts';
import type { TransactionEnd } from './transaction-ends.ts';

/** What producers need of their broker. */
export interface ProducerBroker extends Pick<Broker, 'append'> {
  /** The highest id of a producer that any partition knows; -1 where there is none. */
  readonly highestProducerId: number;
  endTransaction(end: TransactionEnd): Promise<void>;
}

/** The producers in a broker's own process, of which each transactional id has one. */
export class EmbeddedProducers {
  readonly #broker: ProducerBroker;
  readonly #producers = new Map<string, EmbeddedProducer>();
  #nextId: number | undefined;

  constructor(broker: ProducerBroker) {
    this.#broker = broker;
  }

  /** An id that no producer has, nor had: at least the time, which has gone on by more than there were producers. */
  takeId(): number {
    this.#nextId ??= Math.max(Date.now(), this.#broker.highestProducerId + 1);
    return this.#nextId++;
  }

  /** Gives a transactional id to a new producer; the one that had it is closed. */
  async open(transactionalId: string): Promise<EmbeddedProducer> {
    await this.#producers.get(transactionalId)?.close();
    const producer = new EmbeddedProducer(transactionalId, this.takeId(), this.#broker);
    this.#producers.set(transactionalId, producer);
    return producer;
  }
}

/**
 * A producer of transactions in the broker's own process. Nothing between the two can be lost, so only the disk has a
 * say; what is open when the process ends is aborted at the next start.
 */
export class EmbeddedProducer implements TransactionalProducer {
  readonly transactionalId: string;
  readonly #broker: ProducerBroker;
  readonly #identity: ProducerIdentity;
  readonly #sequences = new Map<string, number>();
  readonly #partitions = new Map<string, TopicPartition>();
  readonly #offsets = new Map<string, readonly CommitPosition[]>();
  #isOpen = false;
  #isEnded = false;

  /** @param producerId one that no other producer has */
  constructor(transactionalId: string, producerId: number, broker: ProducerBroker) {
    this.transactionalId = transactionalId;
    this.#broker = broker;
    this.#identity = { producerId, epoch: 0 };
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async begin(): Promise<void> {
    this.#check();
    if (this.#isOpen) throw new Error(`Transaction of '${this.transactionalId}' is open already.`);
    this.#isOpen = true;
  }

  async produce(topic: string, partition: number, batches: readonly RecordBatch[]): Promise<number> {
    this.#check();
    const key = `${topic}/${partition}`;
    this.#partitions.set(key, { topic, partition });
    let sequence = this.#sequences.get(key) ?? 0;
    for (const batch of batches) {
      stampProducer(batch, this.#identity, sequence);
      sequence = nextSequence(sequence, batch.count);
    }
    this.#sequences.set(key, sequence);
    return await this.#broker.append(topic, partition, batches);
  }

  async sendOffsets({ group }: GroupMetadata, positions: readonly CommitPosition[]): Promise<void> {
    this.#check();
    this.#offsets.set(group, positions);
  }

  commit(): Promise<void> {
    this.#check();
    return this.#end(true);
  }

  async abort(): Promise<void> {
    this.#check();
    if (this.#isOpen) await this.#end(false);
  }

  async close(): Promise<void> {
    if (!this.#isEnded) await this.abort().catch(() => undefined);
    this.#isEnded = true;
  }

  #check(): void {
    if (this.#isEnded)
      throw new TransactionError(`Another producer has transactional id '${this.transactionalId}'.`, 'fenced');
  }

  async #end(isCommit: boolean): Promise<void> {
    await this.#broker.endTransaction({
      ...this.#identity,
      isCommit,
      partitions: [...this.#partitions.values()],
      offsets: Object.fromEntries(this.#offsets),
    });
    this.#isOpen = false;
    this.#partitions.clear();
    this.#offsets.clear();
  }
}
