import type { RowPlace, ShownView } from './messages.ts';
import type { BufferedRow, Cell, RowBuffer } from './row-buffer.ts';
import { compareCells, type RowFilter } from './row-filter.ts';

/**
 * The rows of a result in one order, with a filter or without. Places count from 0; in the order of arrival a row keeps
 * its place for good, also when older rows leave, so that what is in sight stays where it is.
 */
export interface RowView {
  /** The place of the first row that is still there. */
  readonly first: number;
  /** The place after the last row. */
  readonly end: number;
  at(place: number): BufferedRow | undefined;
  /** Where a row that was at a place stands now; undefined when it is gone. */
  placeOf(row: RowPlace): number | undefined;
  /** Takes in what came since, and lets go what left. */
  update(): void;
}

/** Makes a view as it is asked for. It is filled when `update` is called. */
export function rowView(buffer: RowBuffer, shown: ShownView, filter: RowFilter | undefined): RowView {
  if (shown.view === 'table' && buffer.hasTable) return new TableView(buffer, filter, shown.sort);
  if (shown.sort !== undefined) return new SortedChanges(buffer, filter, shown.sort);
  return filter === undefined ? new AllChanges(buffer) : new FilteredChanges(buffer, filter);
}

/** All rows of a view. */
export function rowsOf(view: RowView): readonly BufferedRow[] {
  return Array.from({ length: view.end - view.first }, (_, i) => view.at(view.first + i)!);
}

/** Changes in the order in which they came: a row's place is its sequence number. */
class AllChanges implements RowView {
  readonly #buffer: RowBuffer;

  constructor(buffer: RowBuffer) {
    this.#buffer = buffer;
  }

  get first(): number {
    return this.#buffer.first;
  }

  get end(): number {
    return this.#buffer.total;
  }

  at(place: number): BufferedRow | undefined {
    return this.#buffer.change(place);
  }

  placeOf({ id }: RowPlace): number | undefined {
    return id >= this.first && id < this.end ? id : undefined;
  }

  update(): void {}
}

/**
 * The changes that a filter lets through, in the order in which they came. Each row is looked at once, when it is new.
 */
class FilteredChanges implements RowView {
  readonly #buffer: RowBuffer;
  readonly #filter: RowFilter | undefined;
  readonly #column: number | undefined;
  /** Ascending. Those before `#start` have left. */
  #sequences: number[] = [];
  /** The cells of a column, beside them. */
  #cells: Cell[] = [];
  #start = 0;
  /** How many rows were let go from the lists. */
  #dropped = 0;
  #seen = 0;

  /** @param column whose cells are kept at hand */
  constructor(buffer: RowBuffer, filter: RowFilter | undefined, column?: number) {
    this.#buffer = buffer;
    this.#filter = filter;
    this.#column = column;
  }

  get first(): number {
    return this.#dropped + this.#start;
  }

  get end(): number {
    return this.#dropped + this.#sequences.length;
  }

  at(place: number): BufferedRow | undefined {
    const sequence = this.sequenceAt(place);
    return sequence === undefined ? undefined : this.#buffer.change(sequence);
  }

  sequenceAt(place: number): number | undefined {
    return place < this.first ? undefined : this.#sequences[place - this.#dropped];
  }

  cellAt(place: number): Cell {
    return this.#cells[place - this.#dropped];
  }

  placeOf({ id }: RowPlace): number | undefined {
    const index = lowerBound(this.#sequences.length, (i) => this.#sequences[i]! >= id);
    return index >= this.#start && this.#sequences[index] === id ? this.#dropped + index : undefined;
  }

  update(): void {
    const buffer = this.#buffer;
    for (let sequence = Math.max(this.#seen, buffer.first); sequence < buffer.total; sequence++) {
      const row = buffer.change(sequence, this.#filter?.hints);
      if (row === undefined || this.#filter?.matches(row) === false) continue;
      this.#sequences.push(sequence);
      if (this.#column !== undefined) this.#cells.push(row.cells[this.#column]);
    }
    this.#seen = buffer.total;
    while (this.#start < this.#sequences.length && this.#sequences[this.#start]! < buffer.first) this.#start++;
    if (this.#start <= this.#sequences.length / 2) return;
    // Given back in one go, so that letting a row go costs constant time on average.
    this.#sequences = this.#sequences.slice(this.#start);
    this.#cells = this.#cells.slice(this.#start);
    this.#dropped += this.#start;
    this.#start = 0;
  }
}

/** Changes sorted by a column. */
class SortedChanges implements RowView {
  readonly #buffer: RowBuffer;
  readonly #changes: FilteredChanges;
  readonly #descending: boolean;
  #order: readonly number[] = [];
  #version = -1;

  constructor(buffer: RowBuffer, filter: RowFilter | undefined, sort: NonNullable<ShownView['sort']>) {
    this.#buffer = buffer;
    this.#changes = new FilteredChanges(buffer, filter, sort.column);
    this.#descending = sort.descending;
  }

  readonly first = 0;

  get end(): number {
    return this.#order.length;
  }

  at(place: number): BufferedRow | undefined {
    const sequence = this.#order[place];
    return sequence === undefined ? undefined : this.#buffer.change(sequence);
  }

  placeOf({ id }: RowPlace): number | undefined {
    const place = this.#order.indexOf(id);
    return place < 0 ? undefined : place;
  }

  update(): void {
    if (this.#version === this.#buffer.version) return;
    this.#version = this.#buffer.version;
    const changes = this.#changes;
    changes.update();
    const direction = this.#descending ? -1 : 1;
    this.#order = Array.from({ length: changes.end - changes.first }, (_, i) => changes.first + i)
      .sort((a, b) => compareCells(changes.cellAt(a), changes.cellAt(b)) * direction)
      .map((place) => changes.sequenceAt(place)!);
  }
}

/** The newest row of each key. */
class TableView implements RowView {
  readonly #buffer: RowBuffer;
  readonly #filter: RowFilter | undefined;
  readonly #sort: ShownView['sort'];
  /** The rows, where they are chosen or sorted; else they are read from the buffer when they are wanted. */
  #rows: readonly BufferedRow[] | undefined;
  #version = -1;

  constructor(buffer: RowBuffer, filter: RowFilter | undefined, sort: ShownView['sort']) {
    this.#buffer = buffer;
    this.#filter = filter;
    this.#sort = sort;
  }

  readonly first = 0;

  get end(): number {
    return this.#rows?.length ?? this.#buffer.keys;
  }

  at(place: number): BufferedRow | undefined {
    return this.#rows === undefined ? this.#buffer.tableRow(place) : this.#rows[place];
  }

  placeOf({ id }: RowPlace): number | undefined {
    const rows = this.#rows;
    const place =
      this.#sort !== undefined && rows !== undefined
        ? rows.findIndex((row) => row.id === id)
        : lowerBound(this.end, (i) => this.at(i)!.id >= id);
    return this.at(place)?.id === id ? place : undefined;
  }

  update(): void {
    if (this.#version === this.#buffer.version) return;
    this.#version = this.#buffer.version;
    if (this.#filter === undefined && this.#sort === undefined) return;
    const rows = this.#buffer.table();
    const found = this.#filter === undefined ? rows : rows.filter(this.#filter.matches);
    this.#rows = this.#sort === undefined ? found : sorted(found, this.#sort);
  }
}

function sorted(rows: readonly BufferedRow[], { column, descending }: NonNullable<ShownView['sort']>) {
  return rows.toSorted((a, b) => compareCells(a.cells[column], b.cells[column]) * (descending ? -1 : 1));
}

/** The first index at which something holds that holds for all after it; `length` where it holds nowhere. */
function lowerBound(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
