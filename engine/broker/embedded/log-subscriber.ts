import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerError, type FetchedBatches, type ReadPosition, type Subscription } from '../broker.ts';

/** A subscriber gets about this much in one call. */
const DELIVERY_BYTES = 1024 * 1024;
/** How long a partition waits that could not be read. */
const RETRY_MS = 1000;

/** What a subscriber reads from. */
export interface DeliverySource {
  /** @throws BrokerError */
  readNow(position: ReadPosition, maxBytes: number): FetchedBatches;
  /** Told of a partition that cannot be read for now. */
  readFailed(topic: string, error: BrokerError): void;
}

/**
 * One subscription: it remembers where it is in each partition and delivers one at a time. While a handler has not
 * returned, nothing more is read, so a slow reader costs no memory.
 */
export class LogSubscriber implements Subscription {
  readonly #broker: DeliverySource;
  readonly #positions = new Map<string, { readonly topic: string; readonly partition: number; offset: number }>();
  readonly #handler: (fetched: FetchedBatches) => void | Promise<void>;
  readonly #onClose: () => void;
  /** Partitions that may have something to deliver. */
  readonly #waiting = new Set<string>();
  /** What the handler is still busy with, by partition. */
  readonly #handling = new Map<string, Promise<void>>();
  #running: Promise<void> | undefined;
  #paused = false;
  #closed = false;

  constructor(
    broker: DeliverySource,
    positions: readonly ReadPosition[],
    handler: (fetched: FetchedBatches) => void | Promise<void>,
    onClose: () => void,
  ) {
    this.#broker = broker;
    this.#handler = handler;
    this.#onClose = onClose;
    for (const { topic, partition, offset } of positions) {
      const key = `${topic}/${partition}`;
      this.#positions.set(key, { topic, partition, offset });
      this.#waiting.add(key);
    }
  }

  start(): void {
    if (this.#running === undefined && !this.#paused && !this.#closed && this.#nextKey() !== undefined) {
      this.#running = this.#deliver().finally(() => {
        this.#running = undefined;
        this.start();
      });
    }
  }

  notice(topic: string, partition: number): void {
    const key = `${topic}/${partition}`;
    if (!this.#positions.has(key)) return;
    this.#waiting.add(key);
    this.start();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#onClose();
    await this.#running;
    await Promise.all(this.#handling.values());
  }

  #nextKey(): string | undefined {
    for (const key of this.#waiting) if (!this.#handling.has(key)) return key;
    return undefined;
  }

  /** Takes the partitions in turn until nothing waits; gives way to other work between deliveries. */
  async #deliver(): Promise<void> {
    while (this.#nextKey() !== undefined && !this.#paused && !this.#closed) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#paused || this.#closed) return;
      const key = this.#nextKey();
      if (key === undefined) return;
      this.#waiting.delete(key);
      const position = this.#positions.get(key)!;
      const fetched = this.#readFrom(key, position);
      if (fetched === undefined || fetched.batches.length === 0) continue;
      position.offset = fetched.batches[fetched.batches.length - 1]!.lastOffset + 1;
      this.#waiting.add(key);
      const handled = this.#handler(fetched);
      if (handled !== undefined)
        this.#handling.set(
          key,
          handled.finally(() => this.#handled(key)),
        );
    }
  }

  #handled(key: string): void {
    this.#handling.delete(key);
    this.start();
  }

  /** A topic may be deleted under a reader, which then has nothing more to read; what cannot be read is tried again. */
  #readFrom(key: string, position: ReadPosition): FetchedBatches | undefined {
    try {
      return this.#broker.readNow(position, DELIVERY_BYTES);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      if (error.code === 'unknown-topic') return undefined;
      this.#broker.readFailed(position.topic, error);
      void sleep(RETRY_MS, undefined, { ref: false }).then(() => {
        this.#waiting.add(key);
        this.start();
      });
      return undefined;
    }
  }
}
