import { setImmediate as nextTurn } from 'node:timers/promises';
import { byteText } from '../../memory/byte-text.ts';
import { type MemoryAccount, type MemoryBudget, WHAT_TO_DO } from '../../memory/memory-budget.ts';
import { MemoryStore } from '../../state/memory-store.ts';
import type { StateStore, StateStores } from '../../state/state-store.ts';
import { TrackedStore } from '../../state/tracked-store.ts';
import { EntryBlock, StateFile, type StateFileOptions } from './state-file.ts';

/** So many entries, or bytes, are encoded before other work of the process gets its turn. */
export const SLICE_ENTRIES = 2000;
const SLICE_BYTES = 256 * 1024;
/** The file is rewritten when it has grown by this factor over what a rewrite left. */
const COMPACTION_FACTOR = 4;
const MIN_COMPACTION_BYTES = 4 * 1024 * 1024;

export interface QueryStateOptions {
  /** The budget that what it holds is counted in, under the query's id. */
  readonly memory?: MemoryBudget;
  readonly queryId?: string;
  /** The file that it is kept in; absent: in memory only. */
  readonly file?: StateFileOptions & { readonly path: string };
}

/**
 * A rewrite of the file that is under way: all entries, as they come by, and then what commits have changed since it
 * began.
 */
interface Compaction {
  readonly next: StateFile;
  /** Where the commits begin that it still lacks. */
  readonly fromBytes: number;
  /** All entries have been gone through. */
  isComplete: boolean;
  isAbandoned: boolean;
}

/**
 * The state stores of one query together with how far it has read. With a file, each commit appends what changed since
 * the one before, positions included, so that both survive a crash as one. Everything is done in slices: however large
 * the state is, the process goes on answering while it is written and read.
 */
export class QueryState implements StateStores {
  readonly #stores = new Map<string, TrackedStore>();
  /** Those that are to be prepared for scans. */
  readonly #scanned = new Set<TrackedStore>();
  readonly #account: MemoryAccount | undefined;
  readonly #isKept: boolean;
  /** By `topic-partition`: the offset of the next record to read, as of the last commit. */
  #positions: ReadonlyMap<string, number> = new Map();
  #file: StateFile | undefined;
  #isPrepared = false;
  #compactionBytes = MIN_COMPACTION_BYTES;
  #compaction: Compaction | undefined;
  /** Called when there is room again for a state that had to stop growing. */
  onRoom: (() => void) | undefined;

  private constructor({ memory, queryId, file }: QueryStateOptions) {
    this.#account = memory?.open(`state of ${queryId}`, 'state', { resume: () => this.onRoom?.() });
    this.#isKept = file !== undefined;
  }

  /**
   * The state that the file holds, or an empty one that is kept in memory only.
   *
   * @throws FileError; Error when the file is of another version, or does not fit into the memory
   */
  static async open(options: QueryStateOptions = {}): Promise<QueryState> {
    const state = new QueryState(options);
    if (options.file === undefined) return state;
    try {
      await state.#load(options.file, options.memory);
    } catch (error) {
      state.#account?.close();
      throw error;
    }
    return state;
  }

  open(name: string, use?: 'scanned'): StateStore {
    const store = this.#store(name);
    if (use === 'scanned') this.#scanned.add(store);
    return store;
  }

  has(prefix: string): boolean {
    for (const store of this.#stores.values()) if (store.size > 0 && store.name.startsWith(prefix)) return true;
    return false;
  }

  /**
   * Makes ready, in slices, what operators scan; to be called when they have opened their stores, before any record is
   * processed.
   */
  async prepareScans(): Promise<void> {
    for (const store of this.#scanned) await store.prepareScan();
    this.#scanned.clear();
  }

  get positions(): ReadonlyMap<string, number> {
    return this.#positions;
  }

  /** What is wrong with the file, where only its commits before the damage could be read. */
  get damage(): string | undefined {
    return this.#file?.damage;
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

  /**
   * Makes the changes since the last commit durable together with the positions: both as they are at the call, whatever
   * changes while it is being written. The next call waits for this one to end.
   *
   * @throws FileError; then the last commit stands, and the next writes what this one could not
   */
  async commit(positions: ReadonlyMap<string, number>): Promise<void> {
    const reached = new Map([...this.#positions, ...positions]);
    const file = this.#file;
    if (file === undefined) {
      this.#positions = reached;
      return;
    }
    const compaction = this.#compaction?.isComplete ? this.#compaction : undefined;
    const changes = [...this.#stores.values()].map((store) => ({ store, keys: store.beginCommit() }));
    let isWritten = false;
    try {
      if (!this.#isPrepared) file.prepare();
      this.#isPrepared = true;
      for (const { store, keys } of changes) await writeChanges(store, keys, file);
      await file.commit(reached);
      this.#positions = reached;
      isWritten = true;
    } finally {
      for (const { store } of changes) store.endCommit(isWritten);
    }
    if (compaction !== undefined) await this.#finish(compaction, file);
    else if (this.#compaction === undefined && file.sizeBytes > this.#compactionBytes) this.#compact(file);
  }

  /** Closes the file and gives the memory back. What is not committed is lost. */
  close(): void {
    this.#abandon();
    this.#file?.close();
    this.#file = undefined;
    this.#stores.clear();
    this.#account?.close();
  }

  /** Closes the file and removes it. */
  delete(): void {
    this.#abandon();
    this.#file?.delete();
    this.close();
  }

  #store(name: string): TrackedStore {
    let store = this.#stores.get(name);
    if (store === undefined) {
      store = new TrackedStore(new MemoryStore(name, this.#account), this.#isKept);
      this.#stores.set(name, store);
    }
    return store;
  }

  async #load(
    { path, ...options }: StateFileOptions & { readonly path: string },
    memory?: MemoryBudget,
  ): Promise<void> {
    const positions = new Map<string, number>();
    const content = {
      store: (name: string) => this.#store(name),
      position: (partition: string, offset: number) => positions.set(partition, offset),
      afterBlock: () => {
        if (memory?.overflows)
          throw new Error(
            `The state in ${path} does not fit into the memory budget of ${byteText(memory.limitBytes)}; the file stays as it is. ${WHAT_TO_DO}`,
          );
      },
    };
    this.#file = await StateFile.open(path, content, options);
    this.#positions = positions;
    this.#compactionBytes = Math.max(MIN_COMPACTION_BYTES, this.#file.sizeBytes * COMPACTION_FACTOR);
  }

  #compact(file: StateFile): void {
    // What fails here costs nothing but the attempt; it is made again when the file has grown further.
    this.#compactionBytes = file.sizeBytes * 2;
    try {
      const compaction = { next: file.beginNext(), fromBytes: file.sizeBytes, isComplete: false, isAbandoned: false };
      this.#compaction = compaction;
      void this.#copyEntries(compaction).catch(() => this.#abandon());
    } catch {
      this.#abandon();
    }
  }

  /**
   * Writes all entries as they are when it comes by them. Those that changed since the rewrite began are wrong by
   * themselves, but stand once more in the commits that are appended before the file counts.
   */
  async #copyEntries(compaction: Compaction): Promise<void> {
    for (const store of this.#stores.values()) {
      const block = new EntryBlock(store.name);
      for (const [key, value] of store.entries()) {
        block.add(key, value);
        if (!isSliceFull(block)) continue;
        compaction.next.append(block);
        await nextTurn();
        if (compaction.isAbandoned) return;
      }
      if (block.count > 0) compaction.next.append(block);
    }
    compaction.isComplete = true;
  }

  async #finish({ next, fromBytes }: Compaction, file: StateFile): Promise<void> {
    try {
      this.#file = await next.replace(file, fromBytes, this.#positions);
      this.#compaction = undefined;
      this.#compactionBytes = Math.max(MIN_COMPACTION_BYTES, this.#file.sizeBytes * COMPACTION_FACTOR);
    } catch {
      this.#abandon();
    }
  }

  #abandon(): void {
    const compaction = this.#compaction;
    if (compaction === undefined) return;
    this.#compaction = undefined;
    compaction.isAbandoned = true;
    compaction.next.delete();
  }
}

async function writeChanges(store: TrackedStore, keys: Iterable<string>, file: StateFile): Promise<void> {
  const block = new EntryBlock(store.name);
  for (const key of keys) {
    block.add(key, store.committed(key));
    if (!isSliceFull(block)) continue;
    file.append(block);
    await nextTurn();
  }
  if (block.count > 0) file.append(block);
}

const isSliceFull = ({ count, sizeBytes }: EntryBlock): boolean => count >= SLICE_ENTRIES || sizeBytes >= SLICE_BYTES;
