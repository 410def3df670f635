import { NumberText } from '../../engine/rest/client.ts';
import type { RowRecord } from '../../engine/rest/protocol.ts';
import type { ColumnInfo } from './messages.ts';

/** A cell as it came over REST. Integers that a double cannot hold are bigints, decimals whose text it cannot keep a NumberText. */
export type Cell = unknown;

export interface BufferedRow {
  readonly sequence: number;
  readonly cells: readonly Cell[];
  readonly removed: boolean;
  readonly sizeBytes: number;
  readonly changed?: readonly number[];
  /** The record whose processing gave the row, where the server tells. */
  readonly record?: RowRecord;
}

export interface BufferLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/**
 * The rows of one result: a ring with a ceiling in rows and in bytes, whose oldest rows go first, and for tables the newest
 * row of each key beside it. Nothing here is sampled; what is kept is exact.
 */
export class RowBuffer {
  readonly limits: BufferLimits;
  #keyColumns: readonly number[] = [];
  #rows: BufferedRow[] = [];
  /** Where the ring begins in `#rows`; slots before it are free. */
  #start = 0;
  #bytes = 0;
  #total = 0;
  #latest: Map<string, BufferedRow> | undefined;

  constructor(limits: BufferLimits) {
    this.limits = limits;
  }

  /** Says which columns are keys; with `isTable` the newest row of each key is kept as a view of its own. */
  describe(columns: readonly ColumnInfo[], isTable: boolean): void {
    this.#keyColumns = columns.flatMap((column, i) => (column.isKey ? [i] : []));
    this.#latest = isTable && this.#keyColumns.length > 0 ? new Map() : undefined;
  }

  add(cells: readonly Cell[], removed: boolean, record?: RowRecord): void {
    const latest = this.#latest;
    const key = latest && this.#keyColumns.map((i) => cellText(cells[i])).join('\u0000');
    const before = key === undefined ? undefined : latest?.get(key);
    const changed = before && changedColumns(before.cells, cells);
    const row: BufferedRow = {
      sequence: this.#total,
      cells,
      removed,
      sizeBytes: sizeOf(cells) + (record === undefined ? 0 : RECORD_BYTES),
      ...(changed === undefined ? {} : { changed }),
      ...(record === undefined ? {} : { record }),
    };
    if (latest !== undefined && key !== undefined) {
      if (removed) latest.delete(key);
      else if (before !== undefined || latest.size < this.limits.maxRows) latest.set(key, row);
    }
    this.#total++;
    this.#rows.push(row);
    this.#bytes += row.sizeBytes;
    while (this.kept > this.limits.maxRows || (this.#bytes > this.limits.maxBytes && this.kept > 1)) this.#dropOldest();
  }

  clear(): void {
    this.#rows = [];
    this.#start = 0;
    this.#bytes = 0;
    this.#latest?.clear();
  }

  /** Rows seen since the result began, kept or not. */
  get total(): number {
    return this.#total;
  }

  get kept(): number {
    return this.#rows.length - this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get hasTable(): boolean {
    return this.#latest !== undefined;
  }

  /** The kept row at an index, oldest first. */
  at(index: number): BufferedRow | undefined {
    return index < 0 ? undefined : this.#rows[this.#start + index];
  }

  /** The kept row with a sequence number; found in constant time, because the ring has no gaps. */
  bySequence(sequence: number): BufferedRow | undefined {
    const first = this.at(0);
    const found = first === undefined ? undefined : this.at(sequence - first.sequence);
    if (found?.sequence === sequence) return found;
    return this.#latest && [...this.#latest.values()].find((row) => row.sequence === sequence);
  }

  /** All changes kept, oldest first. */
  changes(): readonly BufferedRow[] {
    return this.#start === 0 ? this.#rows : this.#rows.slice(this.#start);
  }

  /** The newest row of each key, in the order in which the keys first appeared. */
  table(): readonly BufferedRow[] {
    return this.#latest === undefined ? this.changes() : [...this.#latest.values()];
  }

  #dropOldest(): void {
    this.#bytes -= this.#rows[this.#start]!.sizeBytes;
    this.#start++;
    // The free slots are given back in one go, so that dropping a row costs constant time on average.
    if (this.#start > 1024 && this.#start > this.#rows.length / 2) {
      this.#rows = this.#rows.slice(this.#start);
      this.#start = 0;
    }
  }
}

/** The columns in which a row differs from the one before it. */
const changedColumns = (before: readonly Cell[], cells: readonly Cell[]): readonly number[] =>
  cells.flatMap((cell, i) => (cellText(cell) === cellText(before[i]) ? [] : [i]));

/** The number that a cell is, however it came; undefined for everything else, texts of digits included. */
export function numberIn(cell: Cell): number | bigint | undefined {
  if (typeof cell === 'number' || typeof cell === 'bigint') return cell;
  return cell instanceof NumberText ? cell.valueOf() : undefined;
}

/** What the place of a record takes beside its row, in bytes. */
const RECORD_BYTES = 96;

/** An estimate of the memory that a row takes, in bytes. */
function sizeOf(cells: readonly Cell[]): number {
  let size = 64;
  for (const cell of cells)
    size +=
      16 +
      (typeof cell === 'string'
        ? cell.length * 2
        : cell instanceof NumberText
          ? 24 + cell.text.length
          : cell !== null && typeof cell === 'object'
            ? jsonText(cell).length * 2
            : 0);
  return size;
}

/** A cell as text: strings as they are, everything nested as JSON. NULL is the empty text; ask for null before. */
export function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'object' && !(cell instanceof NumberText) ? jsonText(cell) : String(cell);
}

/** JSON of a value that may hold bigints, which print as the integers they are. */
export function jsonText(value: unknown, indent?: number): string {
  const marked: string[] = [];
  const text = JSON.stringify(
    value,
    (_key, item) => (typeof item === 'bigint' ? `\u0001${marked.push(String(item)) - 1}\u0001` : item),
    indent,
  );
  return marked.length === 0 ? text : text.replace(/"\\u0001(\d+)\\u0001"/g, (_match, i) => marked[Number(i)]!);
}
