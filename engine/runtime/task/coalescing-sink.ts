import { valueBytes } from '../../memory/value-bytes.ts';
import type { Change } from '../../operators/operator.ts';
import { storeKey, windowKey } from '../../state/key-codec.ts';
import type { RecordPosition } from '../monitoring/processing-log.ts';
import type { ResultSink } from './task-output.ts';

/** So many keys are held back at most; beyond, changes are passed on as they come. */
const MAX_KEYS = 100_000;
/** And so much of their rows. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Holds the changes of a table back until the query has caught up, then passes the latest of each key on, in the order
 * in which they came; from then on everything passes as it comes.
 */
export class CoalescingSink implements ResultSink {
  readonly #target: ResultSink;
  #held: Map<string, readonly [Change, RecordPosition | undefined]> | undefined = new Map();

  #heldBytes = 0;

  constructor(target: ResultSink) {
    this.#target = target;
  }

  get full(): boolean {
    return this.#target.full;
  }

  accept(change: Change, cause: RecordPosition | undefined): boolean {
    if (this.#held === undefined) return this.#target.accept(change, cause);
    const key = change.key === null ? '' : storeKey(change.key);
    const place = change.window === undefined ? key : windowKey(key, change.window.startMs);
    this.#held.delete(place);
    // A row that came and went meanwhile was never seen, so there is nothing to take back.
    if (change.after !== null) this.#held.set(place, [change, cause]);
    // What was held for the same key before stays counted: it only makes the wait shorter.
    this.#heldBytes += valueBytes(change.after);
    if (this.#held.size >= MAX_KEYS || this.#heldBytes >= MAX_BYTES) this.caughtUp();
    return true;
  }

  caughtUp(): void {
    const held = this.#held;
    this.#held = undefined;
    for (const [change, cause] of held?.values() ?? [])
      if (!this.#target.accept(change, cause)) return this.#target.end();
  }

  end(): void {
    this.caughtUp();
    this.#target.end();
  }

  fail(error: unknown): void {
    this.#target.fail(error);
  }
}
