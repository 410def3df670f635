import type { CommittingStore } from './committing-store.ts';
import { ShardedMap } from './sharded-map.ts';
import type { StateStore, StoreKey, StoreValue } from './state-store.ts';

/**
 * A store that remembers which keys have changed since the last commit. While a commit is being written the store goes
 * on changing: what an entry was when the commit began is kept aside until the commit has ended.
 */
export class TrackedStore implements CommittingStore {
  readonly name: string;
  readonly #inner: StateStore;
  /** Undefined where nothing is ever written. */
  #changed: ShardedMap<true> | undefined;
  /** What the commit under way writes. */
  #pending: ShardedMap<true> | undefined;
  /** Entries of `#pending` that have changed since the commit began, as they were then; undefined: not there. */
  readonly #before = new ShardedMap<StoreValue | undefined>();

  constructor(inner: StateStore, isTracked: boolean) {
    this.name = inner.name;
    this.#inner = inner;
    this.#changed = isTracked ? new ShardedMap() : undefined;
  }

  get size(): number {
    return this.#inner.size;
  }

  get changes(): number {
    return this.#inner.changes;
  }

  get(key: StoreKey): StoreValue | undefined {
    return this.#inner.get(key);
  }

  put(key: StoreKey, value: StoreValue): void {
    if (this.#changed !== undefined) this.#track(this.#changed, key);
    this.#inner.put(key, value);
  }

  delete(key: StoreKey): void {
    if (this.#changed !== undefined) this.#track(this.#changed, key);
    this.#inner.delete(key);
  }

  scan(from?: StoreKey, to?: StoreKey): IterableIterator<readonly [StoreKey, StoreValue]> {
    return this.#inner.scan(from, to);
  }

  entries(): IterableIterator<readonly [StoreKey, StoreValue]> {
    return this.#inner.entries();
  }

  prepareScan(): Promise<void> {
    return this.#inner.prepareScan();
  }

  restore(key: StoreKey, value: StoreValue | undefined): void {
    if (value === undefined) this.#inner.delete(key);
    else this.#inner.put(key, value);
  }

  beginCommit(): Iterable<StoreKey> {
    const pending = this.#changed ?? new ShardedMap();
    this.#pending = pending;
    this.#changed = new ShardedMap();
    return { [Symbol.iterator]: () => pending.keys() };
  }

  committed(key: StoreKey): StoreValue | undefined {
    return this.#before.size > 0 && this.#before.has(key) ? this.#before.get(key) : this.#inner.get(key);
  }

  endCommit(isWritten: boolean): void {
    if (!isWritten && this.#pending !== undefined)
      for (const key of this.#pending.keys()) this.#changed?.set(key, true);
    this.#pending = undefined;
    this.#before.clear();
  }

  #track(changed: ShardedMap<true>, key: StoreKey): void {
    changed.set(key, true);
    if (this.#pending?.has(key) && !this.#before.has(key)) this.#before.set(key, this.#inner.get(key));
  }
}
