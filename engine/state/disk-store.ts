import type { MemoryAccount } from '../memory/memory-budget.ts';
import { valueBytes } from '../memory/value-bytes.ts';
import type { CommittingStore } from './committing-store.ts';
import { windowParts } from './key-codec.ts';
import { ShardedMap } from './sharded-map.ts';
import { SortedKeys } from './sorted-keys.ts';
import type { StoreKey, StoreValue, WindowStore } from './state-store.ts';
import type { StoredWindows } from './stored-entries.ts';

/** What an entry takes in memory besides its key and value. */
const ENTRY_BYTES = 96;
/** So many entries are read at once by who goes through a store. */
const PAGE_ENTRIES = 256;
/** Stands for an entry that is not there. */
const GONE = Symbol('gone');

type Known = StoreValue | typeof GONE;

/** Entries that became known at about the same time. */
class Generation {
  readonly entries = new ShardedMap<Known>();
  /** Keys of windows by their starts: of those that were not there before. */
  readonly fresh = new Map<number, Set<StoreKey>>();
  bytes = 0;

  set(key: StoreKey, known: Known): void {
    // What replaces something is about as large; the generation will soon be given up as a whole.
    if (this.entries.set(key, known)) this.bytes += ENTRY_BYTES + key.length + (known === GONE ? 0 : valueBytes(known));
  }
}

/**
 * A store whose entries are on a disk; memory has those that have changed since the last commit, and some that were
 * used last, also of those that were looked for and are not there. So what changes again and again costs as much as in
 * memory, and a commit writes it once.
 */
export class DiskStore implements CommittingStore, WindowStore {
  readonly name: string;
  changes = 0;
  readonly #stored: StoredWindows;
  readonly #account: MemoryAccount | undefined;
  readonly #cacheBytes: () => number;
  #changed = new Generation();
  /** What the commit under way writes. */
  #pending: Generation | undefined;
  /** What is as it stands on the disk; of several that know an entry the first is right. */
  #clean: Generation[] = [];
  #countedBytes = 0;
  #size: number;
  /** The keys of what is not on the disk as it is; made by the first scan after a commit. */
  #order: SortedKeys | undefined;
  /** How many windows there are of each start; undefined where nobody asks for them. */
  #counts: Map<number, number> | undefined;

  /** @param cacheBytes what it may keep in memory of entries that have not changed */
  constructor(name: string, stored: StoredWindows, cacheBytes: () => number, account?: MemoryAccount) {
    this.name = name;
    this.#stored = stored;
    this.#cacheBytes = cacheBytes;
    this.#account = account;
    this.#size = stored.count;
  }

  get size(): number {
    return this.#size;
  }

  get(key: StoreKey): StoreValue | undefined {
    const known = this.#known(key);
    return known === GONE ? undefined : known;
  }

  put(key: StoreKey, value: StoreValue): void {
    if (this.#known(key) === GONE) {
      this.#size++;
      if (this.#counts !== undefined) this.#came(key, this.#counts);
    }
    this.#change(key, value);
  }

  delete(key: StoreKey): void {
    if (this.#known(key) === GONE) return;
    this.#size--;
    if (this.#counts !== undefined) this.#went(key, this.#counts);
    this.#change(key, GONE);
  }

  /** As a change, which the next commit writes: the disk has what it has. */
  restore(key: StoreKey, value: StoreValue | undefined): void {
    if (value === undefined) this.delete(key);
    else this.put(key, value);
  }

  *scan(from: StoreKey = '', to?: StoreKey): IterableIterator<readonly [StoreKey, StoreValue]> {
    let first = from;
    let isIncluded = true;
    for (;;) {
      const page = this.#stored.page(first, isIncluded, to, PAGE_ENTRIES);
      const last = page.length < PAGE_ENTRIES ? undefined : page.at(-1)![0];
      yield* this.#merged(page, first, isIncluded, last, to);
      if (last === undefined) return;
      first = last;
      isIncluded = false;
    }
  }

  entries(): IterableIterator<readonly [StoreKey, StoreValue]> {
    return this.scan();
  }

  async prepareScan(): Promise<void> {
    // Only what has changed since the last commit has to be put into order.
  }

  beginCommit(): Iterable<StoreKey> {
    const pending = this.#changed;
    this.#pending = pending;
    this.#changed = new Generation();
    return { [Symbol.iterator]: () => pending.entries.keys() };
  }

  committed(key: StoreKey): StoreValue | undefined {
    const known = this.#pending!.entries.get(key);
    return known === GONE ? undefined : known;
  }

  endCommit(isWritten: boolean): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    if (isWritten) {
      this.#clean.unshift(pending);
      this.#order = undefined;
      this.#shrink();
      return;
    }
    for (const [key, known] of pending.entries.entries())
      if (!this.#changed.entries.has(key)) this.#changed.set(key, known);
    for (const [startMs, keys] of pending.fresh) for (const key of keys) addTo(this.#changed.fresh, startMs, key);
    this.#count();
  }

  findByStart(): void {
    if (this.#counts !== undefined) return;
    const counts = new Map(this.#stored.starts());
    this.#counts = counts;
    const unwritten = new Map([...(this.#pending?.entries.entries() ?? []), ...this.#changed.entries.entries()]);
    for (const [key, known] of unwritten) {
      const isOnDisk = this.#stored.get(key) !== undefined;
      if (known !== GONE && !isOnDisk) this.#came(key, counts);
      if (known === GONE && isOnDisk) this.#went(key, counts);
    }
  }

  get starts(): Iterable<number> {
    return this.#counts!.keys();
  }

  keysOfStart(startMs: number): readonly StoreKey[] {
    if (!this.#counts!.has(startMs)) return [];
    const keys = new Set(this.#stored.keysOfStart(startMs));
    for (const generation of [this.#pending, this.#changed])
      for (const key of generation?.fresh.get(startMs) ?? []) keys.add(key);
    return [...keys].filter((key) => this.#unwritten(key) !== GONE);
  }

  /** Gives its memory back. It is not to be used any more. */
  release(): void {
    this.#changed = new Generation();
    this.#clean = [];
    this.#pending = undefined;
    this.#count();
  }

  /** What an entry is; asks the disk where memory does not know. */
  #known(key: StoreKey): Known {
    let known = this.#unwritten(key);
    if (known !== undefined) return known;
    for (let i = 0; i < this.#clean.length; i++) {
      known = this.#clean[i]!.entries.get(key);
      if (known === undefined) continue;
      // What is used stays.
      if (i > 0) this.#remember(key, known);
      return known;
    }
    if (this.#cannotBeStored(key)) return GONE;
    known = this.#stored.get(key) ?? GONE;
    this.#remember(key, known);
    return known;
  }

  /** What is new, as most windows are when they begin, need not be looked for on the disk. */
  #cannotBeStored(key: StoreKey): boolean {
    return this.#stored.count === 0 || this.#counts?.has(windowParts(key)[1]) === false;
  }

  #unwritten(key: StoreKey): Known | undefined {
    return this.#changed.entries.get(key) ?? this.#pending?.entries.get(key);
  }

  #change(key: StoreKey, known: Known): void {
    this.changes++;
    const before = this.#changed.bytes;
    this.#changed.set(key, known);
    this.#order?.add(key);
    if (this.#changed.bytes !== before) this.#add(this.#changed.bytes - before);
  }

  #came(key: StoreKey, counts: Map<number, number>): void {
    const startMs = windowParts(key)[1];
    counts.set(startMs, (counts.get(startMs) ?? 0) + 1);
    addTo(this.#changed.fresh, startMs, key);
  }

  #went(key: StoreKey, counts: Map<number, number>): void {
    const startMs = windowParts(key)[1];
    const left = counts.get(startMs)! - 1;
    if (left > 0) counts.set(startMs, left);
    else counts.delete(startMs);
  }

  #remember(key: StoreKey, known: Known): void {
    let newest = this.#clean[0];
    if (newest === undefined || newest.bytes > this.#cacheBytes() / 4) {
      newest = new Generation();
      this.#clean.unshift(newest);
      this.#shrink();
    }
    const before = newest.bytes;
    newest.set(key, known);
    this.#add(newest.bytes - before);
  }

  /** Gives up what was used longest ago and stands on the disk as it is, so many bytes or all there is. */
  giveUp(bytes: number): void {
    let left = bytes;
    while (left > 0 && this.#clean.length > 0) left -= this.#clean.pop()!.bytes;
    this.#count();
  }

  #shrink(): void {
    this.giveUp(this.#clean.reduce((sum, generation) => sum + generation.bytes, 0) - this.#cacheBytes());
  }

  /** What stands on a page of the disk, and what has changed there since. */
  *#merged(
    page: readonly (readonly [StoreKey, StoreValue])[],
    first: StoreKey,
    isIncluded: boolean,
    last: StoreKey | undefined,
    to: StoreKey | undefined,
  ): IterableIterator<readonly [StoreKey, StoreValue]> {
    const changed = [...this.#changedKeys(first, isIncluded, last, to)];
    let at = 0;
    for (const entry of page) {
      while (at < changed.length && changed[at]! < entry[0]) yield* this.#own(changed[at++]!);
      if (changed[at] === entry[0]) yield* this.#own(changed[at++]!);
      else yield entry;
    }
    while (at < changed.length) yield* this.#own(changed[at++]!);
  }

  *#own(key: StoreKey): IterableIterator<readonly [StoreKey, StoreValue]> {
    const value = this.get(key);
    if (value !== undefined) yield [key, value];
  }

  *#changedKeys(
    first: StoreKey,
    isIncluded: boolean,
    last: StoreKey | undefined,
    to: StoreKey | undefined,
  ): IterableIterator<StoreKey> {
    if (this.#order === undefined) {
      const keys = [...this.#changed.entries.keys(), ...(this.#pending?.entries.keys() ?? [])];
      this.#order = new SortedKeys([...new Set(keys)].sort());
    }
    for (const key of this.#order.range(first, to)) {
      if (last !== undefined && key > last) return;
      if (isIncluded || key !== first) yield key;
    }
  }

  #add(bytes: number): void {
    // Where there is no room, it is asked to give some up at once.
    this.#countedBytes += bytes;
    this.#account?.add(bytes);
  }

  #count(): void {
    const generations = [this.#changed, ...(this.#pending === undefined ? [] : [this.#pending]), ...this.#clean];
    this.#add(generations.reduce((sum, generation) => sum + generation.bytes, 0) - this.#countedBytes);
  }
}

function addTo(sets: Map<number, Set<StoreKey>>, startMs: number, key: StoreKey): void {
  const keys = sets.get(startMs);
  if (keys === undefined) sets.set(startMs, new Set([key]));
  else keys.add(key);
}
