import type { MemoryAccount } from '../memory/memory-budget.ts';
import { NONE } from './aggregate-store.ts';
import { KEY, type SlotPages, START } from './slot-pages.ts';

const FIRST_PLACES = 16;
/** An index of more entries is divided, so that none of its parts takes long when it grows. */
const UNDIVIDED_ENTRIES = 2 ** 15;
const SHARD_BITS = 6;

/**
 * One hash table with open addressing: the numbers of slots, one more than they are; 0 is an empty place. Eight bits of
 * the hash beside each spare looking at nearly all slots that are not the one.
 */
interface Shard {
  places: Int32Array;
  tags: Uint8Array;
  count: number;
}

const PLACE_BYTES = 5;

/** Finds the slot of a key's window: hash tables with linear probing over the numbers of slots. */
export class SlotIndex {
  readonly #pages: SlotPages;
  readonly #account: MemoryAccount | undefined;
  #shards: Shard[];
  #count = 0;

  constructor(pages: SlotPages, account: MemoryAccount | undefined) {
    this.#pages = pages;
    this.#account = account;
    this.#shards = [this.#shard(FIRST_PLACES)];
  }

  find(key: number, startMs: number): number {
    const hash = hashOf(key, startMs);
    const { places, tags } = this.#shardOf(hash);
    const last = places.length - 1;
    const tag = tagOf(hash);
    for (let at = hash & last; ; at = (at + 1) & last) {
      const slot = places[at]! - 1;
      if (slot === NONE) return NONE;
      if (tags[at] !== tag) continue;
      if (this.#pages.integer(slot, KEY) === key && this.#pages.double(slot, START) === startMs) return slot;
    }
  }

  /** Adds a slot whose key and start stand in it, and are not in the index. */
  add(slot: number): void {
    if (++this.#count > UNDIVIDED_ENTRIES && this.#shards.length === 1) this.#divide();
    this.#place(this.#shardOf(this.#hash(slot)), slot);
  }

  /** Takes a slot out, whose key and start still stand in it; those that were moved on by it move back. */
  delete(slot: number): void {
    const hash = this.#hash(slot);
    const shard = this.#shardOf(hash);
    const { places, tags } = shard;
    const last = places.length - 1;
    let hole = hash & last;
    while (places[hole] !== slot + 1) hole = (hole + 1) & last;
    for (let at = (hole + 1) & last; places[at] !== 0; at = (at + 1) & last) {
      const home = this.#hash(places[at]! - 1) & last;
      // It may stand in the hole unless its home lies behind that.
      if (((at - home) & last) < ((at - hole) & last)) continue;
      places[hole] = places[at]!;
      tags[hole] = tags[at]!;
      hole = at;
    }
    places[hole] = 0;
    shard.count--;
    this.#count--;
  }

  #hash(slot: number): number {
    return hashOf(this.#pages.integer(slot, KEY), this.#pages.double(slot, START));
  }

  #shardOf(hash: number): Shard {
    return this.#shards.length === 1 ? this.#shards[0]! : this.#shards[hash >>> (32 - SHARD_BITS)]!;
  }

  #place(shard: Shard, slot: number): void {
    if (++shard.count * 4 > shard.places.length * 3) this.#grow(shard);
    const { places, tags } = shard;
    const last = places.length - 1;
    const hash = this.#hash(slot);
    let at = hash & last;
    while (places[at] !== 0) at = (at + 1) & last;
    places[at] = slot + 1;
    tags[at] = tagOf(hash);
  }

  #grow(shard: Shard): void {
    const { places: known, count } = shard;
    Object.assign(shard, this.#shard(2 * known.length));
    for (const place of known) if (place !== 0) this.#place(shard, place - 1);
    shard.count = count;
    this.#account?.add(-PLACE_BYTES * known.length);
  }

  #divide(): void {
    const [whole] = this.#shards;
    const places = whole!.places.length >> (SHARD_BITS - 1);
    this.#shards = Array.from({ length: 2 ** SHARD_BITS }, () => this.#shard(places));
    for (const place of whole!.places) if (place !== 0) this.#place(this.#shardOf(this.#hash(place - 1)), place - 1);
    this.#account?.add(-PLACE_BYTES * whole!.places.length);
  }

  #shard(places: number): Shard {
    this.#account?.add(PLACE_BYTES * places);
    return { places: new Int32Array(places), tags: new Uint8Array(places), count: 0 };
  }
}

/** Neither the bits that choose a shard nor those that choose a place in a small one. */
const tagOf = (hash: number): number => (hash >>> 18) & 0xff;

/** Starts are whole numbers, of which the lower 32 bits tell windows apart. */
function hashOf(key: number, startMs: number): number {
  let hash = Math.imul(key, 0x9e3779b1) ^ Math.imul(startMs | 0, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
  return hash ^ (hash >>> 16);
}
