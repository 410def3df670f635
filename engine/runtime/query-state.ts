import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { MemoryAccount, MemoryBudget } from '../memory/memory-budget.ts';
import { MemoryStore } from '../state/memory-store.ts';
import type { StateStore, StateStores, StoreKey, StoreValue } from '../state/state-store.ts';

/** Length and checksum before each frame. */
const FRAME_HEADER_BYTES = 8;
/** The log is rewritten when it has grown by this factor over what a rewrite left. */
const COMPACTION_FACTOR = 4;
const MIN_COMPACTION_BYTES = 4 * 1024 * 1024;

/** What one commit changed. A value of undefined stands for a deleted key. */
interface Frame {
  readonly positions: readonly (readonly [string, number])[];
  readonly stores: readonly (readonly [string, readonly (readonly [StoreKey, StoreValue | undefined])[]])[];
}

export interface QueryStateOptions {
  /** The file that it is kept in; absent: in memory only. */
  readonly path?: string;
  /** The budget that what it holds is counted in, under the query's id. */
  readonly memory?: MemoryBudget;
  readonly queryId?: string;
}

/**
 * The state stores of one query together with how far it has read. With a file, each commit appends what changed since the one
 * before, positions included, so that both survive a crash as one; a torn frame at the end is as if it had not been written.
 */
export class QueryState implements StateStores {
  readonly #path: string | undefined;
  readonly #stores = new Map<string, TrackedStore>();
  /** By `topic-partition`: the offset of the next record to read, as of the last commit. */
  readonly #positions = new Map<string, number>();
  #file: FileHandle | undefined;
  #fileBytes = 0;
  #compactedBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  readonly #account: MemoryAccount | undefined;
  /** Called when there is room again for a state that had to stop growing. */
  onRoom: (() => void) | undefined;

  private constructor({ path, memory, queryId }: QueryStateOptions) {
    this.#path = path;
    this.#account = memory?.open(`state of ${queryId}`, 'state', { resume: () => this.onRoom?.() });
  }

  /** The state that the file holds, or an empty one that is kept in memory only. */
  static open(options: QueryStateOptions = {}): QueryState {
    const state = new QueryState(options);
    const { path } = options;
    if (path !== undefined) {
      mkdirSync(dirname(path), { recursive: true });
      if (existsSync(path)) state.#load(readFileSync(path));
    }
    return state;
  }

  open(name: string): StateStore {
    let store = this.#stores.get(name);
    if (store === undefined) {
      store = new TrackedStore(new MemoryStore(name, this.#account), this.#path !== undefined);
      this.#stores.set(name, store);
    }
    return store;
  }

  get positions(): ReadonlyMap<string, number> {
    return this.#positions;
  }

  /** Entries over all stores. */
  get size(): number {
    let size = 0;
    for (const store of this.#stores.values()) size += store.size;
    return size;
  }

  /** Whether it must not grow any more: the memory budget is used up, and this state is one of those that hold it. */
  get mustStop(): boolean {
    return this.#account?.mustStop === true;
  }

  /** About what it takes in memory. */
  get sizeBytes(): number {
    return this.#account?.usedBytes ?? 0;
  }

  /** Makes the changes since the last commit durable together with the positions. Calls are carried out in order. */
  commit(positions: ReadonlyMap<string, number>): Promise<void> {
    for (const [partition, offset] of positions) this.#positions.set(partition, offset);
    if (this.#path === undefined) return this.#writing;
    // Decided and encoded before anything is awaited: the frame must hold the state exactly as it is at these positions.
    const compact = this.#fileBytes > Math.max(MIN_COMPACTION_BYTES, COMPACTION_FACTOR * this.#compactedBytes);
    const stores = [...this.#stores].map(([name, store]) => [name, store.takeChanges(compact)] as const);
    const frame: Frame = {
      positions: [...this.#positions],
      stores: stores.filter(([, changes]) => changes.length > 0),
    };
    const bytes = encodeFrame(frame);
    this.#fileBytes = bytes.length + (compact ? 0 : this.#fileBytes);
    if (compact) this.#compactedBytes = bytes.length;
    this.#writing = this.#writing.then(() => (compact ? this.#replace(bytes) : this.#append(bytes)));
    return this.#writing;
  }

  /** Waits for what is being written and closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
    this.#stores.clear();
    this.#account?.close();
  }

  /** Closes the file and removes it. */
  async delete(): Promise<void> {
    await this.close();
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }

  async #append(bytes: Buffer): Promise<void> {
    this.#file ??= await open(this.#path!, 'a');
    await this.#file.write(bytes);
  }

  /** Puts one frame with all that is there in the place of the log. */
  async #replace(bytes: Buffer): Promise<void> {
    const temporary = `${this.#path}.new`;
    const file = await open(temporary, 'w');
    await file.write(bytes);
    await file.close();
    await this.#file?.close();
    this.#file = undefined;
    await rename(temporary, this.#path!);
  }

  #load(bytes: Buffer): void {
    let at = 0;
    while (at + FRAME_HEADER_BYTES <= bytes.length) {
      const length = bytes.readUInt32BE(at);
      const payload = bytes.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + length);
      if (payload.length < length || crc32(payload) !== bytes.readUInt32BE(at + 4)) break;
      this.#apply(deserialize(payload) as Frame);
      at += FRAME_HEADER_BYTES + length;
    }
    // What follows the last whole frame is cut off, or the next frames would stand behind something unreadable.
    if (at < bytes.length) truncateSync(this.#path!, at);
    this.#fileBytes = at;
  }

  #apply(frame: Frame): void {
    for (const [partition, offset] of frame.positions) this.#positions.set(partition, offset);
    for (const [name, changes] of frame.stores) {
      const store = this.open(name) as TrackedStore;
      for (const [key, value] of changes) store.restore(key, value);
    }
  }
}

function encodeFrame(frame: Frame): Buffer {
  const payload = serialize(frame);
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt32BE(payload.length, 0);
  header.writeUInt32BE(crc32(payload), 4);
  return Buffer.concat([header, payload]);
}

/** A store that remembers which keys have changed since the last commit. */
class TrackedStore implements StateStore {
  readonly name: string;
  readonly #inner: StateStore;
  readonly #changed: Set<StoreKey> | undefined;

  constructor(inner: StateStore, tracked: boolean) {
    this.name = inner.name;
    this.#inner = inner;
    this.#changed = tracked ? new Set() : undefined;
  }

  get size(): number {
    return this.#inner.size;
  }

  get(key: StoreKey): StoreValue | undefined {
    return this.#inner.get(key);
  }

  put(key: StoreKey, value: StoreValue): void {
    this.#changed?.add(key);
    this.#inner.put(key, value);
  }

  delete(key: StoreKey): void {
    this.#changed?.add(key);
    this.#inner.delete(key);
  }

  scan(from?: StoreKey, to?: StoreKey): IterableIterator<readonly [StoreKey, StoreValue]> {
    return this.#inner.scan(from, to);
  }

  /** Sets what the log holds, without counting it as a change. */
  restore(key: StoreKey, value: StoreValue | undefined): void {
    if (value === undefined) this.#inner.delete(key);
    else this.#inner.put(key, value);
  }

  /** The keys changed since the last call with their values, or `all` there are. */
  takeChanges(all: boolean): (readonly [StoreKey, StoreValue | undefined])[] {
    const keys = this.#changed ?? [];
    const changes = all ? [...this.#inner.scan()] : [...keys].map((key) => [key, this.#inner.get(key)] as const);
    this.#changed?.clear();
    return changes;
  }
}
