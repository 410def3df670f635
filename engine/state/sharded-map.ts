/** A map that has more entries is divided: so many are moved within milliseconds. */
const UNDIVIDED_ENTRIES = 2 ** 15;
/**
 * 32 maps, whose heads fit into the fastest cache. With some millions of entries each of them still grows within a few
 * hundredths of a second.
 */
const SHARD_BITS = 5;
/** Of long keys so many characters are looked at. */
const HASHED_CHARACTERS = 64;

/**
 * A map of any size. V8's own moves all of its entries in one go whenever it has doubled, which takes a second for some
 * millions, and ends at 2^24; so a large one is divided into many by a hash of the key.
 */
export class ShardedMap<V> {
  #first = new Map<string, V>();
  #shards: readonly Map<string, V>[] | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#of(key).get(key);
  }

  has(key: string): boolean {
    return this.#of(key).has(key);
  }

  /** @returns whether the key was not there */
  set(key: string, value: V): boolean {
    const map = this.#of(key);
    const before = map.size;
    map.set(key, value);
    if (map.size === before) return false;
    if (++this.#size > UNDIVIDED_ENTRIES && this.#shards === undefined) this.#divide();
    return true;
  }

  /** @returns whether it was there */
  delete(key: string): boolean {
    if (!this.#of(key).delete(key)) return false;
    this.#size--;
    return true;
  }

  clear(): void {
    this.#first = new Map();
    this.#shards = undefined;
    this.#size = 0;
  }

  /**
   * All entries, in no order. Where the map is changed meanwhile, what is new may come or not, and what is gone may
   * still come as it was.
   */
  *entries(): IterableIterator<[string, V]> {
    if (this.#shards === undefined) yield* this.#first;
    else for (const shard of this.#shards) yield* shard;
  }

  *keys(): IterableIterator<string> {
    if (this.#shards === undefined) yield* this.#first.keys();
    else for (const shard of this.#shards) yield* shard.keys();
  }

  #of(key: string): Map<string, V> {
    return this.#shards === undefined ? this.#first : this.#shards[shardOf(key)]!;
  }

  /** Leaves the undivided map as it is for those who are going through it. */
  #divide(): void {
    const shards = Array.from({ length: 2 ** SHARD_BITS }, () => new Map<string, V>());
    for (const [key, value] of this.#first) shards[shardOf(key)]!.set(key, value);
    this.#first = new Map();
    this.#shards = shards;
  }
}

function shardOf(key: string): number {
  const step = 1 + Math.floor(key.length / HASHED_CHARACTERS);
  let hash = 0;
  for (let i = 0; i < key.length; i += step) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> (32 - SHARD_BITS);
}
