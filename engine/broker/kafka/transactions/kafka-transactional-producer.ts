import {
  BrokerError,
  type CommitPosition,
  type GroupMetadata,
  type TopicPartition,
  type TransactionalProducer,
  type TransactionOptions,
} from '../../broker.ts';
import { compressBatch } from '../../compress-batch.ts';
import type { Codec } from '../../compression.ts';
import { halves } from '../../halves.ts';
import { nextSequence, type ProducerIdentity, stampProducer } from '../../producer-stamp.ts';
import type { RecordBatch } from '../../record-batch.ts';
import { TransactionError } from '../../transaction-error.ts';
import { SYSTEM_WAIT_CLOCK, type WaitClock } from '../../wait-clock.ts';
import { isRetriable, KAFKA_ERROR } from '../broker-errors.ts';
import { type TransactionStep, transactionError } from './transaction-codes.ts';
import type { TransactionRequests } from './transaction-requests.ts';

const TIMEOUT_MS = 60_000;
const DELIVERY_TIMEOUT_MS = 120_000;
/** Between two transactions of a producer the markers of the first are being written, which takes little. */
const CONCURRENT_RETRY_MS = 20;
const LEAST_RETRY_MS = 50;
const MOST_RETRY_MS = 1000;
/** Of so many batches of a producer a broker remembers which it has (Kafka's max.in.flight.requests.per.connection). */
const IN_FLIGHT = 5;

/** What the broker answered to one batch; an error where it did not answer. */
type Written = { readonly code: number; readonly offset: number } | BrokerError;

/** A producer of transactions by Kafka's protocol: who it is, what it has numbered, and what it asks when. */
export class KafkaTransactionalProducer implements TransactionalProducer {
  readonly transactionalId: string;
  readonly #requests: TransactionRequests;
  readonly #clock: WaitClock;
  readonly #timeoutMs: number;
  readonly #deliveryTimeoutMs: number;
  readonly #compression: Codec | undefined;
  readonly #sequences = new Map<string, number>();
  /** The end of what is being written to each partition. */
  readonly #writing = new Map<string, Promise<unknown>>();
  readonly #added = new Set<string>();
  #adding: Promise<void> = Promise.resolve();
  #toAdd: TopicPartition[] = [];
  #identity: ProducerIdentity = { producerId: -1, epoch: -1 };
  #isOpen = false;
  /** Whether the broker may know of the transaction. */
  #isKnown = false;
  #addsByItself = false;
  #failure: TransactionError | undefined;
  /** Why it cannot be used any more. */
  #ended: TransactionError | undefined;

  private constructor(
    transactionalId: string,
    requests: TransactionRequests,
    options: TransactionOptions,
    clock: WaitClock,
  ) {
    this.transactionalId = transactionalId;
    this.#requests = requests;
    this.#clock = clock;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#deliveryTimeoutMs = options.deliveryTimeoutMs ?? DELIVERY_TIMEOUT_MS;
    this.#compression = options.compression;
  }

  /**
   * Takes the transactional id over: whoever had it is fenced, and its open transaction aborted, once this returns.
   * @throws TransactionError
   */
  static async open(
    transactionalId: string,
    requests: TransactionRequests,
    options: TransactionOptions = {},
    clock: WaitClock = SYSTEM_WAIT_CLOCK,
  ): Promise<KafkaTransactionalProducer> {
    const producer = new KafkaTransactionalProducer(transactionalId, requests, options, clock);
    await producer.#init();
    return producer;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async begin(): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended;
    if (this.#isOpen) throw new Error(`Transaction of '${this.transactionalId}' is open already.`);
    this.#isOpen = true;
    this.#isKnown = false;
    this.#failure = undefined;
    try {
      this.#addsByItself = await this.#requests.addsByItself();
    } catch (error) {
      this.#isOpen = false;
      throw error;
    }
  }

  produce(topic: string, partition: number, batches: readonly RecordBatch[]): Promise<number> {
    this.#check();
    const key = `${topic}/${partition}`;
    const before = this.#writing.get(key) ?? Promise.resolve();
    const written = before.then(() => this.#write({ topic, partition }, batches)).catch((error) => this.#fail(error));
    // Whoever comes next finds the failure itself.
    this.#writing.set(
      key,
      written.catch(() => undefined),
    );
    return written;
  }

  async sendOffsets(group: GroupMetadata, positions: readonly CommitPosition[]): Promise<void> {
    this.#check();
    if (positions.length === 0) return;
    const { transactionalId } = this;
    const about = `Committing offsets of consumer group '${group.group}' in transaction '${transactionalId}'`;
    try {
      if (!this.#addsByItself && !this.#added.has(group.group)) {
        this.#isKnown = true;
        await this.#ask('add', about, () =>
          this.#requests.addGroup(transactionalId, this.#identity, group.group).then(codeOnly),
        );
        this.#added.add(group.group);
      }
      this.#isKnown = true;
      await this.#ask('offsets', about, () =>
        this.#requests.commitOffsets(transactionalId, this.#identity, group, positions).then(codeOnly),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  async commit(): Promise<void> {
    this.#check();
    await Promise.all(this.#writing.values());
    this.#check();
    await this.#end(true);
  }

  async abort(): Promise<void> {
    await Promise.all(this.#writing.values());
    if (this.#ended !== undefined) throw this.#ended;
    if (!this.#isOpen) return;
    const failure = this.#failure;
    this.#failure = undefined;
    await this.#end(false);
    // What was sent and not answered might arrive yet, as part of the next transaction: by its epoch it is refused.
    if (failure !== undefined && !this.#addsByItself) await this.#init(this.#identity);
  }

  async close(): Promise<void> {
    await this.abort().catch(() => undefined);
    this.#ended ??= new TransactionError(`The producer of '${this.transactionalId}' was closed.`, 'fenced');
  }

  #check(): void {
    const failure = this.#ended ?? this.#failure;
    if (failure !== undefined) throw failure;
    if (!this.#isOpen) throw new Error(`No transaction of '${this.transactionalId}' is open.`);
  }

  async #init(current?: ProducerIdentity): Promise<void> {
    const about = `Taking transactional id '${this.transactionalId}'`;
    try {
      const given = await this.#ask('init', about, () =>
        this.#requests.initProducer(this.transactionalId, this.#timeoutMs, current),
      );
      this.#become(given);
    } catch (error) {
      this.#fail(error);
    }
  }

  #become({ producerId, epoch }: ProducerIdentity): void {
    const isSame = producerId === this.#identity.producerId && epoch === this.#identity.epoch;
    this.#identity = { producerId, epoch };
    if (!isSame) this.#sequences.clear();
  }

  async #end(isCommit: boolean): Promise<void> {
    const about = `${isCommit ? 'Committing' : 'Aborting'} a transaction of '${this.transactionalId}'`;
    try {
      if (this.#isKnown) {
        const given = await this.#ask('end', about, async () => {
          const answer = await this.#requests.end(this.transactionalId, this.#identity, isCommit);
          // The first thing that was to be added was refused, so there is nothing to abort.
          const isNothing =
            !isCommit &&
            !this.#addsByItself &&
            this.#added.size === 0 &&
            answer.code === KAFKA_ERROR.invalidTransactionState;
          return isNothing ? { ...this.#identity, code: KAFKA_ERROR.none } : answer;
        });
        this.#become(given);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#isOpen = false;
    this.#added.clear();
    this.#writing.clear();
  }

  /** Remembers what went wrong, and throws it. */
  #fail(error: unknown): never {
    if (!(error instanceof TransactionError)) throw error;
    if (error.consequence === 'fenced' || error.consequence === 'fatal') this.#ended ??= error;
    else this.#failure ??= error;
    throw this.#ended ?? this.#failure;
  }

  async #write(place: TopicPartition, batches: readonly RecordBatch[]): Promise<number> {
    this.#check();
    const { topic, partition } = place;
    const key = `${topic}/${partition}`;
    const about = `Writing to topic '${topic}' in transaction '${this.transactionalId}'`;
    if (!this.#addsByItself && !this.#added.has(key)) await this.#add(place);
    const codec = this.#compression;
    const left = codec === undefined ? [...batches] : batches.map((batch) => compressBatch(batch, codec));
    const retry = new Retry(this.#clock, this.#deliveryTimeoutMs);
    let first: number | undefined;
    this.#isKnown = true;
    while (left.length > 0) {
      const sequence = this.#sequences.get(key) ?? 0;
      // Until it knows the producer a partition takes any sequence, so the first batch must have arrived.
      const written = await this.#send(place, left.slice(0, sequence === 0 ? 1 : IN_FLIGHT), sequence);
      for (const answer of written) {
        const batch = left[0]!;
        if (!isTaken(answer)) {
          if (codeOf(answer) === KAFKA_ERROR.messageTooLarge && batch.count > 1) left.splice(0, 1, ...halves(batch));
          else await retry.orThrow(answer, 'produce', about);
          break;
        }
        retry.restart();
        first ??= answer.offset;
        this.#sequences.set(key, nextSequence(this.#sequences.get(key) ?? 0, batch.count));
        left.shift();
      }
    }
    return first ?? -1;
  }

  /** Sends batches without waiting for each other: the broker takes what comes over one connection in order. */
  #send({ topic, partition }: TopicPartition, batches: readonly RecordBatch[], from: number): Promise<Written[]> {
    let sequence = from;
    return Promise.all(
      batches.map((batch) => {
        stampProducer(batch, this.#identity, sequence);
        sequence = nextSequence(sequence, batch.count);
        return this.#requests.produce(this.transactionalId, topic, partition, batch).catch(brokerError);
      }),
    );
  }

  /** Tells the coordinator of a partition before anything is written to it; what is asked for at once goes at once. */
  #add(place: TopicPartition): Promise<void> {
    this.#toAdd.push(place);
    const added = this.#adding.then(async () => {
      const partitions = this.#toAdd;
      if (partitions.length === 0) return;
      this.#toAdd = [];
      this.#isKnown = true;
      await this.#ask('add', `Beginning a transaction of '${this.transactionalId}'`, () =>
        this.#requests.addPartitions(this.transactionalId, this.#identity, partitions).then(codeOnly),
      );
      for (const { topic, partition } of partitions) this.#added.add(`${topic}/${partition}`);
    });
    this.#adding = added.catch(() => undefined);
    return added.then(() => {
      // Another one asked for it, and failed.
      if (!this.#added.has(`${place.topic}/${place.partition}`)) this.#check();
    });
  }

  async #ask<T extends { readonly code: number }>(
    step: TransactionStep,
    about: string,
    request: () => Promise<T>,
  ): Promise<T> {
    for (const retry = new Retry(this.#clock, this.#deliveryTimeoutMs); ; ) {
      const answer = await request().catch(brokerError);
      if (!(answer instanceof BrokerError) && answer.code === KAFKA_ERROR.none) return answer;
      await retry.orThrow(answer, step, about);
    }
  }
}

const codeOnly = (code: number): { readonly code: number } => ({ code });

const codeOf = (answer: { readonly code: number | string }): number =>
  typeof answer.code === 'number' ? answer.code : KAFKA_ERROR.networkException;

/** Whether the batch is in the log, also where the broker got it before and its answer was lost. */
const isTaken = (answer: Written): answer is Exclude<Written, BrokerError> =>
  answer.code === KAFKA_ERROR.none || answer.code === KAFKA_ERROR.duplicateSequence;

function brokerError(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error;
  throw error;
}

/** Waits before a question is asked again, longer from time to time, and gives up. */
class Retry {
  readonly #clock: WaitClock;
  readonly #timeoutMs: number;
  #startMs: number;
  #waitMs = LEAST_RETRY_MS;

  constructor(clock: WaitClock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#startMs = clock.nowMs();
  }

  restart(): void {
    this.#startMs = this.#clock.nowMs();
    this.#waitMs = LEAST_RETRY_MS;
  }

  /** Waits if the answer allows to ask again. @throws TransactionError if not, or when that has gone on too long */
  async orThrow(answer: { readonly code: number } | BrokerError, step: TransactionStep, about: string): Promise<void> {
    const code = codeOf(answer);
    if (answer instanceof BrokerError && answer.code !== 'unreachable') {
      const consequence = step === 'init' || step === 'end' ? 'fatal' : 'abort';
      throw new TransactionError(`${about}: ${answer.message}`, consequence, { cause: answer });
    }
    if (!isRetriable(code)) throw transactionError(code, step, about);
    if (this.#clock.nowMs() - this.#startMs >= this.#timeoutMs) throw this.#tooLate(answer, step, about);
    const isConcurrent = code === KAFKA_ERROR.concurrentTransactions;
    await this.#clock.sleep(isConcurrent ? CONCURRENT_RETRY_MS : this.#waitMs);
    if (!isConcurrent) this.#waitMs = Math.min(this.#waitMs * 2, MOST_RETRY_MS);
  }

  #tooLate(answer: { readonly code: number } | BrokerError, step: TransactionStep, about: string): TransactionError {
    const reason = answer instanceof BrokerError ? answer : transactionError(answer.code, step, about);
    // Whether it was committed is not known: another producer with the same id waits until it is.
    const consequence = step === 'end' ? 'fenced' : step === 'init' ? 'fatal' : 'abort';
    return new TransactionError(
      `${about}: not done within ${this.#timeoutMs / 1000} s. ${reason.message}`,
      consequence,
      { cause: reason },
    );
  }
}
