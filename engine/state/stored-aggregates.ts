import type { SqlValue } from '../../language/types/sql-type.ts';
import type { AggregateLayout } from './aggregate-layout.ts';
import { type AggregateEntry, type AggregateStore, type Group, NONE } from './aggregate-store.ts';
import { windowKey, windowParts, windowRange } from './key-codec.ts';
import type { StateStore, StoreKey } from './state-store.ts';

/** So many entries are looked at before other work of the process gets its turn. */
const LEARNED_AT_ONCE = 1000;

/**
 * Aggregates whose entries stand as values in a store, which need not be in memory. A slot is an entry that was read
 * since a key was last looked for.
 */
export class StoredAggregates implements AggregateStore {
  readonly isWindowed: boolean;
  readonly isHeldBySlots = false;
  readonly #store: StateStore;
  /** The store key of the key that was looked for. */
  #text: StoreKey = '';
  #texts: StoreKey[] = [];
  #entries: AggregateEntry[] = [];
  /** The store keys of each window start, for closing and forgetting windows as time goes on. */
  readonly #byStart = new Map<number, Set<StoreKey>>();

  constructor(store: StateStore, { isWindowed }: AggregateLayout) {
    this.#store = store;
    this.isWindowed = isWindowed;
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

  find(_key: number, startMs: number): number {
    return this.#read(this.#textOf(this.#text, startMs));
  }

  add({ key, text, startMs }: Group, states: readonly SqlValue[], timeMs: number): number {
    const at = this.#textOf(text, startMs);
    if (this.isWindowed) this.#remember(startMs, at);
    return this.#write(
      this.#texts.push(at) - 1,
      this.isWindowed ? [timeMs, states, key, startMs] : [timeMs, states, key],
    );
  }

  set(slot: number, states: readonly SqlValue[], timeMs: number): void {
    const [knownMs, , key, startMs] = this.#entries[slot]!;
    const newestMs = Math.max(knownMs, timeMs);
    this.#write(slot, startMs === undefined ? [newestMs, states, key] : [newestMs, states, key, startMs]);
  }

  remove(slot: number): void {
    const text = this.#texts[slot]!;
    this.#store.delete(text);
    const startMs = this.startOf(slot);
    const ofStart = this.#byStart.get(startMs);
    ofStart?.delete(text);
    if (ofStart?.size === 0) this.#byStart.delete(startMs);
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

  *learnStarts(): Iterable<void> {
    let count = 0;
    for (const [text] of this.#store.entries()) {
      this.#remember(windowParts(text)[1], text);
      if (++count % LEARNED_AT_ONCE === 0) yield;
    }
  }

  get starts(): Iterable<number> {
    return this.#byStart.keys();
  }

  slotsOfStart(startMs: number): number[] {
    return Array.from(this.#byStart.get(startMs) ?? [], (text) => this.#read(text));
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

  #remember(startMs: number, text: StoreKey): void {
    const ofStart = this.#byStart.get(startMs);
    if (ofStart === undefined) this.#byStart.set(startMs, new Set([text]));
    else ofStart.add(text);
  }
}
