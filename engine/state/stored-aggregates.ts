import type { SqlValue } from '../../language/types/sql-type.ts';
import type { AggregateLayout } from './aggregate-layout.ts';
import { type AggregateEntry, type AggregateStore, type GroupKey, NONE } from './aggregate-store.ts';
import { windowKey, windowRange } from './key-codec.ts';
import type { StoreKey, WindowStore } from './state-store.ts';

/**
 * Aggregates whose entries stand as values in a store, which need not be in memory. A slot is an entry that was read
 * since a key was last looked for.
 */
export class StoredAggregates implements AggregateStore {
  readonly isWindowed: boolean;
  readonly isHeldBySlots = false;
  readonly #store: WindowStore;
  /** The store key of the key that was looked for. */
  #text: StoreKey = '';
  #texts: StoreKey[] = [];
  #entries: AggregateEntry[] = [];

  constructor(store: WindowStore, { isWindowed }: AggregateLayout) {
    this.#store = store;
    this.isWindowed = isWindowed;
    if (isWindowed) store.findByStart();
  }

  get size(): number {
    return this.#store.size;
  }

  findKey(text: StoreKey): number {
    this.#text = text;
    this.#texts = [];
    this.#entries = [];
    return 0;
  }

  keyAt(): undefined {}

  find(_key: number, startMs: number): number {
    return this.#read(this.#textOf(this.#text, startMs));
  }

  findWindows(key: number, firstMs: number, advanceMs: number, count: number, slots: Int32Array): void {
    for (let i = 0; i < count; i++) slots[i] = this.find(key, firstMs + i * advanceMs);
  }

  add({ key, text }: GroupKey, _key: number, startMs: number, states: readonly SqlValue[], timeMs: number): number {
    const at = this.#textOf(text, startMs);
    const kept = states.slice();
    return this.#write(this.#texts.push(at) - 1, this.isWindowed ? [timeMs, kept, key, startMs] : [timeMs, kept, key]);
  }

  set(slot: number, states: readonly SqlValue[], timeMs: number): void {
    const [knownMs, , key, startMs] = this.#entries[slot]!;
    const newestMs = Math.max(knownMs, timeMs);
    const kept = states.slice();
    this.#write(slot, startMs === undefined ? [newestMs, kept, key] : [newestMs, kept, key, startMs]);
  }

  addInPlace(): boolean {
    return false;
  }

  remove(slot: number): void {
    this.#store.delete(this.#texts[slot]!);
  }

  timeOf(slot: number): number {
    return this.#entries[slot]![0];
  }

  startOf(slot: number): number {
    return this.#entries[slot]![3] ?? 0;
  }

  keyOf(slot: number): readonly SqlValue[] {
    return this.#entries[slot]![2];
  }

  keyNumberOf(): number {
    return 0;
  }

  stateOf(slot: number, index: number): SqlValue {
    return this.#entries[slot]![1][index]!;
  }

  placeOf(): number {
    return NONE;
  }

  setPlace(): void {
    throw new TypeError('The slots of stored aggregates cannot be held');
  }

  get starts(): Iterable<number> {
    return this.isWindowed ? this.#store.starts : [];
  }

  slotsOfStart(startMs: number): number[] {
    return this.#store.keysOfStart(startMs).map((text) => this.#read(text));
  }

  *entriesOfKey(text: StoreKey): Iterable<AggregateEntry> {
    if (this.isWindowed) {
      for (const [, entry] of this.#store.scan(...windowRange(text))) yield entry as unknown as AggregateEntry;
      return;
    }
    const entry = this.#store.get(text);
    if (entry !== undefined) yield entry as unknown as AggregateEntry;
  }

  entriesInOrder(): IterableIterator<readonly [StoreKey, AggregateEntry]> {
    return this.#store.scan() as IterableIterator<readonly [StoreKey, unknown]> as IterableIterator<
      readonly [StoreKey, AggregateEntry]
    >;
  }

  prepareScan(): Promise<void> {
    return this.#store.prepareScan();
  }

  #textOf(text: StoreKey, startMs: number): StoreKey {
    return this.isWindowed ? windowKey(text, startMs) : text;
  }

  #read(text: StoreKey): number {
    const entry = this.#store.get(text);
    if (entry === undefined) return NONE;
    this.#entries[this.#texts.push(text) - 1] = entry as unknown as AggregateEntry;
    return this.#texts.length - 1;
  }

  #write(slot: number, entry: AggregateEntry): number {
    this.#entries[slot] = entry;
    this.#store.put(this.#texts[slot]!, entry as SqlValue);
    return slot;
  }
}
