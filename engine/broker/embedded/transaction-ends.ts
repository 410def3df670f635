import { type Broker, BrokerError, type CommitPosition, type TopicPartition } from '../broker.ts';
import type { ProducerIdentity } from '../producer-stamp.ts';
import { markerBatch } from './transaction-marker.ts';

/** How a transaction ends, and all that it did. */
export interface TransactionEnd extends ProducerIdentity {
  readonly isCommit: boolean;
  /** Where it wrote. */
  readonly partitions: readonly TopicPartition[];
  /** What groups have read, which counts with it; by group. */
  readonly offsets: Readonly<Record<string, readonly CommitPosition[]>>;
}

/**
 * Ends transactions so that all of one counts or nothing, also over a crash: that it counts is on the disk before any
 * partition or group is told, and a start goes on from there. Of a transaction of which nothing is there, nothing
 * counts.
 */
export class TransactionEnds {
  readonly #broker: Pick<Broker, 'append' | 'commit'>;
  readonly #store: ((ends: readonly TransactionEnd[]) => void) | undefined;
  readonly #committing = new Set<TransactionEnd>();

  /** @param store keeps those that are being committed over a crash; absent where nothing is kept */
  constructor(broker: Pick<Broker, 'append' | 'commit'>, store?: (ends: readonly TransactionEnd[]) => void) {
    this.#broker = broker;
    this.#store = store;
  }

  /** @throws BrokerError when the disk refuses it; where it was to be committed it is tried again at the next start */
  async end(end: TransactionEnd, nowMs: number): Promise<void> {
    const { partitions, offsets, isCommit } = end;
    const store = isCommit ? this.#store : undefined;
    if (store !== undefined) {
      this.#committing.add(end);
      store([...this.#committing]);
    }
    // Groups first: where all partitions have their markers, there is nothing left to be done at a start.
    if (isCommit)
      await Promise.all(Object.entries(offsets).map(([group, positions]) => this.#broker.commit(group, positions)));
    await Promise.all(
      partitions.map(({ topic, partition }) =>
        this.#broker.append(topic, partition, [markerBatch(end, isCommit, nowMs)]).catch((error: unknown) => {
          // What it wrote there went with the topic.
          if (!(error instanceof BrokerError) || error.code !== 'unknown-topic') throw error;
        }),
      ),
    );
    if (store === undefined) return;
    this.#committing.delete(end);
    store([...this.#committing]);
  }
}
