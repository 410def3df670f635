import { nextSequence, type ProducerIdentity } from '../producer-stamp.ts';
import type { RecordBatch } from '../record-batch.ts';
import { isAbortMarker } from './transaction-marker.ts';

/** A transaction whose records count for nothing. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Of the marker that ended it. */
  readonly lastOffset: number;
}

/** What is to be done with a batch that a producer sends with numbers. */
export type SequenceVerdict =
  | { readonly kind: 'append' }
  /** It is in the log already, from this offset on: the answer had been lost. */
  | { readonly kind: 'duplicate'; readonly firstOffset: number }
  /** A batch before it is missing. */
  | { readonly kind: 'out-of-order' }
  /** A newer life of the same producer has written since. */
  | { readonly kind: 'old-epoch' };

interface WrittenBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly firstOffset: number;
}

interface ProducerState {
  epoch: number;
  /** Of this epoch; the newest last. */
  recent: WrittenBatch[];
}

const APPEND: SequenceVerdict = { kind: 'append' };
/** As many batches as a producer may have sent without an answer (max.in.flight.requests.per.connection). */
const REMEMBERED_BATCHES = 5;
/** Beyond so many in one partition those are forgotten that came first. */
const MAX_PRODUCERS = 1000;
/** About what a producer takes with what is remembered of it, and an aborted transaction, in bytes. */
const PRODUCER_BYTES = 600;
const ABORTED_BYTES = 80;

/**
 * What a partition knows of the producers that wrote with sequence numbers, and of their transactions. All of it
 * follows from the headers of its batches, so that it is made anew from a log that was kept.
 */
export class ProducerStates {
  readonly #producers = new Map<number, ProducerState>();
  /** First offsets of the transactions that are open, by producer; the first comes first. */
  readonly #open = new Map<number, number>();
  #aborted: AbortedTransaction[] = [];

  /** First offset of a transaction of which it is not known how it ends; infinite where there is none. */
  get firstOpen(): number {
    for (const offset of this.#open.values()) return offset;
    return Number.POSITIVE_INFINITY;
  }

  /** Producers with a transaction that is open, with their epochs. */
  get open(): readonly ProducerIdentity[] {
    return [...this.#open.keys()].map((producerId) => ({
      producerId,
      epoch: this.#producers.get(producerId)!.epoch,
    }));
  }

  get highestProducerId(): number {
    return Math.max(-1, ...this.#producers.keys());
  }

  /** About what it takes in memory. */
  get sizeBytes(): number {
    return this.#producers.size * PRODUCER_BYTES + this.#aborted.length * ABORTED_BYTES;
  }

  /** What to do with a batch whose producer counts what it writes (Kafka's ProducerAppendInfo). */
  check(batch: RecordBatch): SequenceVerdict {
    const { producerId, producerEpoch, baseSequence } = batch;
    const state = this.#producers.get(producerId);
    if (state === undefined) return APPEND;
    if (producerEpoch < state.epoch) return { kind: 'old-epoch' };
    if (producerEpoch > state.epoch) return baseSequence === 0 ? APPEND : { kind: 'out-of-order' };
    const lastSequence = nextSequence(baseSequence, batch.count - 1);
    const known = state.recent.find(
      (each) => each.firstSequence === baseSequence && each.lastSequence === lastSequence,
    );
    if (known !== undefined) return { kind: 'duplicate', firstOffset: known.firstOffset };
    const last = state.recent.at(-1);
    return baseSequence === (last === undefined ? 0 : nextSequence(last.lastSequence, 1))
      ? APPEND
      : { kind: 'out-of-order' };
  }

  /** Takes in a batch that stands in the log. */
  note(batch: RecordBatch): void {
    const { producerId } = batch;
    if (producerId < 0) return;
    const state = this.#stateOf(producerId, batch.producerEpoch);
    if (batch.isControl) {
      this.#end(batch);
      return;
    }
    const { baseOffset, baseSequence } = batch;
    if (batch.isTransactional && !this.#open.has(producerId)) this.#open.set(producerId, baseOffset);
    if (baseSequence < 0) return;
    state.recent.push({
      firstSequence: baseSequence,
      lastSequence: nextSequence(baseSequence, batch.count - 1),
      firstOffset: baseOffset,
    });
    if (state.recent.length > REMEMBERED_BATCHES) state.recent.shift();
  }

  /** Those with records between the offsets, in the order of their ends. */
  abortedBetween(from: number, to: number): AbortedTransaction[] {
    const behind = this.#aborted.slice(firstEndingBehind(this.#aborted, from - 1));
    return behind.filter(({ firstOffset }) => firstOffset < to);
  }

  /** Forgets transactions that had ended before the offset. */
  dropBefore(offset: number): void {
    if (this.#aborted.length > 0 && this.#aborted[0]!.lastOffset < offset)
      this.#aborted = this.#aborted.filter(({ lastOffset }) => lastOffset >= offset);
  }

  clear(): void {
    this.#producers.clear();
    this.#open.clear();
    this.#aborted = [];
  }

  #stateOf(producerId: number, epoch: number): ProducerState {
    const known = this.#producers.get(producerId);
    if (known?.epoch === epoch) return known;
    const state = { epoch, recent: [] };
    this.#producers.delete(producerId);
    this.#producers.set(producerId, state);
    if (this.#producers.size > MAX_PRODUCERS) this.#forgetOne();
    return state;
  }

  #forgetOne(): void {
    for (const producerId of this.#producers.keys()) {
      if (this.#open.has(producerId)) continue;
      this.#producers.delete(producerId);
      return;
    }
  }

  #end(marker: RecordBatch): void {
    const { producerId, baseOffset } = marker;
    const firstOffset = this.#open.get(producerId);
    if (firstOffset === undefined) return;
    this.#open.delete(producerId);
    if (isAbortMarker(marker)) this.#aborted.push({ producerId, firstOffset, lastOffset: baseOffset });
  }
}

/** Tells whether a batch is of one of these transactions, which come in the order of their ends. */
export function abortedTest(aborted: readonly AbortedTransaction[]): (batch: RecordBatch) => boolean {
  const byProducer = Map.groupBy(aborted, ({ producerId }) => producerId);
  return (batch) => {
    if (!batch.isTransactional || batch.isControl) return false;
    const own = byProducer.get(batch.producerId);
    const { baseOffset } = batch;
    const transaction = own?.[firstEndingBehind(own, baseOffset)];
    return transaction !== undefined && transaction.firstOffset <= baseOffset;
  };
}

/** The first that ends behind the offset; their number where none does. */
function firstEndingBehind(transactions: readonly AbortedTransaction[], offset: number): number {
  let low = 0;
  let high = transactions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (transactions[middle]!.lastOffset > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
