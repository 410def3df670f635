import { type AnswerRow, type RowContent, rowContent } from '../../engine/api/answer-rows.ts';
import { NumberText } from '../../engine/api/client.ts';
import type { RowRecord } from '../../engine/api/protocol.ts';
import type { ColumnInfo } from './messages.ts';
import { TextRing } from './text-ring.ts';

/**
 * A cell as it came over REST. Integers that a double cannot hold are bigints, decimals whose text it cannot keep a
 * NumberText.
 */
export type Cell = unknown;

export interface BufferedRow {
  /** Counts all rows of the result from 0. */
  readonly sequence: number;
  /** What stays with the row in its view: among changes its sequence number, in the table the number of its key. */
  readonly id: number;
  readonly cells: readonly Cell[];
  readonly removed: boolean;
  readonly changed?: readonly number[];
  /** The record whose processing gave the row, where the server tells. */
  readonly record?: RowRecord;
}

export interface BufferLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** The newest row of a key. */
interface Latest {
  readonly id: number;
  readonly sequence: number;
  readonly json: string;
  readonly changed: readonly number[] | undefined;
}

/** Stands between the JSON of a row, in which there is none, and the columns that have changed. */
const LINE_FEED = '\n';
/** A server may write any character by its number, and a slash behind another: then a search has to read the row. */
const ESCAPED = /\\[u/]/;

/**
 * The rows of one result: a ring with a ceiling in rows and in bytes, whose oldest rows go first, and for tables the
 * newest row of each key beside it. Nothing here is sampled; what is kept is exact. Rows are kept as the bytes that
 * came, and read when they are needed: most of those that come fast never are, and a hundred thousand of them as
 * objects take several times the memory.
 */
export class RowBuffer {
  readonly limits: BufferLimits;
  readonly #rows = new TextRing();
  #keyColumns: readonly number[] = [];
  #latest: Map<string, Latest> | undefined;
  #nextKeyId = 0;
  /** The newest row of each key as a list, until another row comes. */
  #table: readonly Latest[] | undefined;
  #version = 0;
  #clears = 0;

  constructor(limits: BufferLimits) {
    this.limits = limits;
  }

  /** Says which columns are keys; with `isTable` the newest row of each key is kept as a view of its own. */
  describe(columns: readonly ColumnInfo[], isTable: boolean): void {
    this.#keyColumns = columns.flatMap((column, i) => (column.isKey ? [i] : []));
    this.#latest = isTable && this.#keyColumns.length > 0 ? new Map() : undefined;
  }

  add(row: AnswerRow): void {
    const changed = this.#latest && this.#addToTable(row, this.#latest);
    this.#version++;
    this.#rows.push(row, changed && LINE_FEED + changed.join(','));
    while (this.kept > this.limits.maxRows || (this.bytes > this.limits.maxBytes && this.kept > 1)) this.#rows.shift();
  }

  /** Takes in the newest row of a key; gives the columns in which it differs from the one before. */
  #addToTable(row: AnswerRow, latest: Map<string, Latest>): readonly number[] | undefined {
    const { values, tombstone } = row.content;
    const key = this.#keyColumns.map((i) => cellText(values[i])).join('\u0000');
    const before = latest.get(key);
    const changed = before && changedColumns(contentOf(before.json).values, values);
    this.#table = undefined;
    if (tombstone) latest.delete(key);
    else if (before !== undefined || latest.size < this.limits.maxRows)
      latest.set(key, { id: before?.id ?? this.#nextKeyId++, sequence: this.#rows.next, json: row.json, changed });
    return changed;
  }

  clear(): void {
    this.#version++;
    this.#clears++;
    this.#rows.clear();
    this.#latest?.clear();
    this.#table = undefined;
  }

  /** Rows seen since the result began, kept or not; the next row's sequence number. */
  get total(): number {
    return this.#rows.next;
  }

  /** The sequence number of the oldest row kept. */
  get first(): number {
    return this.#rows.first;
  }

  get kept(): number {
    return this.#rows.next - this.#rows.first;
  }

  get bytes(): number {
    return this.#rows.bytes;
  }

  get hasTable(): boolean {
    return this.#latest !== undefined;
  }

  /** How often all rows were let go at once. */
  get clears(): number {
    return this.#clears;
  }

  /** Another number whenever rows came or went. */
  get version(): number {
    return this.#version;
  }

  /**
   * The kept change with a sequence number.
   * @param hints texts in lower case; a row in whose JSON one of them is missing is not read
   */
  change(sequence: number, hints: readonly string[] = []): BufferedRow | undefined {
    const text = this.#rows.at(sequence);
    if (text === undefined) return undefined;
    if (hints.length > 0) {
      const searched = text.toLowerCase();
      if (!ESCAPED.test(searched) && !hints.every((hint) => searched.includes(hint))) return undefined;
    }
    return rowOfText(sequence, text);
  }

  /** A row by its sequence number: a kept change, or the newest row of its key, which may be older than those. */
  bySequence(sequence: number): BufferedRow | undefined {
    const found = this.change(sequence);
    if (found !== undefined || this.#latest === undefined) return found;
    const latest = this.#latestRows().find((each) => each.sequence === sequence);
    return latest && rowOfLatest(latest);
  }

  /** All changes kept, oldest first. */
  changes(): readonly BufferedRow[] {
    return Array.from({ length: this.kept }, (_, i) => this.change(this.first + i)!);
  }

  /** How many keys there are. */
  get keys(): number {
    return this.#latest?.size ?? 0;
  }

  /** The newest row of a key, by the key's place in the order in which the keys first appeared. Their ids ascend. */
  tableRow(index: number): BufferedRow | undefined {
    const latest = this.#latestRows()[index];
    return latest && rowOfLatest(latest);
  }

  /** The newest row of each key, in the order in which the keys first appeared. */
  table(): readonly BufferedRow[] {
    return this.#latestRows().map(rowOfLatest);
  }

  #latestRows(): readonly Latest[] {
    this.#table ??= [...(this.#latest?.values() ?? [])];
    return this.#table;
  }
}

const rowOfLatest = ({ id, sequence, json, changed }: Latest): BufferedRow => rowOf(id, sequence, json, changed);

function rowOfText(sequence: number, text: string): BufferedRow {
  const end = text.indexOf(LINE_FEED);
  if (end < 0) return rowOf(sequence, sequence, text);
  const changed =
    end + 1 === text.length
      ? []
      : text
          .slice(end + 1)
          .split(',')
          .map(Number);
  return rowOf(sequence, sequence, text.slice(0, end), changed);
}

function rowOf(id: number, sequence: number, json: string, changed?: readonly number[]): BufferedRow {
  const { values, tombstone, record } = contentOf(json);
  const row = { sequence, id, cells: values, removed: tombstone, ...(changed && { changed }) };
  return record === undefined ? row : { ...row, record };
}

/** What is in a row. One that cannot be read is shown as it came: it must not keep the others from being seen. */
export function contentOf(json: string): RowContent {
  try {
    return rowContent(json);
  } catch {
    return { values: [json], tombstone: false };
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
