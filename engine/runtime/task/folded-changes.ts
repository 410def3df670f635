import { valueBytes } from '../../memory/value-bytes.ts';
import { HeldEntryLog } from '../../operators/held-entry-log.ts';
import type { Change, ChangeFold, Emit, Header, HeldEntries } from '../../operators/operator.ts';
import { storeKey, windowKey } from '../../state/key-codec.ts';

/** What is held is let go after this time, however much waits: who watches a table that catches up sees it move. */
const MAX_HOLD_MS = 250;
/** What a change takes that is held, besides its row. */
const ENTRY_BYTES = 160;
/** What a change takes of an entry whose row is not made yet. */
const LOGGED_BYTES = 8;

export interface FoldedChangesOptions {
  /** How much may be held: `cache.max.bytes.buffering`. */
  readonly limitBytes: number;
  /** For how long at most: `commit.interval.ms`, or {@link MAX_HOLD_MS} where that is shorter. */
  readonly intervalMs: number;
  /** Whether rows are sessions, of which several may begin at one time. */
  readonly hasSessions: boolean;
  /** Called when what is held has been held long enough. */
  readonly onDue: () => void;
}

/** What is held of a key: the newest of its changes, and what its row was before the first of them. */
interface Held {
  newest: Change;
  readonly before: Change['before'];
  isSingle: boolean;
  /** The how-manieth change of all that are held the newest was. */
  order: number;
}

/**
 * The changes of a table on their way out, of which only the newest of each key goes on: what a row was for the
 * twinkling of an eye, while its query has yet more to read, is of no use to anybody. Kafka Streams does the same in
 * the caches of its stores, with the same two limits. Keys come out in the order in which they changed last.
 *
 * Of a table that is an operator's own only the slots are held, and what stands in them becomes a row once.
 */
export class FoldedChanges implements ChangeFold {
  readonly #options: FoldedChangesOptions;
  readonly #held = new Map<string, Held>();
  readonly #entries = new HeldEntryLog();
  #passOn: Emit = () => {};
  #isThere: (change: Change) => boolean = () => false;
  #count = 0;
  #heldBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;

  constructor(options: FoldedChangesOptions) {
    this.#options = options;
  }

  through(passOn: Emit, isThere: (change: Change) => boolean): Emit {
    this.#passOn = passOn;
    this.#isThere = isThere;
    return (change) => this.#add(change);
  }

  hold(entries: HeldEntries, slot: number, headers: readonly Header[]): void {
    if (this.#entries.length === 0) this.#startTimer();
    this.#entries.add(entries, slot, headers);
    if (this.#entries.length * LOGGED_BYTES > this.#options.limitBytes) this.#isDue = true;
  }

  get isEmpty(): boolean {
    return this.#held.size === 0 && this.#entries.length === 0;
  }

  /** Whether something was held for so long, or is so much, that it is to go out though more waits. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** Lets everything go that is held. */
  release(): void {
    this.#stopTimer();
    this.#isDue = false;
    this.#entries.release();
    if (this.#held.size === 0) return;
    const inOrder = [...this.#held.values()].sort((a, b) => a.order - b.order);
    this.#held.clear();
    this.#heldBytes = 0;
    this.#count = 0;
    for (const { newest, before, isSingle } of inOrder) {
      // A row that came and went was never seen, so there is nothing to take back.
      if (!isSingle && newest.after === null && !this.#isThere(newest)) continue;
      this.#passOn(newest.before === before ? newest : { ...newest, before });
    }
  }

  /** Forgets what is held. */
  close(): void {
    this.#stopTimer();
    this.#held.clear();
    this.#entries.clear();
  }

  /** Holds a change, in the place of what is held of the same key. */
  #add(change: Change): void {
    const place = this.#placeOf(change);
    const known = this.#held.get(place);
    if (known !== undefined) {
      known.newest = change;
      known.isSingle = false;
      known.order = this.#count++;
      return;
    }
    if (this.#held.size === 0) this.#startTimer();
    this.#held.set(place, { newest: change, before: change.before, isSingle: true, order: this.#count++ });
    this.#heldBytes += ENTRY_BYTES + place.length + valueBytes(change.after);
    if (this.#heldBytes > this.#options.limitBytes) this.#isDue = true;
  }

  #placeOf({ key, window }: Change): string {
    const text = key === null ? '' : storeKey(key);
    if (window === undefined) return text;
    const place = windowKey(text, window.startMs);
    return this.#options.hasSessions ? `${place}-${window.endMs}` : place;
  }

  #startTimer(): void {
    const { intervalMs, onDue } = this.#options;
    const due = () => {
      this.#isDue = true;
      onDue();
    };
    this.#timer = setTimeout(due, Math.min(intervalMs, MAX_HOLD_MS));
    this.#timer.unref();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
