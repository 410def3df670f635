import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { PRIVATE_FILE } from '../../files/file-handles.ts';
import { makePrivateDirectory } from '../../files/replace-file.ts';
import type { SyncPolicy } from '../../files/sync-policy.ts';
import type { StoredWindows } from '../../state/stored-entries.ts';
import { SLICE_ENTRIES } from './changelog-entries.ts';
import { DiskLog } from './disk-log.ts';
import { asFileError, DiskTable, isDamage } from './disk-table.ts';
import type { StatePlace } from './state-file.ts';
import type { StateKeeper, StoreChanges } from './state-keeper.ts';

/** Of the format of the tables; a file of another is put aside. */
const VERSION = 2;
/** What SQLite keeps of the file in memory, in KB. */
const PAGE_CACHE_KB = 16 * 1024;

/**
 * The state of a query in a file of SQLite, a table for each store: what is too large for memory. A commit is one of
 * its transactions, with the positions of the query. Each entry has a checksum, and all are looked at when the file is
 * opened, in slices.
 */
export class DiskState implements StateKeeper {
  readonly path: string;
  /** What is wrong with what stood here before; it was put aside. */
  readonly damage: string | undefined;
  readonly database: DatabaseSync;
  readonly #log: DiskLog;
  readonly #tables = new Map<string, DiskTable>();
  #place: StatePlace | undefined;

  private constructor(path: string, sync: SyncPolicy, damage?: string) {
    this.path = path;
    this.database = openDatabase(path);
    this.#log = new DiskLog(path, this.database, sync);
    this.damage = damage;
  }

  /**
   * Opens the file, or begins one. One that is damaged, or of another version, is put aside.
   *
   * @throws FileError; Error where the runtime has no SQLite
   */
  static async open(path: string, { sync }: { readonly sync: SyncPolicy }): Promise<DiskState> {
    makePrivateDirectory(dirname(path));
    const problem = await DiskState.#tryOpen(path, sync);
    if (problem instanceof DiskState) return problem;
    putAside(path);
    const damage = `The state file ${path} is damaged (${problem}): it was moved to ${path}.damaged.`;
    const state = new DiskState(path, sync, damage);
    await state.#load();
    return state;
  }

  /** @returns the state, or what is wrong with the file */
  static async #tryOpen(path: string, sync: SyncPolicy): Promise<DiskState | string> {
    let state: DiskState | undefined;
    try {
      state = new DiskState(path, sync);
      const problem = await state.#load();
      if (problem === undefined) return state;
      state.close();
      return problem;
    } catch (error) {
      state?.close();
      if (!isDamage(error)) throw asFileError(path, error);
      return (error as Error).message;
    }
  }

  /** As of the last commit; undefined where there was none. */
  get place(): StatePlace | undefined {
    return this.#place;
  }

  /** The names of the stores that have entries. */
  get stores(): readonly string[] {
    return [...this.#tables.values()].filter(({ count }) => count > 0).map(({ name }) => name);
  }

  get sizeBytes(): number {
    const [pages, size] = ['page_count', 'page_size'].map(
      (name) => Object.values(this.database.prepare(`PRAGMA ${name}`).get()!)[0] as number,
    );
    return pages! * size!;
  }

  /** @param isWindowed whether the keys are those of windows, which are then found by their starts, too */
  entriesOf(store: string, isWindowed = false): StoredWindows {
    const table = this.#table(store);
    if (isWindowed) table.findByStart();
    return table;
  }

  /**
   * Writes a commit, in slices, and waits until it is on the disk itself, as the policy says.
   * @throws FileError; then nothing of it counts, and the next one writes it again
   */
  async commit(changes: readonly StoreChanges[], place: StatePlace): Promise<void> {
    const counts = new Map<DiskTable, number>();
    try {
      this.#log.settle();
      this.database.exec('BEGIN');
      for (const { store, keys, size } of changes) {
        const table = this.#table(store.name);
        counts.set(table, table.count);
        let written = 0;
        for (const key of keys) {
          table.write(key, store.committed(key));
          if (++written % SLICE_ENTRIES === 0) await nextTurn();
        }
        table.count = size;
      }
      this.#writePlace(place);
      this.database.exec('COMMIT');
      await this.#log.flush();
    } catch (error) {
      for (const [table, count] of counts) table.count = count;
      this.#rollBack();
      throw asFileError(this.path, error);
    }
    this.#place = place;
  }

  close(): void {
    this.#log.close();
  }

  /** Closes the file and removes it, with what else was kept of it. */
  delete(): void {
    this.close();
    for (const suffix of ['', '-wal', '-shm', '.damaged']) rmSync(`${this.path}${suffix}`, { force: true });
  }

  /** @returns what is wrong with the file */
  async #load(): Promise<string | undefined> {
    const database = this.database;
    database.exec(
      'CREATE TABLE IF NOT EXISTS place (id INTEGER PRIMARY KEY, json TEXT NOT NULL, checksum INTEGER NOT NULL)',
    );
    const row = database.prepare('SELECT json, checksum FROM place').get() as
      | { readonly json: string; readonly checksum: number }
      | undefined;
    if (row === undefined) return undefined;
    if (crc32(row.json) !== row.checksum) return 'where its state stands cannot be read';
    const saved = JSON.parse(row.json) as SavedPlace;
    if (saved.version !== VERSION) return `it is of version ${saved.version}`;
    this.#place = {
      positions: new Map(Object.entries(saved.positions)),
      changelogOffsets: new Map(Object.entries(saved.changelogOffsets)),
      timeMs: saved.timeMs,
    };
    for (const [number, [name, count, isWindowed]] of saved.stores.entries()) {
      const table = new DiskTable(name, number, this, isWindowed);
      this.#tables.set(name, table);
      table.count = count;
      const problem = await table.check();
      if (problem !== undefined) return `its store ${name} ${problem}`;
    }
    return undefined;
  }

  #table(name: string): DiskTable {
    let table = this.#tables.get(name);
    if (table === undefined) {
      this.#log.settle();
      table = new DiskTable(name, this.#tables.size, this);
      this.#tables.set(name, table);
    }
    return table;
  }

  #writePlace({ positions, changelogOffsets, timeMs }: StatePlace): void {
    const saved: SavedPlace = {
      version: VERSION,
      positions: Object.fromEntries(positions),
      changelogOffsets: Object.fromEntries(changelogOffsets),
      timeMs,
      stores: [...this.#tables.values()].map(({ name, count, isWindowed }) => [name, count, isWindowed]),
    };
    const json = JSON.stringify(saved);
    this.database.prepare('INSERT OR REPLACE INTO place VALUES (0, ?, ?)').run(json, crc32(json));
  }

  #rollBack(): void {
    try {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled it back by itself.
    }
    // Those of stores that were opened meanwhile are gone, too.
    for (const table of this.#tables.values()) table.make();
  }
}

interface SavedPlace {
  readonly version: number;
  readonly positions: Readonly<Record<string, number>>;
  readonly changelogOffsets: Readonly<Record<string, number>>;
  readonly timeMs: number;
  /** In the order of their tables' numbers. */
  readonly stores: readonly (readonly [name: string, count: number, isWindowed: boolean])[];
}

function openDatabase(path: string): DatabaseSync {
  const sqlite = process.getBuiltinModule?.('node:sqlite');
  if (sqlite === undefined)
    throw new Error(
      `This runtime (Node ${process.versions.node}) has no SQLite, which ksql.workbench.state.store = disk needs: run the engine on Node 22.13 or newer, or set it to memory.`,
    );
  // What SQLite makes beside it has the same rights.
  closeSync(openSync(path, 'a', PRIVATE_FILE));
  const database = new sqlite.DatabaseSync(path);
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA cache_size = -${PAGE_CACHE_KB}; PRAGMA locking_mode = EXCLUSIVE`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function putAside(path: string): void {
  if (existsSync(path)) renameSync(path, `${path}.damaged`);
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}
