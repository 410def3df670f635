import type { ShownRow } from '../results/messages.ts';
import { type DisplayColumn, displayText, rawText } from './display-column.ts';
import { element } from './elements/dom.ts';
import { setText } from './elements/dom-patch.ts';
import { display } from './elements/page-display.ts';

/** Further away from where elements begin, browsers do not know places to the pixel. */
const MOST_ROWS_FROM_ORIGIN = 10_000;

interface PooledRow {
  readonly root: HTMLElement;
  readonly cells: readonly HTMLElement[];
  readonly texts: readonly Text[];
  place: number;
  shown: ShownRow | undefined;
  top: number;
}

/**
 * The row elements of a grid, as many as can be in sight: they are filled again and again, and only where something
 * differs. Where rows come fast, all of them are others each time: then nothing but texts changes, because elements
 * that are moved, hidden or shown cost the browser more than what stands in them.
 */
export class RowPool {
  readonly root: HTMLElement;
  /** Holds the rows, so that they move together. */
  readonly #sheet = element('div', { class: 'grid-sheet', role: 'presentation' });
  #sheetTop = 0;
  /** The place that lies at the top of the sheet. */
  #origin = 0;
  /** The place drawn first, and the one after the last. */
  #drawn: readonly [start: number, end: number] = [0, 0];
  /** Which element a place has: the one with the number `place + turn`, counted round. */
  #turn = 0;
  #columns: readonly DisplayColumn[] = [];
  #widths: readonly number[] = [];
  #hidden: ReadonlySet<string> = new Set();
  #rows: PooledRow[] = [];

  constructor() {
    this.root = element(
      'div',
      {
        class: 'grid-canvas',
        role: 'rowgroup',
        onmouseover: (event) => this.#explain(event.target as HTMLElement),
      },
      this.#sheet,
    );
  }

  setColumns(columns: readonly DisplayColumn[], widths: readonly number[]): void {
    this.#columns = columns;
    this.#widths = widths;
    for (const { root } of this.#rows) root.remove();
    this.#rows = [];
  }

  setHidden(names: ReadonlySet<string>): void {
    this.#hidden = names;
    for (const { cells } of this.#rows)
      this.#columns.forEach(({ name }, c) => {
        cells[c]!.hidden = names.has(name);
      });
  }

  setWidth(column: number, width: number): void {
    for (const { cells } of this.#rows) cells[column]!.style.width = `${width}px`;
  }

  /**
   * Shows rows that stand one after the other; all other rows go.
   * @param start the place of the first
   * @param topOf where a place lies, in pixels
   * @param size how many rows there may be at most
   */
  draw(rows: readonly ShownRow[], start: number, topOf: (place: number) => number, size: number): void {
    while (this.#rows.length < Math.max(size, rows.length)) this.#add();
    const count = this.#rows.length;
    const [startBefore, endBefore] = this.#drawn;
    const end = start + rows.length;
    if (start >= endBefore || end <= startBefore) {
      this.#turn += startBefore - start;
      this.#origin = start;
    } else if (Math.abs(start - this.#origin) > MOST_ROWS_FROM_ORIGIN) this.#origin = start;
    this.#drawn = [start, end];
    const sheetTop = topOf(this.#origin);
    if (sheetTop !== this.#sheetTop) this.#sheet.style.transform = `translateY(${sheetTop}px)`;
    this.#sheetTop = sheetTop;
    for (let place = start; place < start + count; place++) {
      // A place has the same element until it is out of sight, so that scrolling a little fills only what is new.
      const row = this.#rows[this.#indexOf(place)]!;
      const shown = rows[place - start];
      if (shown !== undefined) this.#fill(row, shown, place);
      else if (row.shown !== undefined) {
        row.shown = undefined;
        row.root.hidden = true;
      }
    }
  }

  /** Marks the rows of a range of places as selected, and of one of them the cell that the keys are at. */
  select(from: number, to: number, focus: number, column: number): void {
    for (const { root, cells, place, shown } of this.#rows) {
      const isSelected = shown !== undefined && place >= from && place <= to;
      if (root.classList.contains('selected') !== isSelected) {
        root.classList.toggle('selected', isSelected);
        root.setAttribute('aria-selected', String(isSelected));
      }
      if (!isSelected && root.dataset['focus'] === undefined) continue;
      delete root.dataset['focus'];
      for (const cell of cells) delete cell.dataset['focus'];
      if (!isSelected || place !== focus) continue;
      root.dataset['focus'] = '';
      if (cells[column] !== undefined) cells[column].dataset['focus'] = '';
    }
  }

  /** The row and the column that an element belongs to. */
  find(target: Element): { readonly shown: ShownRow; readonly place: number; readonly column: number } | undefined {
    const root = target.closest('.grid-row');
    const row = this.#rows.find((each) => each.root === root);
    if (row?.shown === undefined) return undefined;
    const column = row.cells.findIndex((cell) => cell.contains(target));
    return { shown: row.shown, place: row.place, column: Math.max(0, column) };
  }

  /** The row at a place, if it is drawn. */
  at(place: number): ShownRow | undefined {
    const row = this.#rows.length === 0 ? undefined : this.#rows[this.#indexOf(place)];
    return row?.place === place ? row.shown : undefined;
  }

  /** The longest text of a column that is drawn, in characters. */
  longest(column: number): number {
    return Math.max(0, ...this.#rows.map(({ shown, texts }) => (shown === undefined ? 0 : texts[column]!.data.length)));
  }

  #indexOf(place: number): number {
    const count = this.#rows.length;
    return (((place + this.#turn) % count) + count) % count;
  }

  #add(): void {
    const texts = this.#columns.map(() => document.createTextNode(''));
    const cells = this.#columns.map(({ name }, c) => {
      const cell = element('div', { class: 'cell', role: 'gridcell', hidden: this.#hidden.has(name) }, texts[c]!);
      cell.style.width = `${this.#widths[c]}px`;
      return cell;
    });
    const root = element('div', { class: 'grid-row', role: 'row', hidden: true }, ...cells);
    this.#rows.push({ root, cells, texts, place: -1, shown: undefined, top: -1 });
    // Who stood at which place depends on how many there are.
    for (const row of this.#rows) {
      row.shown = undefined;
      row.root.hidden = true;
    }
    this.#sheet.append(root);
  }

  #fill(row: PooledRow, shown: ShownRow, place: number): void {
    const { root, cells, texts } = row;
    const top = (place - this.#origin) * display().rowHeight;
    if (row.shown === undefined) root.hidden = false;
    if (row.top !== top) root.style.transform = `translateY(${top}px)`;
    if (row.place !== place) root.setAttribute('aria-rowindex', String(place + 2));
    const before = row.shown;
    row.top = top;
    row.place = place;
    row.shown = shown;
    if (before?.sequence === shown.sequence && before.changed?.length === shown.changed?.length) return;
    root.classList.toggle('removed', shown.removed);
    for (const [c, column] of this.#columns.entries()) {
      const text = displayText(column, shown.cells);
      setText(texts[c]!, text ?? 'null');
      const kind = `cell${column.kind === 'number' ? ' number' : ''}${text === null ? ' null' : ''}`;
      const isChanged = shown.changed?.includes(column.index);
      const name = isChanged ? `${kind} changed${shown.side === undefined ? '' : ` ${shown.side}`}` : kind;
      if (cells[c]!.className !== name) cells[c]!.className = name;
    }
  }

  /** What a cell holds is told when the pointer is on it: most never are. */
  #explain(target: HTMLElement): void {
    const found = this.find(target);
    const column = found && this.#columns[found.column];
    if (found === undefined || column === undefined || !target.classList.contains('cell')) return;
    const raw = rawText(column, found.shown.cells);
    if (raw !== target.textContent || target.scrollWidth > target.clientWidth) target.title = raw;
    else target.removeAttribute('title');
  }
}
