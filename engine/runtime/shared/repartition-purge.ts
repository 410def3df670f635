import type { Broker } from '../../broker/broker.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import type { LocalTasks } from './local-tasks.ts';

/** Kafka Streams' own `repartition.purge.interval.ms`. */
const INTERVAL_MS = 30_000;

/**
 * Removes from repartition topics, whose retention has no end, what the tasks that are here have read and committed.
 */
export class RepartitionPurge {
  readonly #broker: Broker;
  readonly #tasks: LocalTasks;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(broker: Broker, tasks: LocalTasks, properties: QueryProperties) {
    this.#broker = broker;
    this.#tasks = tasks;
    this.#everyMs = properties.number('repartition.purge.interval.ms') ?? INTERVAL_MS;
  }

  /** @param topics the repartition topics of the query */
  start(topics: ReadonlySet<string>): void {
    this.stop();
    if (topics.size === 0 || this.#broker.deleteRecords === undefined) return;
    this.#timer = setInterval(() => void this.#purge(topics), this.#everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #purge(topics: ReadonlySet<string>): Promise<void> {
    const read = this.#tasks.running
      .flatMap((task) => task.positions)
      .filter(({ topic, committedOffset }) => topics.has(topic) && committedOffset > 0)
      .map(({ topic, partition, committedOffset }) => ({ topic, partition, offset: committedOffset }));
    // What cannot be removed now, or may not be by this user, only takes room.
    await this.#broker.deleteRecords!(read).catch(() => undefined);
  }
}
