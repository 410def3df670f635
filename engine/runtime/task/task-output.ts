import type { Change } from '../../operators/operator.ts';
import type { Clock } from '../monitoring/clock.ts';
import type { QueryProcessingLog, RecordPosition } from '../monitoring/processing-log.ts';
import { RateMeter } from '../monitoring/rate-meter.ts';
import type { RecordWriter } from '../records/record-writer.ts';
import type { FoldedChanges } from './folded-changes.ts';

/** Where the results of a query that writes no topic go. */
export interface ResultSink {
  /**
   * @param cause the record whose processing gave the change
   * @returns whether more results are wanted
   */
  accept(change: Change, cause: RecordPosition | undefined): boolean;
  /** Whether to hold back for now; `QueryTask.wake` ends the wait. */
  readonly full: boolean;
  /** The query has read what its topics held when it started. */
  caughtUp?(): void;
  /** No more results will come. */
  end(): void;
  fail(error: unknown): void;
}

/** Where the results of a task go: a topic, or whoever asked. It takes every change that the pipeline gives. */
export interface TaskOutput {
  readonly rowsOut: RateMeter;
  /**
   * What comes is known already, and goes nowhere where that would double it: state is being rebuilt from records read
   * before.
   */
  isSilent: boolean;
  emit(change: Change): void;
  /** Whether to process nothing more for now. */
  readonly isFull: boolean;
  /** Whether no more results are wanted, or none will come. */
  readonly isComplete: boolean;
  /** Whether everything that was emitted is where it should go. */
  readonly isFlushed: boolean;
  /** Resolves when it is. What a failure has kept from it comes first in the next call. @throws BrokerError */
  flush(): Promise<void> | undefined;
  /** As {@link flush}, but leaves what is held back for what else may come, unless it is due. @throws BrokerError */
  settle(): Promise<void> | undefined;
  /** As {@link settle}, but waits only for what the call before it has handed over. @throws BrokerError */
  flushAhead(): Promise<void> | undefined;
  /** The task has read what its topics held when it started. */
  caughtUp(): void;
  /** The results are complete. */
  complete(): void;
  /** The task has stopped. */
  end(): void;
  /** The task has failed for good. */
  fail(error: unknown): void;
}

/**
 * Results that are written to a topic. Nobody there says when it is enough, or can be told of an end. Changes of a
 * table may be held before they come here, to be folded.
 */
export class TopicOutput implements TaskOutput {
  readonly rowsOut: RateMeter;
  readonly isFull = false;
  isComplete = false;
  readonly #writer: RecordWriter;
  readonly #clock: Clock;
  readonly #folded: FoldedChanges | undefined;

  #isSilent = false;

  /**
   * @param folded what holds changes that are to come here
   * @param rowsOut counts the results, with those of other tasks of the query
   */
  constructor(writer: RecordWriter, clock: Clock, folded?: FoldedChanges, rowsOut: RateMeter = new RateMeter()) {
    this.rowsOut = rowsOut;
    this.#writer = writer;
    this.#clock = clock;
    this.#folded = folded;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  set isSilent(isSilent: boolean) {
    if (this.#isSilent === isSilent) return;
    // What was held belongs to the time before.
    this.#folded?.release();
    this.#isSilent = isSilent;
  }

  emit(change: Change): void {
    if (this.#isSilent) return;
    if (this.#writer.write(change)) this.written(1);
  }

  /** Counts rows that were written. */
  written(count: number): void {
    this.rowsOut.add(count, this.#clock.nowMs());
  }

  get isFlushed(): boolean {
    return this.#writer.isFlushed && this.#folded?.isEmpty !== false;
  }

  flush(): Promise<void> {
    this.#folded?.release();
    return this.#writer.flush();
  }

  settle(): Promise<void> | undefined {
    this.#releaseDue();
    return this.#writer.isFlushed ? undefined : this.#writer.flush();
  }

  flushAhead(): Promise<void> {
    this.#releaseDue();
    return this.#writer.flushAhead();
  }

  caughtUp(): void {}

  complete(): void {
    this.isComplete = true;
  }

  end(): void {
    this.#folded?.close();
  }

  fail(): void {
    this.isComplete = true;
  }

  #releaseDue(): void {
    if (this.#folded?.isDue) this.#folded.release();
  }
}

/** Results that are handed to a sink in this process, which has them at once. */
export class SinkOutput implements TaskOutput {
  readonly rowsOut = new RateMeter();
  isSilent = false;
  isComplete = false;
  readonly isFlushed = true;
  readonly #sink: ResultSink;
  readonly #log: QueryProcessingLog;
  readonly #clock: Clock;

  constructor(sink: ResultSink, log: QueryProcessingLog, clock: Clock) {
    this.#sink = sink;
    this.#log = log;
    this.#clock = clock;
  }

  emit(change: Change): void {
    if (this.isComplete) return;
    this.rowsOut.add(1, this.#clock.nowMs());
    if (!this.#sink.accept(change, this.#log.current)) this.complete();
  }

  get isFull(): boolean {
    return this.#sink.full;
  }

  flush(): undefined {}

  settle(): undefined {}

  flushAhead(): undefined {}

  caughtUp(): void {
    this.#sink.caughtUp?.();
  }

  complete(): void {
    if (this.isComplete) return;
    this.isComplete = true;
    this.#sink.end();
  }

  end(): void {
    this.#sink.end();
  }

  fail(error: unknown): void {
    this.isComplete = true;
    this.#sink.fail(error);
  }
}
