import type { ColumnInfo, Page, PageRequest, ResultView, ShownRow, ShownView } from '../results/messages.ts';
import { count } from '../results/row-count.ts';
import { fillCell, firstWidth } from './cell.ts';
import { element, icon } from './dom.ts';

const ROW_HEIGHT = 22;
/** Rows fetched beyond what is visible, so that a small scroll needs no answer first. */
const MARGIN_ROWS = 20;
/** Browsers cannot lay out elements beyond some millions of pixels; more rows than this are scrolled in proportion. */
const MAX_HEIGHT = 8_000_000;

/** Of the editor's font at its usual size, in pixels. */
const CHARACTER_WIDTH = 8;
const CELL_PADDING = 18;
const MAX_FIRST_WIDTH = 340;
const MAX_FITTED_WIDTH = 800;

export interface GridEvents {
  request(request: PageRequest): void;
  open(row: ShownRow): void;
  copy(sequences: readonly number[], form: 'text' | 'json' | 'insert', column?: number): void;
}

/**
 * A virtual table: a fixed number of row elements that are filled with what is in view. It follows the newest row until the
 * user scrolls, and then a pill says how many wait.
 */
export class Grid {
  readonly root: HTMLElement;
  readonly #result: number;
  readonly #events: GridEvents;
  readonly #header = element('div', { class: 'grid-header', role: 'row' });
  readonly #canvas = element('div', { class: 'grid-canvas', role: 'rowgroup' });
  readonly #scroller: HTMLElement;
  readonly #pill: HTMLButtonElement;
  #columns: readonly ColumnInfo[] = [];
  #widths: number[] = [];
  #hidden: ReadonlySet<string> = new Set();
  #rows: HTMLElement[] = [];
  #page: Page | undefined;
  #total = 0;
  #following = true;
  #seenWhenLeft = 0;
  #view: ResultView = 'changes';
  #filter = '';
  #sort: PageRequest['sort'];
  #selected: number | undefined;
  #anchor: number | undefined;
  #column = 0;
  #waiting = false;
  #dirty = false;
  #fitted = false;

  constructor(result: number, events: GridEvents) {
    this.#result = result;
    this.#events = events;
    this.#scroller = element(
      'div',
      {
        class: 'grid-scroller',
        tabindex: '0',
        role: 'grid',
        'aria-label': 'Rows',
        onscroll: () => this.#scrolled(),
        onkeydown: (event) => this.#key(event as KeyboardEvent),
      },
      this.#header,
      this.#canvas,
    );
    this.#pill = element('button', { class: 'pill', hidden: true, onclick: () => this.follow() });
    this.root = element('div', { class: 'grid' }, this.#scroller, this.#pill);
    new ResizeObserver(() => this.refresh()).observe(this.#scroller);
  }

  get filter(): string {
    return this.#filter;
  }

  setColumns(columns: readonly ColumnInfo[]): void {
    if (JSON.stringify(columns) === JSON.stringify(this.#columns)) return;
    this.#columns = columns;
    this.#widths = columns.map((column) => firstWidth(column) * 8);
    this.#fitted = false;
    this.#rows = [];
    this.#canvas.replaceChildren();
    this.#drawHeader();
  }

  /** Hides the columns of these names. */
  setHidden(names: ReadonlySet<string>): void {
    this.#hidden = names;
    for (const row of [this.#header, ...this.#rows])
      this.#columns.forEach(({ name }, c) => {
        (row.children[c] as HTMLElement).hidden = names.has(name);
      });
  }

  get shown(): ShownView {
    const shown = { view: this.#view, filter: this.#filter };
    return this.#sort === undefined ? shown : { ...shown, sort: this.#sort };
  }

  setView(view: ResultView): void {
    this.#view = view;
    this.#selected = undefined;
    this.refresh();
  }

  setFilter(filter: string): void {
    this.#filter = filter;
    this.refresh();
  }

  /** Scrolls to the newest row and stays there as rows arrive. */
  follow(): void {
    this.#following = true;
    this.#pill.hidden = true;
    this.refresh();
  }

  /** Stops following; the view stays where it is. */
  unfollow(): void {
    if (!this.#following) return;
    this.#following = false;
    this.#seenWhenLeft = this.#total;
  }

  /** Asks for the rows in view; at most one request is on its way, and a later wish replaces earlier ones. */
  refresh(): void {
    if (this.#waiting) {
      this.#dirty = true;
      return;
    }
    this.#waiting = true;
    const visible = Math.ceil(this.#scroller.clientHeight / ROW_HEIGHT) + 1;
    const atNewest = this.#following && this.#sort === undefined;
    const start = atNewest ? -1 : Math.max(0, this.#firstVisible() - MARGIN_ROWS);
    const request = {
      result: this.#result,
      view: this.#view,
      start,
      count: visible + 2 * MARGIN_ROWS,
      filter: this.#filter,
    };
    this.#events.request(this.#sort === undefined ? request : { ...request, sort: this.#sort });
  }

  /** Shows the answer to a request. */
  show(page: Page): void {
    this.#waiting = false;
    this.#page = page;
    this.#total = page.total;
    this.#canvas.style.height = `${Math.min(page.total * ROW_HEIGHT, MAX_HEIGHT)}px`;
    if (page.request.start < 0) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#draw(page);
    this.#fitOnce(page);
    this.#drawPill();
    if (this.#dirty) {
      this.#dirty = false;
      requestAnimationFrame(() => this.refresh());
    }
  }

  #draw(page: Page): void {
    while (this.#rows.length < page.rows.length) this.#addRow();
    this.#rows.forEach((row, i) => {
      const shown = page.rows[i];
      row.hidden = shown === undefined;
      if (shown === undefined) return;
      row.style.transform = `translateY(${this.#topOf(page.start + i)}px)`;
      row.classList.toggle('removed', shown.removed);
      row.classList.toggle('selected', this.#isSelected(page.start + i));
      row.setAttribute('aria-rowindex', String(page.start + i + 2));
      this.#columns.forEach((column, c) => {
        fillCell(row.children[c] as HTMLElement, shown.cells[c] ?? null, column, shown.changed?.includes(c) ?? false);
      });
    });
  }

  #addRow(): void {
    const index = this.#rows.length;
    const cells = this.#columns.map(({ name }, c) => {
      const cell = element('div', { class: 'cell', role: 'gridcell', hidden: this.#hidden.has(name) });
      cell.style.width = `${this.#widths[c]}px`;
      return cell;
    });
    const pick = (event: Event) => this.#pick(index, event as MouseEvent);
    const row = element(
      'div',
      { class: 'grid-row', role: 'row', onmousedown: pick, ondblclick: () => this.#openSelected() },
      ...cells,
    );
    this.#rows.push(row);
    this.#canvas.append(row);
  }

  #pick(index: number, event: MouseEvent): void {
    if (this.#page === undefined) return;
    const cell = (event.target as HTMLElement).closest('.cell');
    this.#column = cell === null ? 0 : [...cell.parentElement!.children].indexOf(cell);
    this.#select(this.#page.start + index, event.shiftKey);
    this.unfollow();
  }

  #select(index: number, extend: boolean): void {
    this.#selected = Math.max(0, Math.min(this.#total - 1, index));
    if (!extend || this.#anchor === undefined) this.#anchor = this.#selected;
    if (this.#page !== undefined) this.#draw(this.#page);
  }

  #isSelected(index: number): boolean {
    if (this.#selected === undefined || this.#anchor === undefined) return false;
    return index >= Math.min(this.#selected, this.#anchor) && index <= Math.max(this.#selected, this.#anchor);
  }

  #selectedRows(): ShownRow[] {
    const { start = 0, rows = [] } = this.#page ?? {};
    return rows.filter((_, i) => this.#isSelected(start + i));
  }

  #openSelected(): void {
    const row = this.#selectedRows()[0];
    if (row !== undefined) this.#events.open(row);
  }

  #key(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 20,
      PageUp: -20,
      Home: -this.#total,
      End: this.#total,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      this.unfollow();
      const from = this.#selected ?? (step > 0 ? this.#firstVisible() - 1 : this.#total);
      this.#select(from + step, event.shiftKey);
      this.#reveal(this.#selected!);
    } else if (event.key === 'Enter') this.#openSelected();
    else if (event.key === 'Escape') this.unfollow();
    else if (event.key.toLowerCase() === 'c' && (event.ctrlKey || event.metaKey)) this.copySelected('text');
    else return;
    event.stopPropagation();
  }

  /** Copies the selected rows; as text, a single row gives the one cell. */
  copySelected(form: 'text' | 'json' | 'insert'): void {
    const sequences = this.#selectedRows().map((row) => row.sequence);
    if (sequences.length === 1 && form === 'text') this.#events.copy(sequences, form, this.#column);
    else if (sequences.length > 0) this.#events.copy(sequences, form);
  }

  #reveal(index: number): void {
    const top = this.#topOf(index);
    const { scrollTop, clientHeight } = this.#scroller;
    const room = clientHeight - this.#header.offsetHeight - ROW_HEIGHT;
    if (top < scrollTop) this.#scroller.scrollTop = top;
    else if (top > scrollTop + room) this.#scroller.scrollTop = top - room;
  }

  #scale(): number {
    return Math.max(1, (this.#total * ROW_HEIGHT) / MAX_HEIGHT);
  }

  #firstVisible(): number {
    return Math.floor((this.#scroller.scrollTop * this.#scale()) / ROW_HEIGHT);
  }

  #topOf(index: number): number {
    const scale = this.#scale();
    if (scale === 1) return index * ROW_HEIGHT;
    // Scrolled in proportion: rows lie around the first visible one at their true distance.
    const first = (this.#scroller.scrollTop * scale) / ROW_HEIGHT;
    return this.#scroller.scrollTop + (index - first) * ROW_HEIGHT;
  }

  #scrolled(): void {
    const bottom = this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight;
    if (bottom > ROW_HEIGHT && this.#following) this.unfollow();
    else if (bottom <= 1 && this.#sort === undefined && !this.#following && this.#total > 0) this.#following = true;
    this.refresh();
  }

  #drawPill(): void {
    const fresh = this.#total - this.#seenWhenLeft;
    this.#pill.hidden = this.#following || fresh <= 0 || this.#sort !== undefined;
    this.#pill.replaceChildren(icon('arrow-down'), ` ${count(fresh)} new ${fresh === 1 ? 'row' : 'rows'}`);
  }

  #drawHeader(): void {
    this.#header.replaceChildren(...this.#columns.map((column, c) => this.#headerCell(column, c)));
  }

  #headerCell(column: ColumnInfo, index: number): HTMLElement {
    const sorted = this.#sort?.column === index ? (this.#sort.descending ? 'arrow-down' : 'arrow-up') : undefined;
    const cell = element(
      'div',
      {
        class: `head${column.numeric ? ' number' : ''}`,
        role: 'columnheader',
        hidden: this.#hidden.has(column.name),
        title: `${column.name} ${column.type}`,
        onclick: () => this.#sortBy(index),
      },
      element(
        'div',
        { class: 'head-name' },
        ...(column.isKey ? [icon('key')] : []),
        column.name,
        ...(sorted === undefined ? [] : [icon(sorted)]),
      ),
      element('div', { class: 'head-type' }, column.type),
      element('div', {
        class: 'grip',
        onmousedown: (event) => this.#resize(event as MouseEvent, index),
        ondblclick: () => this.#fit(index),
        onclick: (event) => event.stopPropagation(),
      }),
    );
    cell.style.width = `${this.#widths[index]}px`;
    return cell;
  }

  /** Ascending, descending, then the order of arrival again. */
  #sortBy(column: number): void {
    const current = this.#sort?.column === column ? this.#sort : undefined;
    this.#sort =
      current === undefined
        ? { column, descending: false }
        : current.descending
          ? undefined
          : { column, descending: true };
    if (this.#sort !== undefined) {
      this.#following = false;
      this.#scroller.scrollTop = 0;
    }
    this.#drawHeader();
    this.refresh();
  }

  #resize(event: MouseEvent, index: number): void {
    event.preventDefault();
    event.stopPropagation();
    const before = this.#widths[index]!;
    const move = (moved: MouseEvent) => this.#setWidth(index, before + moved.clientX - event.clientX);
    const up = () => {
      document.removeEventListener('mousemove', move);
      document.removeEventListener('mouseup', up);
    };
    document.addEventListener('mousemove', move);
    document.addEventListener('mouseup', up);
  }

  /** The first rows decide the widths, which then stay as they are: nothing moves under the user's hand. */
  #fitOnce(page: Page): void {
    if (this.#fitted || page.rows.length === 0) return;
    this.#fitted = true;
    for (const i of this.#columns.keys()) this.#fit(i, MAX_FIRST_WIDTH);
  }

  /** Makes a column as wide as what is in view needs. */
  #fit(index: number, most = MAX_FITTED_WIDTH): void {
    const { name, type, isKey } = this.#columns[index]!;
    const cells = this.#rows.filter((row) => !row.hidden).map((row) => (row.children[index]?.textContent ?? '').length);
    const header = name.length + (isKey ? 4 : 2);
    const characters = Math.max(header, Math.min(type.length, header + 12), ...cells);
    this.#setWidth(index, Math.min(most, CHARACTER_WIDTH * characters + CELL_PADDING));
  }

  #setWidth(index: number, width: number): void {
    this.#widths[index] = Math.max(40, width);
    for (const row of [this.#header, ...this.#rows])
      (row.children[index] as HTMLElement).style.width = `${this.#widths[index]}px`;
  }
}
