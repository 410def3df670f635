import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { FileError } from '../../files/file-error.ts';
import { windowParts } from '../../state/key-codec.ts';
import type { StoreKey, StoreValue } from '../../state/state-store.ts';
import type { StoredWindows } from '../../state/stored-entries.ts';
import { ValueReader, ValueWriter } from '../../state/value-codec.ts';
import { SLICE_ENTRIES } from './changelog-entries.ts';
import { decodeKey, encodeKey } from './disk-key.ts';

/** Before each value: the checksum of key and value. */
const CHECKSUM_BYTES = 4;

/** The file that a table is in. */
export interface DiskFile {
  readonly path: string;
  readonly database: DatabaseSync;
}

type Row = readonly [key: Uint8Array, value: Uint8Array];

/** The entries of one store. */
export class DiskTable implements StoredWindows {
  readonly name: string;
  count = 0;
  readonly #file: DiskFile;
  readonly #table: string;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #from: StatementSync;
  readonly #after: StatementSync;
  readonly #writer = new ValueWriter();
  #isWindowed: boolean;
  /** What {@link starts} gives, from when all entries were looked at. */
  #checkedStarts: Map<number, number> | undefined;

  constructor(name: string, number: number, file: DiskFile, isWindowed = false) {
    this.name = name;
    this.#file = file;
    this.#isWindowed = isWindowed;
    this.#table = `s${number}`;
    this.make();
    const prepare = (sql: string) => file.database.prepare(sql);
    this.#get = prepare(`SELECT k, v FROM ${this.#table} WHERE k = ?`);
    this.#put = prepare(`INSERT INTO ${this.#table} VALUES (?, ?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v`);
    this.#delete = prepare(`DELETE FROM ${this.#table} WHERE k = ?`);
    this.#from = prepare(`SELECT k, v FROM ${this.#table} WHERE k >= ? AND k < ? ORDER BY k LIMIT ?`);
    this.#after = prepare(`SELECT k, v FROM ${this.#table} WHERE k > ? AND k < ? ORDER BY k LIMIT ?`);
    for (const statement of [this.#get, this.#from, this.#after]) statement.setReturnArrays(true);
  }

  get isWindowed(): boolean {
    return this.#isWindowed;
  }

  make(): void {
    const { database } = this.#file;
    database.exec(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (k BLOB PRIMARY KEY, v BLOB NOT NULL, s INTEGER) WITHOUT ROWID`,
    );
    if (this.#isWindowed)
      database.exec(`CREATE INDEX IF NOT EXISTS ${this.#table}_s ON ${this.#table} (s) WHERE s IS NOT NULL`);
  }

  /** Has its entries found by the starts of their windows from now on. */
  findByStart(): void {
    if (this.#isWindowed) return;
    this.#isWindowed = true;
    if (this.count > 0) {
      const { database } = this.#file;
      database.function('start_of', { deterministic: true }, (key) => startOf(key as Uint8Array));
      database.exec(`UPDATE ${this.#table} SET s = start_of(k)`);
    }
    this.make();
  }

  starts(): readonly (readonly [startMs: number, count: number])[] {
    const checked = this.#checkedStarts;
    this.#checkedStarts = undefined;
    if (checked !== undefined) return [...checked];
    const sql = `SELECT s, count(*) FROM ${this.#table} WHERE s IS NOT NULL GROUP BY s`;
    return this.#rows(sql) as unknown as [number, number][];
  }

  keysOfStart(startMs: number): readonly StoreKey[] {
    const rows = this.#rows(`SELECT k FROM ${this.#table} WHERE s = ? ORDER BY k`, startMs);
    return rows.map(([key]) => decodeKey(key as Uint8Array));
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
    this.#checkedStarts = undefined;
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
    this.#put.run(bytes, stored, this.#isWindowed ? windowParts(key)[1] : null);
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
    if (count !== this.count) return `has ${count} entries instead of ${this.count}`;
    return this.#isWindowed ? this.#checkStarts() : undefined;
  }

  /** Whether the starts of windows lead to all of them. */
  async #checkStarts(): Promise<string | undefined> {
    const starts = new Map<number, number>();
    let count = 0;
    let last: readonly SQLInputValue[] = [Number.MIN_SAFE_INTEGER, encodeKey('')];
    for (;;) {
      const sql = `SELECT s, k FROM ${this.#table} WHERE s IS NOT NULL AND (s, k) > (?, ?) ORDER BY s, k LIMIT ${SLICE_ENTRIES}`;
      const rows = this.#rows(sql, ...last);
      for (const [startMs, key] of rows) {
        if (startMs !== startOf(key as Uint8Array)) return 'has a damaged index';
        starts.set(startMs, (starts.get(startMs) ?? 0) + 1);
      }
      count += rows.length;
      if (rows.length < SLICE_ENTRIES) break;
      last = rows.at(-1)!;
      await nextTurn();
    }
    if (count !== this.count) return `has ${count} windows in its index instead of ${this.count}`;
    this.#checkedStarts = starts;
    return undefined;
  }

  #rows(sql: string, ...parameters: readonly SQLInputValue[]): SQLOutputValue[][] {
    return this.#ask(() => {
      const statement = this.#file.database.prepare(sql);
      statement.setReturnArrays(true);
      return statement.all(...parameters) as unknown as SQLOutputValue[][];
    });
  }

  #entry(row: Row): readonly [StoreKey, StoreValue] {
    if (!isIntact(row)) throw new Error(`The state file ${this.#file.path} is damaged in its store ${this.name}.`);
    const [key, value] = row;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    return [decodeKey(key), new ValueReader(bytes, CHECKSUM_BYTES).value()];
  }

  #ask<T>(query: () => T): T {
    try {
      return query();
    } catch (error) {
      throw asFileError(this.#file.path, error);
    }
  }
}

/** Sorts behind every key: no key has this byte. */
const END = Buffer.of(0xff);

const startOf = (key: Uint8Array): number => windowParts(decodeKey(key))[1];

const checksumOf = (key: Uint8Array, value: Uint8Array): number => crc32(value.subarray(CHECKSUM_BYTES), crc32(key));

function isIntact([key, value]: Row): boolean {
  if (!(key instanceof Uint8Array && value instanceof Uint8Array) || value.length <= CHECKSUM_BYTES) return false;
  return new DataView(value.buffer, value.byteOffset).getUint32(0, true) === checksumOf(key, value);
}

/** SQLite's codes for a file that is damaged, and for one that is no database (SQLITE_CORRUPT, SQLITE_NOTADB). */
const DAMAGE_CODES = [11, 26];

/** Whether SQLite says that the file is damaged. */
export function isDamage(error: unknown): boolean {
  const said = error instanceof FileError ? error.cause : error;
  return DAMAGE_CODES.includes(((said as { readonly errcode?: number }).errcode ?? 0) & 0xff);
}

/** What SQLite says, with the file and what to do. */
export function asFileError(path: string, error: unknown): unknown {
  const isSaidBySqlite = (error as { readonly code?: string }).code === 'ERR_SQLITE_ERROR';
  if (!isSaidBySqlite || error instanceof FileError) return error;
  return new FileError(path, isDamage(error) ? 'is damaged' : 'cannot be read or written', error);
}
