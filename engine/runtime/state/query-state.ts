import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordBatch } from '../../broker/record-batch.ts';
import { byteText } from '../../memory/byte-text.ts';
import { type MemoryAccount, type MemoryBudget, WHAT_TO_DO } from '../../memory/memory-budget.ts';
import { type AggregateLayout, isSameLayout } from '../../state/aggregate-layout.ts';
import type { AggregateStore } from '../../state/aggregate-store.ts';
import { AggregateTable } from '../../state/aggregate-table.ts';
import type { CommittingStore } from '../../state/committing-store.ts';
import { DiskStore } from '../../state/disk-store.ts';
import { MemoryStore } from '../../state/memory-store.ts';
import { RowLog } from '../../state/row-log.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { StateStores } from '../../state/state-stores.ts';
import { StoredAggregates } from '../../state/stored-aggregates.ts';
import { TrackedStore } from '../../state/tracked-store.ts';
import { ChangelogWriter, readChangelog, SLICE_ENTRIES } from './changelog-entries.ts';
import type { ChangelogTopics } from './changelog-topics.ts';
import { DiskState } from './disk-state.ts';
import { FileKeeper } from './file-keeper.ts';
import { type StatePlace, UnusableStateFile } from './state-file.ts';
import type { StateFileChoice } from './state-file-choice.ts';
import type { StateKeeper, StoreChanges } from './state-keeper.ts';

const OTHER_KIND = { memory: 'disk', disk: 'memory' } as const;
/** What each store on a disk keeps in memory of entries that have not changed, where there is room for it. */
const CACHE_BYTES = 32 * 1024 * 1024;
/** The stores of a state keep at most this part of what it may have of the memory budget; the rest is for changes. */
const CACHE_SHARE = 0.5;

export interface QueryStateOptions {
  /** The budget that what it holds is counted in, under the query's id. */
  readonly memory?: MemoryBudget;
  readonly queryId?: string;
  /** The file that it is kept in; absent: in memory only. */
  readonly file?: StateFileChoice;
  /** The topics that are to have every change; absent: there are none. */
  readonly changelog?: ChangelogTopics;
  /** Of the stores that are tables of aggregates: so what the file holds of them is read into tables at once. */
  readonly layoutOf?: ((store: string) => AggregateLayout | undefined) | undefined;
}

/** What a commit adds to one changelog topic. */
export interface ChangelogBatch {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RecordBatch;
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
  readonly #layoutOf: (store: string) => AggregateLayout | undefined;
  readonly #account: MemoryAccount | undefined;
  readonly #memory: MemoryBudget | undefined;
  readonly #isKept: boolean;
  readonly changelog: ChangelogTopics | undefined;
  /** As of the last commit. */
  #place: StatePlace = { positions: new Map(), changelogOffsets: new Map(), timeMs: 0 };
  /** The changes of the commit under way, from when its changelog batches were asked for. */
  #committing: readonly StoreChanges[] | undefined;
  #keeper: StateKeeper | undefined;
  /** The keeper, where entries are read from it when they are wanted. */
  #disk: DiskState | undefined;
  /** What is wrong with the file. */
  #damage: string | undefined;
  /** Called when there is room again for a state that had to stop growing. */
  onRoom: (() => void) | undefined;

  private constructor({ memory, queryId, file, changelog, layoutOf }: QueryStateOptions) {
    this.#layoutOf = layoutOf ?? (() => undefined);
    this.#memory = memory;
    const release = (bytes: number) => this.giveUp(bytes);
    this.#account = memory?.open(`state of ${queryId}`, 'state', { resume: () => this.onRoom?.(), release });
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

  openTable(name: string, layout: AggregateLayout): AggregateStore {
    if (this.#disk !== undefined) this.#store(name);
    const known = this.#stores.get(name);
    if (known instanceof DiskStore) {
      this.#disk!.entriesOf(name, layout.isWindowed);
      return new StoredAggregates(known, layout);
    }
    if (known instanceof AggregateTable && isSameLayout(known.layout, layout)) return known;
    const table = this.#newTable(name, layout);
    this.#stores.set(name, table);
    if (known !== undefined) moveEntries(known, table);
    return table;
  }

  /** Of the stores that there are. */
  get names(): Iterable<string> {
    return this.#stores.keys();
  }

  get isOnDisk(): boolean {
    return this.#disk !== undefined;
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

  /** Gives up of memory what stands on a disk as it is, about so many bytes; all that is left of it needs a commit. */
  giveUp(bytes: number): void {
    const stores = [...this.#stores.values()].filter((store) => store instanceof DiskStore);
    for (const store of stores) store.giveUp(bytes / stores.length);
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
      if (this.#keeper === undefined) return (key, value) => store.restore(key, value);
      return (key, value) => (value === undefined ? store.delete(key) : store.put(key, value));
    });
  }

  /** Empties the stores of a changelog topic, in slices: what they hold cannot be brought up to date. */
  async forget(topic: string): Promise<void> {
    for (const store of this.#stores.values()) {
      if (this.changelog?.topicOf(store.name) !== topic) continue;
      let count = 0;
      for (const [key] of store.entries()) {
        if (this.#keeper === undefined) store.restore(key, undefined);
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
    this.#giveUpCommit();
    this.#keeper?.close();
    this.#keeper = undefined;
    this.#stores.clear();
    this.#account?.close();
  }

  /** Closes the file and removes it. */
  delete(): void {
    this.#keeper?.delete();
    this.close();
  }

  #store(name: string): CommittingStore {
    let store = this.#stores.get(name);
    if (store === undefined) {
      store = this.#newStore(name);
      this.#stores.set(name, store);
    }
    return store;
  }

  #newStore(name: string): CommittingStore {
    const layout = this.#layoutOf(name);
    if (this.#disk !== undefined)
      return new DiskStore(
        name,
        this.#disk.entriesOf(name, layout?.isWindowed),
        () => this.#cacheBytes(),
        this.#account,
      );
    return layout === undefined
      ? new TrackedStore(new MemoryStore(name, this.#account), this.#isKept)
      : this.#newTable(name, layout);
  }

  #cacheBytes(): number {
    const { size } = this.#stores;
    const fair = this.#memory?.fairBytes('state') ?? Number.POSITIVE_INFINITY;
    return Math.min(CACHE_BYTES, (fair * CACHE_SHARE) / Math.max(1, size));
  }

  #newTable(name: string, layout: AggregateLayout): AggregateTable {
    return new AggregateTable(name, { layout, account: this.#account, isTracked: this.#isKept });
  }

  #beginCommit(): readonly StoreChanges[] {
    if (!this.#isKept) return [];
    return [...this.#stores.values()].map((store) => ({
      store,
      size: store.size,
      keys: store.beginCommit(),
    }));
  }

  /** What was begun and never committed counts as changed again. */
  #giveUpCommit(): void {
    for (const { store } of this.#committing ?? []) store.endCommit(false);
    this.#committing = undefined;
  }

  async #write(changes: readonly StoreChanges[], place: StatePlace): Promise<void> {
    let isWritten = false;
    try {
      await this.#keeper?.commit(changes, place);
      this.#place = place;
      isWritten = true;
    } finally {
      for (const { store } of changes) store.endCommit(isWritten);
    }
  }

  async #load(file: StateFileChoice, memory?: MemoryBudget): Promise<void> {
    const place = file.kind === 'disk' ? await this.#openDisk(file) : await this.#readFile(file, memory);
    this.#damage = this.#keeper!.damage;
    this.#place = this.changelog === undefined ? place : { ...place, positions: new Map() };
    const { otherPath, kind = 'memory' } = file;
    if (otherPath === undefined || !existsSync(otherPath)) return;
    const other = { handles: file.handles, sync: file.sync, path: otherPath, kind: OTHER_KIND[kind] };
    await this.#takeOver(await QueryState.open({ file: other }), memory);
  }

  /** Takes what a file of another kind holds, and removes it. */
  async #takeOver(other: QueryState, memory?: MemoryBudget): Promise<void> {
    try {
      let count = 0;
      for (const { name } of other.#stores.values()) {
        const store = this.#store(name);
        for (const [key, value] of other.#store(name).entries()) {
          store.put(key, value);
          if (++count % SLICE_ENTRIES !== 0) continue;
          // The other file counts until all of it is here.
          if (this.isOnDisk && this.mustStop) await this.#write(this.#beginCommit(), this.#place);
          checkFits(memory, 'The state');
          await nextTurn();
        }
      }
      const { positions } = this.changelog === undefined ? other : this;
      await this.#write(this.#beginCommit(), { ...other.#place, positions });
    } catch (error) {
      other.close();
      throw error;
    }
    this.#damage ??= other.damage;
    other.delete();
  }

  async #openDisk({ path, ...options }: StateFileChoice): Promise<StatePlace> {
    const disk = await DiskState.open(path, options);
    this.#disk = disk;
    this.#keeper = disk;
    for (const name of disk.stores) this.#store(name);
    return disk.place ?? this.#place;
  }

  async #readFile(file: StateFileChoice, memory?: MemoryBudget): Promise<StatePlace> {
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
      afterBlock: () => checkFits(memory, `The state in ${file.path}`),
    };
    const stores = () => this.#stores.values();
    try {
      this.#keeper = await FileKeeper.open(file, content, stores);
    } catch (error) {
      if (this.changelog === undefined || !(error instanceof UnusableStateFile)) throw error;
      this.#keeper = FileKeeper.beginAnew(file, stores);
    }
    return { positions, changelogOffsets, timeMs };
  }
}

/** @throws Error where what was read so far is too much */
function checkFits(memory: MemoryBudget | undefined, what: string): void {
  if (memory?.overflows)
    throw new Error(
      `${what} does not fit into the memory budget of ${byteText(memory.limitBytes)}; the file stays as it is. ${WHAT_TO_DO}`,
    );
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
  if (from instanceof DiskStore) from.release();
  else for (const [key] of [...from.entries()]) from.restore(key, undefined);
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
