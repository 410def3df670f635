import { MARK, type SlotPages } from './slot-pages.ts';
import type { StoreKey, StoreValue } from './state-store.ts';

const FIRST_SLOTS = 64;

/** The slots that were changed since a commit, and the keys of entries that went. */
class Changes {
  #slots = new Int32Array(FIRST_SLOTS);
  #count = 0;
  readonly removed = new Set<StoreKey>();

  get count(): number {
    return this.#count;
  }

  slot(index: number): number {
    return this.#slots[index]!;
  }

  add(slot: number): void {
    if (this.#count === this.#slots.length) {
      const slots = new Int32Array(2 * this.#count);
      slots.set(this.#slots);
      this.#slots = slots;
    }
    this.#slots[this.#count++] = slot;
  }
}

/** What commits need to know of a table. */
export interface CommittedEntries {
  readonly pages: SlotPages;
  textOf(slot: number): StoreKey;
  valueAt(slot: number): StoreValue;
  get(text: StoreKey): StoreValue | undefined;
}

/**
 * Which entries of a table have changed since the last commit, by a mark in each: the number of the commit that it
 * waits for. While a commit is being written the table goes on changing: what an entry was when the commit began is
 * kept aside until the commit has ended.
 */
export class ChangedSlots {
  readonly #entries: CommittedEntries;
  #commit = 1;
  #changed = new Changes();
  /** What the commit under way writes. */
  #pending: Changes | undefined;
  /** Entries of the commit that have changed since it began, as they were then. */
  readonly #before = new Map<StoreKey, StoreValue>();
  /** Entries that have come since the commit began. */
  readonly #since = new Set<StoreKey>();
  /** The entry of the commit that was asked for last. */
  #last: { readonly text: StoreKey; readonly slot: number } | undefined;

  constructor(entries: CommittedEntries) {
    this.#entries = entries;
  }

  /** To be called before an entry changes. */
  willChange(slot: number): void {
    const { pages } = this.#entries;
    const mark = pages.integer(slot, MARK);
    if (mark === this.#commit) return;
    if (this.#isPending(mark)) this.#keep(slot);
    pages.setInteger(slot, MARK, this.#commit);
    this.#changed.add(slot);
  }

  /** To be called when an entry has come. */
  added(slot: number): void {
    if (this.#pending !== undefined) this.#since.add(this.#entries.textOf(slot));
    this.#entries.pages.setInteger(slot, MARK, this.#commit);
    this.#changed.add(slot);
  }

  /** To be called before an entry goes. */
  willGo(slot: number): void {
    const { pages } = this.#entries;
    if (this.#isPending(pages.integer(slot, MARK))) this.#keep(slot);
    pages.setInteger(slot, MARK, 0);
    this.#changed.removed.add(this.#entries.textOf(slot));
  }

  /** An entry that was changed or removed elsewhere waits for the next commit. */
  markRemoved(text: StoreKey): void {
    this.#changed.removed.add(text);
  }

  begin(): Iterable<StoreKey> {
    const pending = this.#changed;
    this.#pending = pending;
    this.#changed = new Changes();
    this.#commit++;
    return { [Symbol.iterator]: () => this.#keys(pending) };
  }

  committed(text: StoreKey): StoreValue | undefined {
    const last = this.#last;
    if (last?.text === text && this.#isPending(this.#entries.pages.integer(last.slot, MARK)))
      return this.#entries.valueAt(last.slot);
    const before = this.#before.get(text);
    if (before !== undefined) return before;
    return this.#since.has(text) ? undefined : this.#entries.get(text);
  }

  end(isWritten: boolean): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#last = undefined;
    if (!isWritten && pending !== undefined) {
      for (let i = 0; i < pending.count; i++) {
        const slot = pending.slot(i);
        if (this.#entries.pages.isUsed(slot)) this.willChange(slot);
      }
      for (const text of pending.removed) this.#changed.removed.add(text);
    }
    this.#before.clear();
    this.#since.clear();
  }

  /** Each entry once at least: one that changes meanwhile may come again. */
  *#keys(pending: Changes): IterableIterator<StoreKey> {
    const { pages } = this.#entries;
    yield* pending.removed;
    for (let i = 0; i < pending.count; i++) {
      const slot = pending.slot(i);
      if (!pages.isUsed(slot) || !this.#isPending(pages.integer(slot, MARK))) continue;
      const text = this.#entries.textOf(slot);
      this.#last = { text, slot };
      yield text;
    }
    yield* this.#before.keys();
  }

  #isPending(mark: number): boolean {
    return this.#pending !== undefined && mark === this.#commit - 1;
  }

  #keep(slot: number): void {
    this.#before.set(this.#entries.textOf(slot), this.#entries.valueAt(slot));
  }
}
