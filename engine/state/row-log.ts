import type { SqlValue } from '../../language/types/sql-type.ts';
import type { MemoryAccount } from '../memory/memory-budget.ts';
import { valueBytes } from '../memory/value-bytes.ts';
import type { CommittingStore } from './committing-store.ts';
import type { StoreKey, StoreValue } from './state-store.ts';

/** What an entry takes besides its row: its object and its places in the log and in the list of its key. */
const ENTRY_BYTES = 120;
const PAGE_ROWS = 1024;

/** A row of the log. */
export interface LoggedRow {
  /** Rows are numbered as they come. */
  readonly number: number;
  readonly key: string;
  readonly timeMs: number;
  readonly row: readonly SqlValue[];
  /** What it counts for. */
  readonly sizeBytes: number;
}

/** What is kept of a row, under its number as text. */
type Saved = readonly [key: string, timeMs: number, row: readonly SqlValue[]];

interface Page {
  readonly rows: (LoggedRow | undefined)[];
  count: number;
}

/** What a commit writes: the rows from one number to before another, and older ones that were dropped or set since. */
interface Changes {
  readonly from: number;
  readonly to: number;
  readonly older: ReadonlySet<number>;
}

/**
 * Rows that are numbered as they come and go about in that order, in pages that go as a whole. A row never changes, so
 * it is one object, which those who look for it by its key hold, too; and what a commit has to write is a range of
 * numbers.
 */
export class RowLog implements CommittingStore {
  readonly name: string;
  changes = 0;
  readonly #account: MemoryAccount | undefined;
  /** The page of a number stands at the number's page less {@link #firstPage}. */
  #pages: (Page | undefined)[] = [];
  #firstPage = 0;
  #next = 0;
  #size = 0;
  readonly #isKept: boolean;
  /** Rows from here on no commit has had yet. */
  #uncommitted = 0;
  /** Those before it that were dropped or set since the last commit began. */
  #older = new Set<number>();
  #pending: Changes | undefined;
  /** Rows of the commit under way that were dropped since it began. */
  readonly #before = new Map<number, LoggedRow>();

  /** @param isKept whether its changes are committed anywhere */
  constructor(name: string, account?: MemoryAccount, isKept = false) {
    this.name = name;
    this.#account = account;
    this.#isKept = isKept;
  }

  get size(): number {
    return this.#size;
  }

  append(key: string, timeMs: number, row: readonly SqlValue[]): LoggedRow {
    const logged = entryOf(this.#next, key, timeMs, row);
    this.#set(logged);
    return logged;
  }

  drop({ number }: LoggedRow): void {
    this.#drop(number);
  }

  /** All rows, by number; those that come meanwhile may be left out. */
  *rows(): IterableIterator<LoggedRow> {
    for (const page of [...this.#pages]) {
      if (page === undefined) continue;
      for (const row of page.rows) if (row !== undefined) yield row;
    }
  }

  get(key: StoreKey): StoreValue | undefined {
    return savedOf(this.#row(Number(key)));
  }

  put(key: StoreKey, value: StoreValue): void {
    const number = Number(key);
    this.#willChange(number);
    this.#restore(number, value);
  }

  delete(key: StoreKey): void {
    const number = Number(key);
    if (this.#row(number) !== undefined) this.#drop(number);
    // What is not here may be elsewhere.
    else if (this.#isKept) this.#older.add(number);
    this.#next = Math.max(this.#next, number + 1);
  }

  *entries(): IterableIterator<readonly [StoreKey, StoreValue]> {
    for (const row of this.rows()) yield [String(row.number), savedOf(row)!];
  }

  *scan(from = '', to?: StoreKey): IterableIterator<readonly [StoreKey, StoreValue]> {
    const keys = [...this.entries()].map(([key]) => key).filter((key) => key >= from && (to === undefined || key < to));
    for (const key of keys.sort()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  async prepareScan(): Promise<void> {}

  restore(key: StoreKey, value: StoreValue | undefined): void {
    const number = Number(key);
    this.#restore(number, value);
    // What was kept is no change. It comes before anything that is one.
    this.#uncommitted = Math.max(this.#uncommitted, this.#next);
  }

  beginCommit(): Iterable<StoreKey> {
    const pending: Changes = { from: this.#uncommitted, to: this.#next, older: this.#older };
    this.#pending = pending;
    this.#older = new Set();
    this.#uncommitted = this.#next;
    return { [Symbol.iterator]: () => this.#keysOf(pending) };
  }

  committed(key: StoreKey): StoreValue | undefined {
    const number = Number(key);
    return savedOf(this.#before.get(number) ?? this.#row(number));
  }

  endCommit(isWritten: boolean): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (!isWritten && pending !== undefined)
      // Some of it may have been written all the same, so that what goes before the next commit has to be told then.
      for (const key of this.#keysOf(pending)) this.#older.add(Number(key));
    this.#before.clear();
  }

  *#keysOf({ from, to, older }: Changes): IterableIterator<StoreKey> {
    for (const number of older) yield String(number);
    // Rows that went before the commit began nobody has heard of.
    for (let number = from; number < to; number++)
      if (this.#row(number) !== undefined || this.#before.has(number)) yield String(number);
  }

  #drop(number: number): void {
    const row = this.#row(number);
    if (row === undefined) return;
    this.#willChange(number);
    this.#remove(number);
  }

  #restore(number: number, value: StoreValue | undefined): void {
    this.#remove(number);
    if (value === undefined) return;
    const [key, timeMs, row] = value as unknown as Saved;
    this.#set(entryOf(number, key, timeMs, row));
  }

  /** Remembers that a row changes that a commit has had, and what it was when the commit under way began. */
  #willChange(number: number): void {
    if (!this.#isKept || number >= this.#uncommitted) return;
    this.#older.add(number);
    const pending = this.#pending;
    if (pending === undefined || this.#before.has(number)) return;
    if ((number < pending.from || number >= pending.to) && !pending.older.has(number)) return;
    const row = this.#row(number);
    if (row !== undefined) this.#before.set(number, row);
  }

  #row(number: number): LoggedRow | undefined {
    return this.#pages[Math.floor(number / PAGE_ROWS) - this.#firstPage]?.rows[number % PAGE_ROWS];
  }

  #set(logged: LoggedRow): void {
    const { number } = logged;
    const index = Math.floor(number / PAGE_ROWS);
    if (this.#size === 0) {
      this.#pages = [];
      this.#firstPage = index;
    }
    for (; index < this.#firstPage; this.#firstPage--) this.#pages.unshift(undefined);
    while (index - this.#firstPage >= this.#pages.length) this.#pages.push(undefined);
    this.#pages[index - this.#firstPage] ??= { rows: new Array<undefined>(PAGE_ROWS).fill(undefined), count: 0 };
    const page = this.#pages[index - this.#firstPage]!;
    page.rows[number % PAGE_ROWS] = logged;
    page.count++;
    this.changes++;
    this.#size++;
    this.#next = Math.max(this.#next, number + 1);
    this.#account?.add(logged.sizeBytes);
  }

  #remove(number: number): void {
    const index = Math.floor(number / PAGE_ROWS) - this.#firstPage;
    const page = this.#pages[index];
    const row = page?.rows[number % PAGE_ROWS];
    if (page === undefined || row === undefined) return;
    page.rows[number % PAGE_ROWS] = undefined;
    this.changes++;
    this.#size--;
    this.#account?.add(-row.sizeBytes);
    if (--page.count > 0) return;
    this.#pages[index] = undefined;
    while (this.#pages.length > 1 && this.#pages[0] === undefined) {
      this.#pages.shift();
      this.#firstPage++;
    }
  }
}

const entryOf = (number: number, key: string, timeMs: number, row: readonly SqlValue[]): LoggedRow => ({
  number,
  key,
  timeMs,
  row,
  sizeBytes: ENTRY_BYTES + valueBytes(row),
});

const savedOf = (logged: LoggedRow | undefined): StoreValue | undefined =>
  logged === undefined ? undefined : ([logged.key, logged.timeMs, logged.row] satisfies Saved);
