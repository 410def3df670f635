import type { SqlValue } from '../../language/types/sql-type.ts';
import type { MemoryAccount } from '../memory/memory-budget.ts';
import type { AggregateLayout } from './aggregate-layout.ts';
import { type AddInPlace, type AggregateEntry, type AggregateStore, type GroupKey, NONE } from './aggregate-store.ts';
import { ChangedSlots } from './changed-slots.ts';
import type { CommittingStore } from './committing-store.ts';
import { windowKey, windowParts } from './key-codec.ts';
import { KeyIds } from './key-ids.ts';
import { SlotChains } from './slot-chains.ts';
import { SlotIndex } from './slot-index.ts';
import { KEY, NEXT_OF_KEY, PLACE, SlotPages, START, TIME } from './slot-pages.ts';
import { StateCells } from './state-cells.ts';
import type { StoreKey, StoreValue } from './state-store.ts';

/** So many entries of a key are looked at, newest first, before an index is asked. */
const FOLLOWED = 8;

export interface AggregateTableOptions {
  readonly layout: AggregateLayout;
  /** Where what it holds is counted. */
  readonly account?: MemoryAccount | undefined;
  /** Whether its changes are committed anywhere. */
  readonly isTracked?: boolean;
}

/**
 * The aggregates of groups, or of their windows, in a few dozen bytes each. An entry is known by its slot: it has the
 * key, the start of its window, the time of its newest record, and the state of each aggregate. For commits, and for
 * whoever reads a store, entries are also keys and values like those of any other store.
 */
export class AggregateTable implements AggregateStore, CommittingStore {
  readonly isHeldBySlots = true;
  readonly name: string;
  changes = 0;
  readonly layout: AggregateLayout;
  readonly pages: SlotPages;
  readonly #keys: KeyIds;
  readonly #index: SlotIndex;
  readonly #chains: SlotChains;
  readonly #states: StateCells;
  readonly #changes: ChangedSlots | undefined;

  constructor(name: string, { layout, account, isTracked }: AggregateTableOptions) {
    this.name = name;
    this.layout = layout;
    this.pages = new SlotPages(StateCells.width(layout), account);
    this.#keys = new KeyIds(name, account);
    this.#index = new SlotIndex(this.pages, account);
    this.#chains = new SlotChains(this.pages, this.#keys);
    this.#states = new StateCells(layout, this.pages, account);
    this.#changes = isTracked ? new ChangedSlots(this) : undefined;
  }

  get isWindowed(): boolean {
    return this.layout.isWindowed;
  }

  get size(): number {
    return this.pages.count;
  }

  findKey(text: StoreKey): number {
    return this.#keys.find(text);
  }

  keyAt(key: number): readonly SqlValue[] | undefined {
    return key === NONE ? undefined : this.#keys.key(key);
  }

  find(key: number, startMs: number): number {
    if (key === NONE) return NONE;
    // The windows of a key that are wanted are nearly always its newest.
    let slot = this.#keys.head(key);
    for (let left = FOLLOWED; left > 0 && slot !== NONE; left--) {
      if (this.pages.double(slot, START) === startMs) return slot;
      slot = this.pages.integer(slot, NEXT_OF_KEY);
    }
    return slot === NONE ? NONE : this.#findByIndex(key, startMs);
  }

  findWindows(key: number, firstMs: number, advanceMs: number, count: number, slots: Int32Array): void {
    for (let i = 0; i < count; i++) slots[i] = NONE;
    if (key === NONE) return;
    let missing = count;
    let slot = this.#keys.head(key);
    for (let left = FOLLOWED + count; left > 0 && missing > 0 && slot !== NONE; left--) {
      const place = (this.pages.double(slot, START) - firstMs) / advanceMs;
      if (place >= 0 && place < count && Number.isInteger(place)) {
        slots[place] = slot;
        missing--;
      }
      slot = this.pages.integer(slot, NEXT_OF_KEY);
    }
    if (missing === 0 || slot === NONE) return;
    for (let i = 0; i < count; i++) if (slots[i] === NONE) slots[i] = this.#findByIndex(key, firstMs + i * advanceMs);
  }

  #findByIndex(key: number, startMs: number): number {
    return this.isWindowed && startMs <= this.#keys.latestStart(key) ? this.#index.find(key, startMs) : NONE;
  }

  add(group: GroupKey, key: number, startMs: number, states: readonly SqlValue[], timeMs: number): number {
    const slot = this.#add(group, key, startMs);
    this.pages.setDouble(slot, TIME, timeMs);
    this.#setStates(slot, states);
    this.#changes?.added(slot);
    return slot;
  }

  set(slot: number, states: readonly SqlValue[], timeMs: number): void {
    this.#changes?.willChange(slot);
    if (timeMs > this.pages.double(slot, TIME)) this.pages.setDouble(slot, TIME, timeMs);
    this.#setStates(slot, states);
  }

  addInPlace(slot: number, add: AddInPlace, values: readonly SqlValue[], timeMs: number): boolean {
    this.#changes?.willChange(slot);
    if (!this.pages.addTo(slot, add, values)) return false;
    this.changes++;
    if (timeMs > this.pages.double(slot, TIME)) this.pages.setDouble(slot, TIME, timeMs);
    return true;
  }

  remove(slot: number): void {
    this.#changes?.willGo(slot);
    this.#drop(slot);
  }

  timeOf(slot: number): number {
    return this.pages.double(slot, TIME);
  }

  startOf(slot: number): number {
    return this.pages.double(slot, START);
  }

  keyNumberOf(slot: number): number {
    return this.pages.integer(slot, KEY);
  }

  keyOf(slot: number): readonly SqlValue[] {
    return this.#keys.key(this.pages.integer(slot, KEY))!;
  }

  stateOf(slot: number, index: number): SqlValue {
    return this.#states.get(slot, index);
  }

  placeOf(slot: number): number {
    return this.pages.integer(slot, PLACE);
  }

  setPlace(slot: number, place: number): void {
    this.pages.setInteger(slot, PLACE, place);
  }

  get starts(): IterableIterator<number> {
    return this.#chains.starts;
  }

  slotsOfStart(startMs: number): number[] {
    return this.#chains.ofStart(startMs);
  }

  *entriesOfKey(text: StoreKey): Iterable<AggregateEntry> {
    for (const slot of this.#slotsOfKey(this.findKey(text))) if (this.pages.isUsed(slot)) yield this.#entryOf(slot);
  }

  *entriesInOrder(): IterableIterator<readonly [StoreKey, AggregateEntry]> {
    for (const key of this.#keys.inOrder())
      for (const slot of this.#slotsOfKey(key))
        if (this.pages.integer(slot, KEY) === key) yield [this.textOf(slot), this.#entryOf(slot)];
  }

  textOf(slot: number): StoreKey {
    const text = this.#keys.text(this.pages.integer(slot, KEY));
    return this.isWindowed ? windowKey(text, this.startOf(slot)) : text;
  }

  valueAt(slot: number): StoreValue {
    return this.#entryOf(slot) as StoreValue;
  }

  get(text: StoreKey): StoreValue | undefined {
    const slot = this.#find(text);
    return slot === NONE ? undefined : this.valueAt(slot);
  }

  put(text: StoreKey, value: StoreValue): void {
    const slot = this.#find(text);
    if (slot !== NONE) this.#changes?.willChange(slot);
    const at = this.#put(text, slot, value as AggregateEntry);
    if (slot === NONE) this.#changes?.added(at);
  }

  delete(text: StoreKey): void {
    const slot = this.#find(text);
    if (slot !== NONE) this.remove(slot);
    // What is not here may still stand where commits go.
    else this.#changes?.markRemoved(text);
  }

  *entries(): IterableIterator<readonly [StoreKey, StoreValue]> {
    for (let slot = 0; slot < this.pages.end; slot++)
      if (this.pages.isUsed(slot)) yield [this.textOf(slot), this.valueAt(slot)];
  }

  *scan(from?: StoreKey, to?: StoreKey): IterableIterator<readonly [StoreKey, StoreValue]> {
    for (const [text, entry] of this.entriesInOrder()) {
      if (to !== undefined && text >= to) return;
      if (from === undefined || text >= from) yield [text, entry as StoreValue];
    }
  }

  prepareScan(): Promise<void> {
    return this.#keys.prepareOrder();
  }

  restore(text: StoreKey, value: StoreValue | undefined): void {
    const slot = this.#find(text);
    if (value !== undefined) this.#put(text, slot, value as AggregateEntry);
    else if (slot !== NONE) this.#drop(slot);
  }

  beginCommit(): Iterable<StoreKey> {
    return this.#changes?.begin() ?? [];
  }

  committed(text: StoreKey): StoreValue | undefined {
    return this.#changes === undefined ? this.get(text) : this.#changes.committed(text);
  }

  endCommit(isWritten: boolean): void {
    this.#changes?.end(isWritten);
  }

  #entryOf(slot: number): AggregateEntry {
    const states = this.layout.states.map((_, index) => this.stateOf(slot, index));
    const [timeMs, key] = [this.timeOf(slot), this.keyOf(slot)];
    return this.isWindowed ? [timeMs, states, key, this.startOf(slot)] : [timeMs, states, key];
  }

  #slotsOfKey(key: number): number[] {
    if (key === NONE) return [];
    return this.#chains.ofKey(key).sort((a, b) => this.startOf(a) - this.startOf(b));
  }

  #setStates(slot: number, states: readonly SqlValue[]): void {
    this.changes++;
    for (let index = 0; index < this.layout.states.length; index++)
      this.#states.set(slot, index, states[index] ?? null);
  }

  #find(text: StoreKey): number {
    if (!this.isWindowed) return this.find(this.#keys.find(text), 0);
    const [key, startMs] = windowParts(text);
    return this.find(this.#keys.find(key), startMs);
  }

  #add({ text, key }: GroupKey, known: number, startMs: number): number {
    const slot = this.pages.take();
    this.pages.setInteger(slot, KEY, known === NONE ? this.#keys.add(text, key) : known);
    this.pages.setDouble(slot, START, startMs);
    this.#chains.add(slot);
    if (this.isWindowed) {
      this.#index.add(slot);
      this.#keys.noteStart(this.pages.integer(slot, KEY), startMs);
    }
    return slot;
  }

  #put(text: StoreKey, known: number, [timeMs, states, key, startMs = 0]: AggregateEntry): number {
    const keyText = this.isWindowed ? windowParts(text)[0] : text;
    const slot = known === NONE ? this.#add({ text: keyText, key }, this.findKey(keyText), startMs) : known;
    this.pages.setDouble(slot, TIME, timeMs);
    this.#setStates(slot, states);
    return slot;
  }

  #drop(slot: number): void {
    this.changes++;
    const key = this.pages.integer(slot, KEY);
    if (this.isWindowed) this.#index.delete(slot);
    if (this.#chains.delete(slot)) this.#keys.delete(key);
    this.#states.clear(slot);
    this.pages.leave(slot);
  }
}
