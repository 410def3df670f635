import type { MemoryAccount } from '../memory/memory-budget.ts';
import { valueBytes } from '../memory/value-bytes.ts';
import { ShardedMap } from './sharded-map.ts';
import { SortedKeys } from './sorted-keys.ts';
import type { StateStore, StoreKey, StoreValue } from './state-store.ts';

/** What an entry takes besides its value: its place in the map, the object of its key, and its place in the order. */
const ENTRY_BYTES = 96;
/**
 * In a store of smaller values, which hardly ever change their sizes, what is replaced is looked at now and then; else
 * always.
 */
const LARGE_VALUE_BYTES = 512;
const LARGE_CHANGE_BYTES = 64;
/** A change of size counts so many times as much as none, and with so many more of them they are no exception. */
const CHANGE_WEIGHT = 8;
const MAX_CHANGES = 256;
/** Now and then is once in 1 to 32 times; what is found stands for all of them. */
const STRIDE_BITS = 5;
const MEAN_STRIDE = (1 + 2 ** STRIDE_BITS) / 2;
/** So many keys are put into order before other work of the process gets its turn. */
export const ORDERED_AT_ONCE = 1000;

/**
 * A store in memory: a hash map, and an order of its keys that is only made when something scans, and kept from then
 * on. A store nobody scans costs no ordering.
 */
export class MemoryStore implements StateStore {
  readonly name: string;
  changes = 0;
  readonly #values = new ShardedMap<StoreValue>();
  /** Undefined until the first scan. */
  #order: SortedKeys | undefined;
  /** The order while it is being made, a slice at a time; it lacks keys. */
  #unfinished: SortedKeys | undefined;
  #ordering: Promise<void> | undefined;
  readonly #account: MemoryAccount | undefined;
  #countedBytes = 0;
  /** What a new value replaces is looked at with every put. */
  #isExact = false;
  #untilLook = 1;
  #changes = 0;
  #random = 1;

  /** @param account where what it holds is counted */
  constructor(name: string, account?: MemoryAccount) {
    this.name = name;
    this.#account = account;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: StoreKey): StoreValue | undefined {
    return this.#values.get(key);
  }

  put(key: StoreKey, value: StoreValue): void {
    this.changes++;
    // To look at what is replaced costs more than anything else here: it has long left the processor's caches.
    const known = this.#isExact || --this.#untilLook <= 0 ? this.#values.get(key) : undefined;
    if (this.#values.set(key, value)) {
      this.#order?.add(key);
      this.#unfinished?.add(key);
      const bytes = valueBytes(value);
      if (bytes > LARGE_VALUE_BYTES) this.#isExact = true;
      this.#count(ENTRY_BYTES + key.length + bytes);
    } else if (known !== undefined) {
      this.#countReplaced(valueBytes(known), valueBytes(value));
    }
  }

  delete(key: StoreKey): void {
    const known = this.#values.get(key);
    if (known === undefined) return;
    this.changes++;
    this.#values.delete(key);
    this.#order?.delete(key);
    this.#unfinished?.delete(key);
    this.#count(this.size === 0 ? -this.#countedBytes : -(ENTRY_BYTES + key.length + valueBytes(known)));
  }

  entries(): IterableIterator<readonly [StoreKey, StoreValue]> {
    return this.#values.entries();
  }

  *scan(from?: StoreKey, to?: StoreKey): IterableIterator<readonly [StoreKey, StoreValue]> {
    this.#order ??= new SortedKeys([...this.#values.keys()].sort());
    for (const key of this.#order.range(from, to)) {
      const value = this.#values.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  async prepareScan(): Promise<void> {
    if (this.#order !== undefined) return;
    if (this.size <= ORDERED_AT_ONCE) this.#order = new SortedKeys([...this.#values.keys()].sort());
    this.#ordering ??= this.#order === undefined ? this.#orderInSlices() : undefined;
    await this.#ordering;
  }

  async #orderInSlices(): Promise<void> {
    const unfinished = new SortedKeys();
    this.#unfinished = unfinished;
    let count = 0;
    for (const key of this.#values.keys()) {
      // One that is gone may still come.
      if (this.#values.has(key)) unfinished.add(key);
      if (++count % ORDERED_AT_ONCE !== 0) continue;
      await new Promise<void>((resolve) => setImmediate(resolve));
      // A scan that did not wait has made it.
      if (this.#order !== undefined) break;
    }
    this.#order ??= unfinished;
    this.#unfinished = undefined;
    this.#ordering = undefined;
  }

  #countReplaced(knownBytes: number, bytes: number): void {
    const grown = bytes - knownBytes;
    if (!this.#isExact) {
      this.#changes = grown === 0 ? Math.max(0, this.#changes - 1) : this.#changes + CHANGE_WEIGHT;
      const isLarge = bytes > LARGE_VALUE_BYTES || Math.abs(grown) > LARGE_CHANGE_BYTES;
      this.#isExact = isLarge || this.#changes > MAX_CHANGES;
      this.#untilLook = this.#nextStride();
    }
    this.#count(this.#isExact ? grown : Math.round(grown * MEAN_STRIDE));
  }

  #count(bytes: number): void {
    if (this.#account === undefined) return;
    // Estimates of what was replaced may err; nothing takes less than nothing.
    const counted = Math.max(0, this.#countedBytes + bytes);
    this.#account.add(counted - this.#countedBytes);
    this.#countedBytes = counted;
  }

  /** Not every so many-th, lest the records have the same rhythm. */
  #nextStride(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0;
    return 1 + (this.#random >>> (32 - STRIDE_BITS));
  }
}
