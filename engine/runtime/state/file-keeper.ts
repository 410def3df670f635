import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CommittingStore } from '../../state/committing-store.ts';
import { SLICE_BYTES, SLICE_ENTRIES } from './changelog-entries.ts';
import { EntryBlock, StateFile, type StateFileContent, type StatePlace } from './state-file.ts';
import type { StateFileChoice } from './state-file-choice.ts';
import type { StateKeeper, StoreChanges } from './state-keeper.ts';

/** The file is rewritten when it has grown by this factor over what a rewrite left. */
const COMPACTION_FACTOR = 4;
const MIN_COMPACTION_BYTES = 4 * 1024 * 1024;

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

/** Appends each commit to a state file, and rewrites the file when it has grown. */
export class FileKeeper implements StateKeeper {
  readonly damage: string | undefined;
  #file: StateFile;
  readonly #stores: () => Iterable<CommittingStore>;
  #isPrepared = false;
  #compactionBytes: number;
  #compaction: Compaction | undefined;

  /**
   * @param stores all stores, whose entries a rewritten file has
   * @param damage what is wrong with a file that stood here before
   */
  constructor(file: StateFile, stores: () => Iterable<CommittingStore>, damage = file.damage) {
    this.#file = file;
    this.#stores = stores;
    this.damage = damage;
    this.#compactionBytes = file.isOld ? 0 : Math.max(MIN_COMPACTION_BYTES, file.sizeBytes * COMPACTION_FACTOR);
  }

  /**
   * Opens the file, or begins one, and gives what its commits hold.
   *
   * @throws FileError; UnusableStateFile
   */
  static async open(
    { path, ...options }: StateFileChoice,
    content: StateFileContent,
    stores: () => Iterable<CommittingStore>,
  ): Promise<FileKeeper> {
    return new FileKeeper(await StateFile.open(path, content, options), stores);
  }

  /** Begins a file in the place of one that cannot be read, of which a copy is kept. @throws FileError */
  static beginAnew({ path, ...options }: StateFileChoice, stores: () => Iterable<CommittingStore>): FileKeeper {
    const damage = `${path} is no state file of this version: it was moved to ${path}.damaged.`;
    return new FileKeeper(StateFile.beginAnew(path, options), stores, damage);
  }

  async commit(changes: readonly StoreChanges[], place: StatePlace): Promise<void> {
    const file = this.#file;
    const compaction = this.#compaction?.isComplete ? this.#compaction : undefined;
    if (!this.#isPrepared) file.prepare();
    this.#isPrepared = true;
    for (const { store, keys } of changes) await writeChanges(store, keys, file);
    await file.commit(place);
    if (compaction !== undefined) await this.#finish(compaction, file, place);
    else if (this.#compaction === undefined && file.sizeBytes > this.#compactionBytes) this.#compact(file);
  }

  close(): void {
    this.#abandon();
    this.#file.close();
  }

  delete(): void {
    this.#abandon();
    this.#file.delete();
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
    for (const store of this.#stores()) {
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

  async #finish({ next, fromBytes }: Compaction, file: StateFile, place: StatePlace): Promise<void> {
    try {
      this.#file = await next.replace(file, fromBytes, place);
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
