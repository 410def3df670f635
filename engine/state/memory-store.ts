import type { MemoryAccount } from '../memory/memory-budget.ts';
import { valueBytes } from '../memory/value-bytes.ts';
import type { StateStore, StoreKey, StoreValue } from './state-store.ts';

/** What an entry takes besides its value: its place in the map, the object of its key, and its place in the order. */
const ENTRY_BYTES = 96;

/** V8's maps end at 2^24 entries. Whoever fills the store is stopped a little before: one record may add many. */
const MAX_ENTRIES = 2 ** 24 - 2 ** 17;

/**
 * A store in memory: a hash map, and an ordered list of its keys that is only made when something scans. Keys that came since
 * the last scan are sorted and merged into it then, so that a store nobody scans costs no ordering.
 */
export class MemoryStore implements StateStore {
  readonly name: string;
  readonly #values = new Map<StoreKey, StoreValue>();
  /** Undefined until the first scan. May hold keys that are deleted by now. */
  #ordered: StoreKey[] | undefined;
  #fresh: StoreKey[] = [];
  #deleted = 0;
  readonly #account: MemoryAccount | undefined;

  readonly #maxEntries: number;

  /** @param account where what it holds is counted */
  constructor(name: string, account?: MemoryAccount, maxEntries = MAX_ENTRIES) {
    this.name = name;
    this.#account = account;
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: StoreKey): StoreValue | undefined {
    return this.#values.get(key);
  }

  put(key: StoreKey, value: StoreValue): void {
    const known = this.#values.get(key);
    if (known === undefined) {
      if (this.#ordered !== undefined) this.#fresh.push(key);
      this.#account?.add(ENTRY_BYTES + key.length + valueBytes(value));
      if (this.#values.size + 1 >= this.#maxEntries)
        this.#account?.block(`Its store ${this.name} has ${this.#maxEntries} entries, and can hold no more.`);
    } else {
      this.#account?.add(valueBytes(value) - valueBytes(known));
    }
    this.#values.set(key, value);
  }

  delete(key: StoreKey): void {
    const known = this.#values.get(key);
    if (known === undefined) return;
    this.#values.delete(key);
    this.#account?.add(-(ENTRY_BYTES + key.length + valueBytes(known)));
    if (this.#values.size < this.#maxEntries && this.#account?.blocked !== undefined) this.#account.block(undefined);
    this.#deleted++;
  }

  entries(): IterableIterator<readonly [StoreKey, StoreValue]> {
    return this.#values.entries();
  }

  *scan(from?: StoreKey, to?: StoreKey): IterableIterator<readonly [StoreKey, StoreValue]> {
    const keys = this.#order();
    for (let at = from === undefined ? 0 : lowerBound(keys, from); at < keys.length; at++) {
      const key = keys[at]!;
      if (to !== undefined && key >= to) return;
      const value = this.#values.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  #order(): readonly StoreKey[] {
    if (this.#ordered === undefined || this.#deleted > this.#ordered.length / 2) {
      this.#ordered = [...this.#values.keys()].sort(byCodeUnit);
      this.#fresh = [];
      this.#deleted = 0;
    } else if (this.#fresh.length > 0) {
      this.#ordered = merge(this.#ordered, this.#fresh.sort(byCodeUnit));
      this.#fresh = [];
    }
    return this.#ordered;
  }
}

const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Merges two sorted lists; a key that is deleted and comes again stands in both, and is kept once. */
function merge(left: readonly string[], right: readonly string[]): string[] {
  const merged: string[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const takeLeft = r >= right.length || (l < left.length && left[l]! <= right[r]!);
    const key = takeLeft ? left[l++]! : right[r++]!;
    if (merged.length === 0 || merged[merged.length - 1] !== key) merged.push(key);
  }
  return merged;
}
