import type { MemoryBroker } from '../embedded/memory-broker.ts';
import { Cluster } from './cluster.ts';
import type { ClientMemory } from './connection/client-connection.ts';
import { Dispatcher } from './connection/dispatcher.ts';
import { SYSTEM_TIMERS } from './connection/group-timers.ts';
import { Fetching } from './fetching.ts';
import { GroupCoordinator } from './groups/group-coordinator.ts';
import { Producing } from './producing.ts';
import { TopicAdministration } from './topic-administration.ts';
import { TransactionCoordinator } from './transactions/transaction-coordinator.ts';

/** All that the embedded broker answers as a Kafka, whichever way the requests come. */
export class BrokerAnswers {
  readonly dispatcher: Dispatcher;
  readonly #groups: GroupCoordinator;
  readonly #transactions: TransactionCoordinator;

  /**
   * @param memory what clients hold is counted there
   * @param advertisedHost where clients are sent; absent: to the address that they have reached
   */
  constructor(broker: MemoryBroker, memory: ClientMemory, advertisedHost?: string) {
    const transactions = new TransactionCoordinator(broker, () => this.#groups, SYSTEM_TIMERS, memory);
    this.#transactions = transactions;
    this.#groups = new GroupCoordinator(broker, SYSTEM_TIMERS, memory, (group, topic, partition) =>
      transactions.isPending(group, topic, partition),
    );
    this.dispatcher = new Dispatcher([
      ...new Cluster(broker, advertisedHost).routes,
      ...new TopicAdministration(broker).routes,
      ...new Producing(broker, (id, batch, topic, partition) => transactions.writeFault(id, batch, topic, partition))
        .routes,
      ...new Fetching(broker).routes,
      ...this.#groups.routes,
      ...transactions.routes,
    ]);
  }

  /** Ends all waiting, and forgets members and producers. */
  close(): void {
    this.#groups.close();
    this.#transactions.close();
  }
}
