import type { SqlValue } from '../../language/types/sql-type.ts';
import type { MemoryAccount } from '../memory/memory-budget.ts';
import { valueBytes } from '../memory/value-bytes.ts';
import { NONE } from './aggregate-store.ts';
import { MemoryStore } from './memory-store.ts';
import type { StoreKey } from './state-store.ts';

const FIRST_IDS = 16;

/**
 * The keys of a table, each kept once under a small number, with the head of the chain of its entries. A key that has
 * no entry any more is forgotten, and its number is taken again.
 */
export class KeyIds {
  readonly #ids: MemoryStore;
  readonly #keys: (readonly SqlValue[] | undefined)[] = [];
  readonly #texts: StoreKey[] = [];
  readonly #free: number[] = [];
  readonly #account: MemoryAccount | undefined;
  #heads = new Int32Array(FIRST_IDS);
  /** No entry of the key has a later start. */
  #latestStarts = new Float64Array(FIRST_IDS);

  constructor(name: string, account: MemoryAccount | undefined) {
    this.#ids = new MemoryStore(name, account);
    this.#account = account;
  }

  find(text: StoreKey): number {
    return (this.#ids.get(text) as number | undefined) ?? NONE;
  }

  /** @param text the key's store key, which is not there yet */
  add(text: StoreKey, key: readonly SqlValue[]): number {
    const id = this.#free.pop() ?? this.#keys.length;
    if (id === this.#heads.length) this.#grow();
    this.#keys[id] = key;
    this.#texts[id] = text;
    this.#heads[id] = NONE;
    this.#latestStarts[id] = Number.NEGATIVE_INFINITY;
    this.#ids.put(text, id);
    this.#account?.add(valueBytes(key));
    return id;
  }

  delete(id: number): void {
    this.#account?.add(-valueBytes(this.#keys[id]));
    this.#ids.delete(this.#texts[id]!);
    this.#keys[id] = undefined;
    this.#texts[id] = '';
    this.#free.push(id);
  }

  /** Undefined for a number that stands for no key now. */
  key(id: number): readonly SqlValue[] | undefined {
    return this.#keys[id];
  }

  text(id: number): StoreKey {
    return this.#texts[id]!;
  }

  /** The newest entry of the key, with which its chain begins. */
  head(id: number): number {
    return this.#heads[id]!;
  }

  setHead(id: number, slot: number): void {
    this.#heads[id] = slot;
  }

  /** What no entry of the key starts after. */
  latestStart(id: number): number {
    return this.#latestStarts[id]!;
  }

  /** An entry of the key that starts so has come. */
  noteStart(id: number, startMs: number): void {
    if (startMs > this.#latestStarts[id]!) this.#latestStarts[id] = startMs;
  }

  /** The keys in the order of their texts. */
  *inOrder(): IterableIterator<number> {
    for (const [, id] of this.#ids.scan()) yield id as number;
  }

  /** Makes the order of keys in slices. */
  prepareOrder(): Promise<void> {
    return this.#ids.prepareScan();
  }

  #grow(): void {
    const heads = new Int32Array(2 * this.#heads.length);
    heads.set(this.#heads);
    const latestStarts = new Float64Array(heads.length);
    latestStarts.set(this.#latestStarts);
    this.#account?.add(12 * this.#heads.length);
    this.#heads = heads;
    this.#latestStarts = latestStarts;
  }
}
