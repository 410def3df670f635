import { exactNumber, NumberText, parseRowJson } from '../../engine/api/client.ts';
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
  readonly text: string;
}

/**
 * A row as it is kept: JSON of its cells, and of what else there is to know of it. Cells that are more than a double
 * are texts, and `exact` says which; such a number within a cell has to be looked for (`isDeep`).
 */
type KeptRow = readonly [
  cells: readonly Cell[],
  removed: 0 | 1,
  changed: readonly number[] | 0,
  record: readonly [topic: number, partition: number, offset: number, timestampMs: number] | 0,
  exact: readonly number[],
  isDeep: 0 | 1,
];

/**
 * The rows of one result: a ring with a ceiling in rows and in bytes, whose oldest rows go first, and for tables the
 * newest row of each key beside it. Nothing here is sampled; what is kept is exact. Rows are kept as bytes and read
 * when they are needed, because a hundred thousand of them as objects take several times the memory.
 */
export class RowBuffer {
  readonly limits: BufferLimits;
  readonly #rows = new TextRing();
  #keyColumns: readonly number[] = [];
  #latest: Map<string, Latest> | undefined;
  #nextKeyId = 0;
  /** The newest row of each key as a list, until another row comes. */
  #table: readonly Latest[] | undefined;
  readonly #topics: string[] = [];
  #version = 0;

  constructor(limits: BufferLimits) {
    this.limits = limits;
  }

  /** Says which columns are keys; with `isTable` the newest row of each key is kept as a view of its own. */
  describe(columns: readonly ColumnInfo[], isTable: boolean): void {
    this.#keyColumns = columns.flatMap((column, i) => (column.isKey ? [i] : []));
    this.#latest = isTable && this.#keyColumns.length > 0 ? new Map() : undefined;
  }

  add(cells: readonly Cell[], removed: boolean, record?: RowRecord): void {
    const sequence = this.#rows.next;
    const latest = this.#latest;
    const key = latest && this.#keyColumns.map((i) => cellText(cells[i])).join('\u0000');
    const before = key === undefined ? undefined : latest?.get(key);
    const changed = before && changedColumns(cellsOf(before.text), cells);
    const text = this.#textOf(cells, removed, changed, record);
    if (latest !== undefined && key !== undefined) {
      this.#table = undefined;
      if (removed) latest.delete(key);
      else if (before !== undefined || latest.size < this.limits.maxRows)
        latest.set(key, { id: before?.id ?? this.#nextKeyId++, sequence, text });
    }
    this.#version++;
    this.#rows.push(text);
    while (this.kept > this.limits.maxRows || (this.bytes > this.limits.maxBytes && this.kept > 1)) this.#rows.shift();
  }

  clear(): void {
    this.#version++;
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
      if (!hints.every((hint) => searched.includes(hint))) return undefined;
    }
    return this.#rowOf(text, sequence, sequence);
  }

  /** A row by its sequence number: a kept change, or the newest row of its key, which may be older than those. */
  bySequence(sequence: number): BufferedRow | undefined {
    const found = this.change(sequence);
    if (found !== undefined || this.#latest === undefined) return found;
    const latest = this.#latestRows().find((each) => each.sequence === sequence);
    return latest && this.#rowOf(latest.text, sequence, latest.id);
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
    return latest && this.#rowOf(latest.text, latest.sequence, latest.id);
  }

  /** The newest row of each key, in the order in which the keys first appeared. */
  table(): readonly BufferedRow[] {
    return this.#latestRows().map(({ text, sequence, id }) => this.#rowOf(text, sequence, id));
  }

  #latestRows(): readonly Latest[] {
    this.#table ??= [...(this.#latest?.values() ?? [])];
    return this.#table;
  }

  #textOf(
    cells: readonly Cell[],
    removed: boolean,
    changed: readonly number[] | undefined,
    record: RowRecord | undefined,
  ): string {
    const exact = cells.flatMap((cell, i) => (isExactNumber(cell) ? [i] : []));
    const isDeep = cells.some(holdsExactNumber);
    const kept: KeptRow = [
      exact.length === 0 ? cells : cells.map((cell) => (isExactNumber(cell) ? String(cell) : cell)),
      removed ? 1 : 0,
      changed ?? 0,
      record === undefined ? 0 : [this.#topic(record.topic), record.partition, record.offset, record.timestampMs],
      exact,
      isDeep ? 1 : 0,
    ];
    return isDeep ? JSON.stringify(kept, exactNumber) : JSON.stringify(kept);
  }

  #rowOf(text: string, sequence: number, id: number): BufferedRow {
    const [cells, removed, changed, place] = parse(text);
    const row = { sequence, id, cells, removed: removed === 1 };
    const record = place && {
      topic: this.#topics[place[0]]!,
      partition: place[1],
      offset: place[2],
      timestampMs: place[3],
    };
    if (changed) return record ? { ...row, changed, record } : { ...row, changed };
    return record ? { ...row, record } : row;
  }

  /** Rows come from a few topics; each stands in the rows as a number. */
  #topic(name: string): number {
    const known = this.#topics.indexOf(name);
    return known < 0 ? this.#topics.push(name) - 1 : known;
  }
}

function parse(text: string): KeptRow {
  let kept = JSON.parse(text) as KeptRow;
  if (kept[5] === 1) kept = parseRowJson(text) as KeptRow;
  const cells = kept[0] as Cell[];
  for (const i of kept[4]) cells[i] = exactNumberOf(cells[i] as string);
  return kept;
}

const cellsOf = (text: string): readonly Cell[] => parse(text)[0];

const exactNumberOf = (text: string): Cell => (/^-?\d+$/.test(text) ? BigInt(text) : new NumberText(text));

/** Whether a value is a number that a double would not give back as it came. */
const isExactNumber = (value: Cell): boolean => typeof value === 'bigint' || value instanceof NumberText;

/** Whether there is such a number in a nested value. */
function holdsExactNumber(value: Cell): boolean {
  if (value === null || typeof value !== 'object' || value instanceof NumberText) return false;
  for (const item of Object.values(value)) if (isExactNumber(item) || holdsExactNumber(item)) return true;
  return false;
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
