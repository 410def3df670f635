import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordBatch } from '../../broker/record-batch.ts';
import { byteText } from '../../memory/byte-text.ts';
import { type MemoryAccount, type MemoryBudget, WHAT_TO_DO } from '../../memory/memory-budget.ts';
import type { CommittingStore } from '../../state/committing-store.ts';
import { MemoryStore } from '../../state/memory-store.ts';
import { RowLog } from '../../state/row-log.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { StateStores } from '../../state/state-stores.ts';
import { TrackedStore } from '../../state/tracked-store.ts';
import { ChangelogWriter, readChangelog, SLICE_BYTES, SLICE_ENTRIES } from './changelog-entries.ts';
import type { ChangelogTopics } from './changelog-topics.ts';
import { EntryBlock, StateFile, type StateFileOptions, type StatePlace, UnusableStateFile } from './state-file.ts';

/** The file is rewritten when it has grown by this factor over what a rewrite left. */
const COMPACTION_FACTOR = 4;
const MIN_COMPACTION_BYTES = 4 * 1024 * 1024;

export interface QueryStateOptions {
  /** The budget that what it holds is counted in, under the query's id. */
  readonly memory?: MemoryBudget;
  readonly queryId?: string;
  /** The file that it is kept in; absent: in memory only. */
  readonly file?: StateFileOptions & { readonly path: string };
  /** The topics that are to have every change; absent: there are none. */
  readonly changelog?: ChangelogTopics;
}

/** What a commit adds to one changelog topic. */
export interface ChangelogBatch {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RecordBatch;
}

/** What has changed in a store since the commit before. */
interface StoreChanges {
  readonly store: CommittingStore;
  readonly keys: Iterable<string>;
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
 *
 * With changelog topics each commit is in them first (`changelogBatches`): they are what the state is, and the file
 * saves reading all of them (`restoreState`). How far the query has read is then told by the offsets of its group.
 */
export class QueryState implements StateStores {
  readonly #stores = new Map<string, CommittingStore>();
  /** Those that are to be prepared for scans. */
  readonly #scanned = new Set<CommittingStore>();
  readonly #account: MemoryAccount | undefined;
  readonly #isKept: boolean;
  readonly changelog: ChangelogTopics | undefined;
  /** As of the last commit. */
  #place: StatePlace = { positions: new Map(), changelogOffsets: new Map(), timeMs: 0 };
  /** The changes of the commit under way, from when its changelog batches were asked for. */
  #committing: readonly StoreChanges[] | undefined;
  #file: StateFile | undefined;
  /** What is wrong with the file. */
  #damage: string | undefined;
  #isPrepared = false;
  #compactionBytes = MIN_COMPACTION_BYTES;
  #compaction: Compaction | undefined;
  /** Called when there is room again for a state that had to stop growing. */
  onRoom: (() => void) | undefined;

  private constructor({ memory, queryId, file, changelog }: QueryStateOptions) {
    this.#account = memory?.open(`state of ${queryId}`, 'state', { resume: () => this.onRoom?.() });
    this.#isKept = file !== undefined || changelog !== undefined;
    this.changelog = changelog;
  }

  /**
   * The state that the file holds, or an empty one that is kept in memory only. Where there are changelogs, what they
   * have more is yet to be restored.
   *
   * @throws FileError; UnusableStateFile where there is no changelog; Error when the file does not fit into the memory
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

  openRows(name: string): RowLog {
    const known = this.#stores.get(name);
    if (known instanceof RowLog) return known;
    const log = new RowLog(name, this.#account, this.#isKept);
    this.#stores.set(name, log);
    if (known !== undefined) moveEntries(known, log);
    return log;
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

  /** By `topic-partition`: the offset of the next record to read, as of the last commit. */
  get positions(): ReadonlyMap<string, number> {
    return this.#place.positions;
  }

  /** To be told after a restore from changelogs, which do not know how far the query has read. */
  set positions(positions: ReadonlyMap<string, number>) {
    this.#place = { ...this.#place, positions };
  }

  /** By changelog topic: what stands before this offset is in the state, as of the last commit. */
  get changelogOffsets(): ReadonlyMap<string, number> {
    return this.#place.changelogOffsets;
  }

  /** When the last commit was made, also that of the file. */
  get committedMs(): number {
    return this.#place.timeMs;
  }

  /**
   * What is wrong with the file, where only its commits before the damage could be read, and what it lacks was not yet
   * restored.
   */
  get damage(): string | undefined {
    return this.#damage;
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
   * Begins a commit, and gives what has changed since the last one that succeeded, as it is at the call, in slices.
   * Nothing of it counts before {@link commit}, which ends what this begins; another call begins anew with what was not
   * committed.
   */
  changelogBatches(): AsyncIterable<ChangelogBatch> {
    const { changelog } = this;
    if (changelog === undefined) return emptyBatches;
    this.#giveUpCommit();
    const changes = this.#beginCommit();
    this.#committing = changes;
    return encodeChanges(changes, changelog);
  }

  /**
   * Makes the changes since the last commit durable together with the positions: both as they are at the call, or where
   * there are changelogs as they were when the batches were asked for, whatever changes while it is being written. The
   * next call waits for this one to end.
   *
   * @param changelogOffsets by changelog topic: the offset behind the last record of the commit, where it is known
   * @throws FileError; then the last commit stands, and the next writes what this one could not
   */
  async commit(
    positions: ReadonlyMap<string, number>,
    changelogOffsets: ReadonlyMap<string, number> = new Map(),
  ): Promise<void> {
    const place = {
      positions: new Map([...this.positions, ...positions]),
      changelogOffsets: new Map([...this.changelogOffsets, ...changelogOffsets]),
      timeMs: Date.now(),
    };
    if (this.changelog !== undefined && this.#committing === undefined)
      throw new Error('A commit of a state with changelogs begins with its changelog batches');
    const changes = this.#committing ?? this.#beginCommit();
    this.#committing = undefined;
    await this.#write(changes, place);
  }

  /**
   * Takes in what a batch of a changelog topic holds.
   *
   * @returns how many entries that were
   * @throws Error when they are no entries of a state
   */
  applyChangelog(topic: string, batch: RecordBatch): number {
    const principal = this.changelog!.principalOf(topic);
    return readChangelog(batch, (name) => {
      const store = this.#store(name === '' ? principal : name);
      // What only the changelog keeps is no change; what the file is to have, too, is one until the checkpoint.
      if (this.#file === undefined) return (key, value) => store.restore(key, value);
      return (key, value) => (value === undefined ? store.delete(key) : store.put(key, value));
    });
  }

  /** Empties the stores of a changelog topic, in slices: what they hold cannot be brought up to date. */
  async forget(topic: string): Promise<void> {
    for (const store of this.#stores.values()) {
      if (this.changelog?.topicOf(store.name) !== topic) continue;
      let count = 0;
      for (const [key] of store.entries()) {
        if (this.#file === undefined) store.restore(key, undefined);
        else store.delete(key);
        if (++count % SLICE_ENTRIES === 0) await nextTurn();
      }
    }
  }

  /**
   * Makes what was applied the state as of the last commit, also in the file. Before any record is processed.
   *
   * @throws FileError; then the file stands where it stood
   */
  async checkpoint(changelogOffsets: ReadonlyMap<string, number>): Promise<void> {
    await this.#write(this.#beginCommit(), { positions: this.positions, changelogOffsets, timeMs: Date.now() });
    this.#damage = undefined;
  }

  /** Closes the file and gives the memory back. What is not committed is lost. */
  close(): void {
    this.#abandon();
    this.#giveUpCommit();
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

  #store(name: string): CommittingStore {
    let store = this.#stores.get(name);
    if (store === undefined) {
      store = new TrackedStore(new MemoryStore(name, this.#account), this.#isKept);
      this.#stores.set(name, store);
    }
    return store;
  }

  #beginCommit(): readonly StoreChanges[] {
    if (!this.#isKept) return [];
    return [...this.#stores.values()].map((store) => ({ store, keys: store.beginCommit() }));
  }

  /** What was begun and never committed counts as changed again. */
  #giveUpCommit(): void {
    for (const { store } of this.#committing ?? []) store.endCommit(false);
    this.#committing = undefined;
  }

  async #write(changes: readonly StoreChanges[], place: StatePlace): Promise<void> {
    const file = this.#file;
    const compaction = this.#compaction?.isComplete ? this.#compaction : undefined;
    let isWritten = false;
    try {
      if (file !== undefined) {
        if (!this.#isPrepared) file.prepare();
        this.#isPrepared = true;
        for (const { store, keys } of changes) await writeChanges(store, keys, file);
        await file.commit(place);
      }
      this.#place = place;
      isWritten = true;
    } finally {
      for (const { store } of changes) store.endCommit(isWritten);
    }
    if (file === undefined) return;
    if (compaction !== undefined) await this.#finish(compaction, file);
    else if (this.#compaction === undefined && file.sizeBytes > this.#compactionBytes) this.#compact(file);
  }

  async #load(
    { path, ...options }: StateFileOptions & { readonly path: string },
    memory?: MemoryBudget,
  ): Promise<void> {
    const positions = new Map<string, number>();
    const changelogOffsets = new Map<string, number>();
    let timeMs = 0;
    const content = {
      store: (name: string) => this.#store(name),
      position: (partition: string, offset: number) => positions.set(partition, offset),
      changelog: (topic: string, offset: number) => changelogOffsets.set(topic, offset),
      time: (committedMs: number) => {
        timeMs = committedMs;
      },
      afterBlock: () => {
        if (memory?.overflows)
          throw new Error(
            `The state in ${path} does not fit into the memory budget of ${byteText(memory.limitBytes)}; the file stays as it is. ${WHAT_TO_DO}`,
          );
      },
    };
    try {
      this.#file = await StateFile.open(path, content, options);
    } catch (error) {
      if (this.changelog === undefined || !(error instanceof UnusableStateFile)) throw error;
      this.#file = StateFile.beginAnew(path, options);
      this.#damage = `${path} is no state file of this version: it was moved to ${path}.damaged.`;
    }
    this.#damage ??= this.#file.damage;
    this.#place = { positions: this.changelog === undefined ? positions : new Map(), changelogOffsets, timeMs };
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
      this.#file = await next.replace(file, fromBytes, this.#place);
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

/** Gives a store what another one of its name holds, which was opened before its kind was known. */
function moveEntries(from: CommittingStore, to: CommittingStore): void {
  for (const [key, value] of from.entries()) to.restore(key, value);
  // What the file of an earlier commit lacks it still lacks.
  for (const key of from.beginCommit()) {
    const value = from.committed(key);
    if (value === undefined) to.delete(key);
    else to.put(key, value);
  }
  for (const [key] of [...from.entries()]) from.restore(key, undefined);
}

const emptyBatches: AsyncIterable<ChangelogBatch> = { async *[Symbol.asyncIterator]() {} };

async function* encodeChanges(
  changes: readonly StoreChanges[],
  { partition, topicOf, principalOf }: ChangelogTopics,
): AsyncGenerator<ChangelogBatch> {
  const nowMs = Date.now();
  for (const { store, keys } of changes) {
    const topic = topicOf(store.name);
    const writer = new ChangelogWriter(principalOf(topic) === store.name ? '' : store.name, nowMs);
    for (const key of keys) {
      writer.add(key, store.committed(key));
      if (!writer.isFull) continue;
      yield { topic, partition, batch: writer.take() };
      await nextTurn();
    }
    if (writer.count > 0) yield { topic, partition, batch: writer.take() };
  }
}

async function writeChanges(store: CommittingStore, keys: Iterable<string>, file: StateFile): Promise<void> {
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
