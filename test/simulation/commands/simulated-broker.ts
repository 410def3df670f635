import {
  type Broker,
  BrokerError,
  type FetchedBatches,
  type TransactionalProducer,
} from '../../../engine/broker/broker.ts';
import type { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { TransactionError } from '../../../engine/broker/transaction-error.ts';
import type { WaitClock } from '../../../engine/broker/wait-clock.ts';
import type { Chance } from '../../support/chance.ts';

/** How the way to the broker is. */
export interface Network {
  readonly clock: WaitClock;
  readonly random: Chance;
  /** A question and an answer take up to so long each, in milliseconds. */
  readonly mostDelayMs: number;
  /** How often a question or an answer is lost. */
  lossLikelihood: number;
}

type Method = (...given: never[]) => unknown;

/** These answer at once, or are nothing that a network is asked. */
const AT_ONCE: ReadonlySet<PropertyKey> = new Set(['notices', 'log', 'watch', 'takeProducerId']);

/**
 * A broker as one process has it, over a network: questions and answers take time, get lost, and end with the process.
 * What a process has asked for may have been done though it is no more there for the answer.
 */
export class SimulatedBroker {
  readonly #network: Network;
  #isKilled = false;
  /** What the process has of it. */
  readonly seen: Broker;

  constructor(broker: MemoryBroker, network: Network) {
    this.#network = network;
    this.seen = new Proxy<Broker>(broker, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        const bound = (member as Method).bind(target) as Method;
        switch (name) {
          case 'close':
            return () => Promise.resolve();
          case 'subscribe':
            return this.#subscribe(broker);
          case 'openTransactions':
            return async (id: string) => this.#producer(await this.#ask(() => broker.openTransactions(id)));
          default:
            return AT_ONCE.has(name) ? bound : (...given: never[]) => this.#ask(() => bound(...given));
        }
      },
    });
  }

  /** Ends the process as `kill -9` does: nothing of it goes on from where it is. */
  kill(): void {
    this.#isKilled = true;
  }

  #delay(): Promise<void> {
    const { clock, random, mostDelayMs } = this.#network;
    return clock.sleep(random.below(mostDelayMs));
  }

  async #way(): Promise<void> {
    await this.#delay();
    if (this.#isKilled) await new Promise<never>(() => undefined);
  }

  #isLost(): boolean {
    return this.#network.random.happens(this.#network.lossLikelihood);
  }

  async #ask<T>(question: () => T, lost: () => Error = unreachable): Promise<Awaited<T>> {
    await this.#way();
    if (this.#isLost()) throw lost();
    const answer = await question();
    await this.#way();
    if (this.#isLost()) throw lost();
    return answer;
  }

  #subscribe(broker: MemoryBroker): Broker['subscribe'] {
    return (positions, handler) => {
      const deliver = async (fetched: FetchedBatches) => {
        await this.#delay();
        if (!this.#isKilled) await handler(fetched);
      };
      return this.#ask(() => broker.subscribe(positions, deliver));
    };
  }

  /** After a lost question or answer it is not known what became of it, as a producer finds out of Kafka's. */
  #producer(producer: TransactionalProducer): TransactionalProducer {
    let isLost = false;
    const ask = <T>(question: () => Promise<T>, consequence: 'abort' | 'fenced'): Promise<T> => {
      if (isLost) throw new TransactionError('The producer has lost its transaction.', 'fenced');
      return this.#ask(question, () => {
        isLost = consequence === 'fenced';
        return new TransactionError('No answer came.', consequence);
      }) as Promise<T>;
    };
    return {
      transactionalId: producer.transactionalId,
      get isOpen() {
        return producer.isOpen;
      },
      begin: () => producer.begin(),
      produce: (topic, partition, batches) => ask(() => producer.produce(topic, partition, batches), 'abort'),
      sendOffsets: (group, positions) => ask(() => producer.sendOffsets(group, positions), 'abort'),
      commit: () => ask(() => producer.commit(), 'fenced'),
      abort: () => ask(() => producer.abort(), 'fenced'),
      close: async () => {
        if (!isLost) await this.#ask(() => producer.close()).catch(() => undefined);
      },
    };
  }
}

const unreachable = (): BrokerError => new BrokerError('No answer came.', 'unreachable');
