import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { FileError } from '../../files/file-error.ts';
import { PRIVATE_FILE } from '../../files/file-handles.ts';
import { makePrivateDirectory } from '../../files/replace-file.ts';
import type { SyncPolicy } from '../../files/sync-policy.ts';
import type { StoreKey, StoreValue } from '../../state/state-store.ts';
import type { StoredEntries } from '../../state/stored-entries.ts';
import { ValueReader, ValueWriter } from '../../state/value-codec.ts';
import { SLICE_ENTRIES } from './changelog-entries.ts';
import { decodeKey, encodeKey } from './disk-key.ts';
import type { StatePlace } from './state-file.ts';
import type { StateKeeper, StoreChanges } from './state-keeper.ts';

/** Of the format of the tables; a file of another is put aside. */
const VERSION = 1;
/** What SQLite keeps of the file in memory, in KB. */
const PAGE_CACHE_KB = 16 * 1024;
/** Before each value: the checksum of key and value. */
const CHECKSUM_BYTES = 4;

/** Whether this runtime has SQLite: Node from 22.13 on. */
export const hasDiskState = (): boolean => process.getBuiltinModule?.('node:sqlite') !== undefined;

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
  readonly #tables = new Map<string, DiskTable>();
  #place: StatePlace | undefined;

  private constructor(path: string, database: DatabaseSync, damage: string | undefined) {
    this.path = path;
    this.database = database;
    this.damage = damage;
  }

  /**
   * Opens the file, or begins one. One that is damaged, or of another version, is put aside.
   *
   * @throws FileError; Error where the runtime has no SQLite
   */
  static async open(path: string, { sync }: { readonly sync: SyncPolicy }): Promise<DiskState> {
    makePrivateDirectory(dirname(path));
    let problem: string;
    try {
      const state = new DiskState(path, openDatabase(path, sync), undefined);
      const found = await state.#load();
      if (found === undefined) return state;
      problem = found;
      state.database.close();
    } catch (error) {
      if (!isDamage(error)) throw asFileError(path, error);
      problem = (error as Error).message;
    }
    putAside(path);
    const state = new DiskState(
      path,
      openDatabase(path, sync),
      `The state file ${path} is damaged (${problem}): it was moved to ${path}.damaged.`,
    );
    await state.#load();
    return state;
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

  entriesOf(store: string): StoredEntries {
    return this.#table(store);
  }

  /**
   * Writes a commit, in slices, and waits until it is on the disk itself, as the policy says.
   * @throws FileError; then nothing of it is there
   */
  async commit(changes: readonly StoreChanges[], place: StatePlace): Promise<void> {
    const counts = new Map<DiskTable, number>();
    try {
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
    } catch (error) {
      for (const [table, count] of counts) table.count = count;
      this.#rollBack();
      throw asFileError(this.path, error);
    }
    this.#place = place;
  }

  close(): void {
    if (this.database.isOpen) this.database.close();
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
    for (const [number, [name, count]] of saved.stores.entries()) {
      const table = new DiskTable(name, number, this);
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
      stores: [...this.#tables.values()].map(({ name, count }) => [name, count]),
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
  /** In the order of their tables' numbers: names, and how many entries they have. */
  readonly stores: readonly (readonly [string, number])[];
}

type Row = readonly [key: Uint8Array, value: Uint8Array];

/** The entries of one store. */
class DiskTable implements StoredEntries {
  readonly name: string;
  count = 0;
  readonly #state: DiskState;
  readonly #table: string;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #from: StatementSync;
  readonly #after: StatementSync;
  readonly #writer = new ValueWriter();

  constructor(name: string, number: number, state: DiskState) {
    this.name = name;
    this.#state = state;
    this.#table = `s${number}`;
    this.make();
    const prepare = (sql: string) => state.database.prepare(sql);
    this.#get = prepare(`SELECT k, v FROM ${this.#table} WHERE k = ?`);
    this.#put = prepare(`INSERT INTO ${this.#table} VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v`);
    this.#delete = prepare(`DELETE FROM ${this.#table} WHERE k = ?`);
    this.#from = prepare(`SELECT k, v FROM ${this.#table} WHERE k >= ? AND k < ? ORDER BY k LIMIT ?`);
    this.#after = prepare(`SELECT k, v FROM ${this.#table} WHERE k > ? AND k < ? ORDER BY k LIMIT ?`);
    for (const statement of [this.#get, this.#from, this.#after]) statement.setReturnArrays(true);
  }

  make(): void {
    this.#state.database.exec(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID`,
    );
  }

  get(key: StoreKey): StoreValue | undefined {
    const row = this.#ask(() => this.#get.get(encodeKey(key))) as Row | undefined;
    return row && this.#entry(row)[1];
  }

  page(
    from: StoreKey,
    isIncluded: boolean,
    to: StoreKey | undefined,
    count: number,
  ): (readonly [StoreKey, StoreValue])[] {
    const statement = isIncluded ? this.#from : this.#after;
    const end = to === undefined ? END : encodeKey(to);
    const rows = this.#ask(() => statement.all(encodeKey(from), end, count)) as unknown as Row[];
    return rows.map((row) => this.#entry(row));
  }

  /** @param value undefined: the entry is gone */
  write(key: StoreKey, value: StoreValue | undefined): void {
    const bytes = encodeKey(key);
    if (value === undefined) {
      this.#delete.run(bytes);
      return;
    }
    const writer = this.#writer;
    writer.clear();
    for (let i = 0; i < CHECKSUM_BYTES; i++) writer.byte(0);
    writer.value(value);
    const stored = writer.bytes;
    stored.writeUInt32LE(checksumOf(bytes, stored), 0);
    this.#put.run(bytes, stored);
  }

  /** Looks at all entries, in slices. @returns what is wrong with them */
  async check(): Promise<string | undefined> {
    let count = 0;
    let last: Uint8Array = encodeKey('');
    for (let isIncluded = true; ; isIncluded = false) {
      const statement = isIncluded ? this.#from : this.#after;
      const rows = statement.all(last, END, SLICE_ENTRIES) as unknown as Row[];
      for (const [key, value] of rows) {
        if (!isIntact([key, value])) return `has a damaged entry, number ${count + 1} in order`;
        count++;
      }
      if (rows.length < SLICE_ENTRIES) break;
      last = rows.at(-1)![0];
      await nextTurn();
    }
    return count === this.count ? undefined : `has ${count} entries instead of ${this.count}`;
  }

  #entry(row: Row): readonly [StoreKey, StoreValue] {
    if (!isIntact(row)) throw new Error(`The state file ${this.#state.path} is damaged in its store ${this.name}.`);
    const [key, value] = row;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    return [decodeKey(key), new ValueReader(bytes, CHECKSUM_BYTES).value()];
  }

  #ask<T>(query: () => T): T {
    try {
      return query();
    } catch (error) {
      throw asFileError(this.#state.path, error);
    }
  }
}

/** Sorts behind every key: no key has this byte. */
const END = Buffer.of(0xff);

const checksumOf = (key: Uint8Array, value: Uint8Array): number => crc32(value.subarray(CHECKSUM_BYTES), crc32(key));

function isIntact([key, value]: Row): boolean {
  if (!(key instanceof Uint8Array && value instanceof Uint8Array) || value.length <= CHECKSUM_BYTES) return false;
  return new DataView(value.buffer, value.byteOffset).getUint32(0, true) === checksumOf(key, value);
}

function openDatabase(path: string, sync: SyncPolicy): DatabaseSync {
  const sqlite = process.getBuiltinModule?.('node:sqlite');
  if (sqlite === undefined)
    throw new Error(
      `This runtime (Node ${process.versions.node}) has no SQLite, which ksql.workbench.state.store = disk needs: run the engine on Node 22.13 or newer, or set it to memory.`,
    );
  // What SQLite makes beside it has the same rights.
  closeSync(openSync(path, 'a', PRIVATE_FILE));
  const database = new sqlite.DatabaseSync(path);
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${sync === 'never' ? 'NORMAL' : 'FULL'}; PRAGMA cache_size = -${PAGE_CACHE_KB}; PRAGMA locking_mode = EXCLUSIVE`,
  );
  return database;
}

/** SQLite's codes for a file that is damaged, and for one that is no database (SQLITE_CORRUPT, SQLITE_NOTADB). */
const DAMAGE_CODES = [11, 26];

const isDamage = (error: unknown): boolean =>
  DAMAGE_CODES.includes(((error as { readonly errcode?: number }).errcode ?? 0) & 0xff);

const asFileError = (path: string, error: unknown): unknown =>
  (error as { readonly code?: string }).code === 'ERR_SQLITE_ERROR'
    ? new FileError(path, isDamage(error) ? 'is damaged' : 'cannot be read or written', error)
    : error;

function putAside(path: string): void {
  if (existsSync(path)) renameSync(path, `${path}.damaged`);
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}
