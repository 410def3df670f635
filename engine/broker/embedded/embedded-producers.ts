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
  readonly #producers = new Map<string, Promise<EmbeddedProducer>>();
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
  open(transactionalId: string): Promise<EmbeddedProducer> {
    const before = this.#producers.get(transactionalId);
    const opened = (async () => {
      await (await before)?.close();
      return new EmbeddedProducer(transactionalId, this.takeId(), this.#broker);
    })();
    this.#producers.set(transactionalId, opened);
    return opened;
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
  #ending: Promise<void> | undefined;

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

  async commit(): Promise<void> {
    this.#check();
    await this.#end(true);
  }

  async abort(): Promise<void> {
    this.#check();
    if (this.#isOpen) await this.#end(false);
  }

  async close(): Promise<void> {
    // From now on it writes nothing, also while what is open is being taken back.
    this.#isEnded = true;
    await this.#ending?.catch(() => undefined);
    if (this.#isOpen) await this.#end(false).catch(() => undefined);
  }

  #check(): void {
    if (this.#isEnded)
      throw new TransactionError(`Another producer has transactional id '${this.transactionalId}'.`, 'fenced');
  }

  #end(isCommit: boolean): Promise<void> {
    this.#ending = this.#finish(isCommit);
    return this.#ending;
  }

  async #finish(isCommit: boolean): Promise<void> {
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
