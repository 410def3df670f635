import * as l10n from '@vscode/l10n';
import { count } from '../../engine/api/row-count.ts';
import type {
  ColumnInfo,
  CopyRequest,
  GridAction,
  GridContext,
  Page,
  PageRequest,
  ResultView,
  RowPlace,
  Selection,
  ShownRow,
  ShownView,
} from '../results/messages.ts';
import { type DisplayColumn, displayColumns } from './display-column.ts';
import { element, icon } from './elements/dom.ts';
import { setHidden, setText } from './elements/dom-patch.ts';
import { display } from './elements/page-display.ts';
import { GridHead } from './grid-head.ts';
import { RowPool } from './row-pool.ts';
import { ScrollRange } from './scroll-range.ts';

/** Rows fetched beyond what is visible once the user has scrolled, so that a small scroll needs no answer first. */
const MARGIN_ROWS = 20;
const MAX_FITTED_WIDTH = 800;

export interface GridEvents {
  request(request: PageRequest): void;
  open(row: ShownRow): void;
  copy(request: CopyRequest): void;
  filter(text: string): void;
  hide(name: string): void;
}

/**
 * A virtual table: a fixed number of row elements that are filled with what is in view. It follows the newest row until
 * the user scrolls; then nothing moves, and a pill says how many new rows wait.
 */
export class Grid {
  readonly root: HTMLElement;
  readonly #result: number;
  readonly #events: GridEvents;
  readonly #head: GridHead;
  readonly #pool = new RowPool();
  readonly #range: ScrollRange;
  readonly #scroller: HTMLElement;
  readonly #pillText = new Text();
  readonly #pill: HTMLButtonElement;
  readonly #goneText = new Text();
  readonly #gone: HTMLElement;
  #columns: readonly DisplayColumn[] = [];
  #columnsKey = '';
  #page: Page | undefined;
  #following = display().follow;
  #endWhenLeft = 0;
  #shown: ShownView = { view: 'changes', filter: '' };
  #selection: Selection | undefined;
  #column = 0;
  /** Whether an answer is on its way that does not wait for a change. */
  #asked = false;
  #dirty = false;
  #fitted = false;
  #active = true;

  /** @param isSortable whether a click on a column's head sorts; not where the rows are not at hand */
  constructor(result: number, events: GridEvents, { isSortable = true }: { readonly isSortable?: boolean } = {}) {
    this.#result = result;
    this.#events = events;
    this.#head = new GridHead({
      sort: (column) => isSortable && this.#sortNext(column),
      resized: (column, width) => this.#pool.setWidth(column, width),
      fit: (column) => this.#head.fit(column, this.#pool.longest(column), MAX_FITTED_WIDTH),
    });
    this.#gone = element('div', { class: 'gone-note', hidden: true }, this.#goneText);
    this.#pool.root.append(this.#gone);
    this.#pool.root.addEventListener('mousedown', (event) => this.#pick(event));
    this.#pool.root.addEventListener('dblclick', () => this.#openFocus());
    this.#scroller = element(
      'div',
      {
        class: 'grid-scroller',
        tabindex: '0',
        role: 'grid',
        'aria-label': l10n.t('Rows'),
        'aria-multiselectable': 'true',
        onscroll: () => this.#scrolled(),
        onwheel: (event) => (event as WheelEvent).deltaY < 0 && this.unfollow(),
        onmousedown: (event) => event.target === this.#scroller && this.unfollow(),
        onkeydown: (event) => this.#key(event as KeyboardEvent),
        oncontextmenu: (event) => this.#describeMenu(event as MouseEvent),
      },
      this.#head.root,
      this.#pool.root,
    );
    this.#range = new ScrollRange(this.#scroller, this.#pool.root);
    this.#pill = element(
      'button',
      { class: 'pill', hidden: true, onclick: () => this.follow() },
      icon('arrow-down'),
      this.#pillText,
    );
    this.root = element('div', { class: 'grid' }, this.#scroller, this.#pill);
    new ResizeObserver(() => {
      this.#range.measure(this.#head.root.offsetHeight);
      this.refresh();
    }).observe(this.#scroller);
  }

  get shown(): ShownView {
    return this.#shown;
  }

  get selection(): Selection | undefined {
    return this.#selection;
  }

  /** The columns as they are shown. */
  get columns(): readonly DisplayColumn[] {
    return this.#columns;
  }

  setColumns(columns: readonly ColumnInfo[]): void {
    const key = JSON.stringify(columns);
    if (key === this.#columnsKey) return;
    this.#columnsKey = key;
    this.#columns = displayColumns(columns);
    this.#fitted = false;
    this.#head.setColumns(this.#columns);
    this.#pool.setColumns(this.#columns, this.#head.widths);
  }

  /** Hides the columns of these names. */
  setHidden(names: ReadonlySet<string>): void {
    this.#head.setHidden(names);
    this.#pool.setHidden(names);
  }

  /** Whether it is on the screen; else it asks for nothing. */
  setActive(active: boolean): void {
    if (active === this.#active) return;
    this.#active = active;
    if (active) this.refresh();
  }

  setView(view: ResultView): void {
    this.#selection = undefined;
    this.#show({ ...this.#shown, view });
  }

  setFilter(filter: string): void {
    this.#show({ ...this.#shown, filter });
  }

  setSort(sort: ShownView['sort']): void {
    const { view, filter } = this.#shown;
    if (sort !== undefined) this.unfollow();
    this.#range.toTop();
    this.#head.setSort(sort);
    this.#show(sort === undefined ? { view, filter } : { view, filter, sort });
  }

  /** Does what its menu says. */
  act(action: GridAction): void {
    switch (action.kind) {
      case 'filter':
        return this.#events.filter(action.text);
      case 'hide': {
        const column = this.#columns.find(({ index }) => index === action.column);
        return column && this.#events.hide(column.name);
      }
      case 'sort':
        return this.setSort({ column: action.column, descending: action.descending });
      case 'unsort':
        return this.setSort(undefined);
      default:
        action satisfies never;
    }
  }

  /** Scrolls to the newest row and stays there as rows arrive. */
  follow(): void {
    this.#following = true;
    if (this.#shown.sort !== undefined) return this.setSort(undefined);
    this.refresh();
  }

  /** Stops following; the view stays where it is. */
  unfollow(): void {
    if (!this.#following) return;
    this.#following = false;
    this.#endWhenLeft = this.#page?.end ?? 0;
    this.refresh();
  }

  /** Selects a row, and shows it in the middle of what is visible. */
  revealPlace(place: number): void {
    this.unfollow();
    this.#select(this.#rowAt(place), false);
    this.#range.scrollTo(Math.max(this.#page?.first ?? 0, place - Math.floor(this.#range.visibleRows / 2)));
    this.refresh();
  }

  /** Asks for the rows in view at once; a later wish replaces earlier ones while the answer is on its way. */
  refresh(): void {
    if (this.#asked) this.#dirty = true;
    else if (this.#active && this.#range.isMeasured) this.#request(false);
  }

  /** Another view of the rows: the selected row stays selected if it is in it, and places mean something else. */
  #show(shown: ShownView): void {
    this.#shown = shown;
    this.#following = shown.sort === undefined && display().follow;
    const focus = this.#selection && { id: this.#selection.focus.id, place: -1 };
    this.#selection = focus && { anchor: focus, focus };
    this.#page = undefined;
    this.#range.forget();
    this.refresh();
  }

  #request(wait: boolean): void {
    const visible = this.#range.visibleRows;
    const request: PageRequest = {
      result: this.#result,
      ...this.#shown,
      count: visible,
      wait,
      ...(this.#selection && { selection: this.#selection }),
    };
    this.#asked = !wait;
    if (this.#following) return this.#events.request(request);
    const top = Math.floor(this.#range.top);
    const inSight = this.#range.isAtTop ? undefined : this.#pool.at(top);
    this.#events.request({
      ...request,
      start: Math.max(0, top - MARGIN_ROWS),
      count: visible + 2 * MARGIN_ROWS,
      ...(inSight && this.#page && { anchor: { id: inSight.id, place: top } }),
    });
  }

  /** Shows the answer to a request. */
  show(page: Page): void {
    if (!page.request.wait) this.#asked = false;
    if (this.#isCurrent(page.request)) this.#showCurrent(page);
    else this.#dirty = true;
    if (!this.#active || this.#asked) return;
    const dirty = this.#dirty;
    this.#dirty = false;
    if (dirty) requestAnimationFrame(() => this.refresh());
    else this.#request(true);
  }

  /** Whether an answer is to what is wanted now: another view, or other rows of it, would wipe out those in sight. */
  #isCurrent({ view, filter, sort, start }: PageRequest): boolean {
    const { shown } = this;
    const isSame = JSON.stringify([view, filter, sort]) === JSON.stringify([shown.view, shown.filter, shown.sort]);
    return isSame && (start === undefined) === this.#following;
  }

  #showCurrent(page: Page): void {
    const isFirst = this.#page === undefined;
    this.#page = page;
    // What was picked since the question is newer than the answer.
    if (this.#selection === page.request.selection || sameSelection(this.#selection, page.request.selection))
      this.#selection = page.selection;
    const focus = this.#selection?.focus;
    // Whoever has chosen a row wants to see it in the other view, too.
    const isSought = isFirst && focus !== undefined && this.#following;
    if (isSought) this.#following = false;
    if (isFirst) this.#endWhenLeft = page.end;
    this.#range.set(page.first, page.end, this.#following, page.request.start === undefined ? 0 : page.moved);
    if (isSought) {
      this.#range.scrollTo(Math.max(page.first, focus.place - Math.floor(this.#range.visibleRows / 2)));
      this.#dirty = true;
    }
    this.#draw(page);
    this.#fitOnce(page);
    this.#drawNotes(page);
  }

  #draw(page: Page): void {
    this.#pool.draw(
      page.rows,
      page.start,
      (place) => this.#range.yOf(place),
      this.#range.visibleRows + 2 * MARGIN_ROWS,
    );
    this.#drawSelection();
  }

  #drawSelection(): void {
    if (this.#selection === undefined) return this.#pool.select(0, -1, -1, 0);
    const [anchor, focus] = [this.#selection.anchor, this.#selection.focus].map((row) =>
      row.id < 0 ? this.#rowAt(row.place) : row,
    ) as [RowPlace, RowPlace];
    this.#selection = { anchor, focus };
    const [from, to] = [Math.min(anchor.place, focus.place), Math.max(anchor.place, focus.place)];
    this.#pool.select(from, to, focus.place, this.#column);
  }

  /** Says what is elsewhere: rows that came since, above those that are kept the ones that are not any more. */
  #drawNotes({ first, end }: Page): void {
    const gone = this.#following ? 0 : Math.max(0, first - this.#range.base);
    const isAllGone = gone > 0 && this.#range.top + this.#range.visibleRows - 2 < first;
    const fresh = end - this.#endWhenLeft;
    setText(this.#pillText, freshText(fresh, isAllGone));
    setHidden(this.#pill, this.#following || fresh <= 0 || this.#shown.sort !== undefined);
    setHidden(this.#gone, gone === 0);
    if (gone === 0) return;
    setText(
      this.#goneText,
      gone === 1 ? l10n.t('1 older row is no longer kept') : l10n.t('{0} older rows are no longer kept', count(gone)),
    );
    this.#gone.style.transform = `translateY(${this.#range.yOf(first - 1)}px)`;
  }

  #pick(event: MouseEvent): void {
    const found = this.#pool.find(event.target as Element);
    if (found === undefined) return;
    this.#column = found.column;
    const isInside = event.button === 2 && this.#isSelected(found.place);
    if (!isInside) this.#select({ id: found.shown.id, place: found.place }, event.shiftKey);
    this.unfollow();
  }

  #select(row: RowPlace, extend: boolean): void {
    const anchor = extend ? (this.#selection?.anchor ?? row) : row;
    this.#selection = { anchor, focus: row };
    this.#drawSelection();
  }

  #isSelected(place: number): boolean {
    if (this.#selection === undefined) return false;
    const { anchor, focus } = this.#selection;
    return place >= Math.min(anchor.place, focus.place) && place <= Math.max(anchor.place, focus.place);
  }

  #openFocus(): void {
    const row = this.#selection && this.#pool.at(this.#selection.focus.place);
    if (row !== undefined) this.#events.open(row);
  }

  #key(event: KeyboardEvent): void {
    const { first = 0, end = 0 } = this.#page ?? {};
    const page = this.#range.visibleRows - 2;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      this.unfollow();
      const from = this.#selection?.focus.place ?? (step > 0 ? Math.ceil(this.#range.top) - 1 : end);
      this.#moveFocus(Math.max(first, Math.min(end - 1, from + step)), event.shiftKey);
    } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const next = this.#column + (event.key === 'ArrowLeft' ? -1 : 1);
      this.#column = Math.max(0, Math.min(this.#columns.length - 1, next));
      return this.#drawSelection();
    } else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.unfollow();
      if (end > first) this.#selection = { anchor: this.#rowAt(first), focus: this.#rowAt(end - 1) };
      this.#drawSelection();
      this.refresh();
    } else if (event.key === 'Enter') this.#openFocus();
    else if (event.key === 'Escape') this.unfollow();
    else if (event.key.toLowerCase() === 'c' && (event.ctrlKey || event.metaKey)) this.copySelected('text');
    else return;
    event.stopPropagation();
  }

  #moveFocus(place: number, extend: boolean): void {
    this.#select(this.#rowAt(place), extend);
    this.#range.reveal(place);
    this.refresh();
  }

  /** A row by its place; its id is known once it is drawn. */
  #rowAt(place: number): RowPlace {
    return { id: this.#pool.at(place)?.id ?? -1, place };
  }

  /** Copies the selected rows; as text, a single row gives the one cell. */
  copySelected(form: CopyRequest['form']): void {
    const selection = this.#selection;
    if (selection === undefined) return;
    const request = { result: this.#result, shown: this.#shown, selection, form };
    const column = this.#columns[this.#column]?.index;
    const isOne = selection.anchor.place === selection.focus.place;
    this.#events.copy(form === 'text' && isOne && column !== undefined ? { ...request, column } : request);
  }

  /** Before VS Code opens the menu, it reads from the page what the menu is about. */
  #describeMenu(event: MouseEvent): void {
    const target = event.target as Element;
    const found = this.#pool.find(target);
    const byKey = found === undefined && this.#selection && this.#pool.at(this.#selection.focus.place);
    const column = this.#head.find(target) ?? this.#columns[found?.column ?? this.#column];
    const row = found?.shown ?? (byKey || undefined);
    const isHead = this.#head.find(target) !== undefined;
    const context: GridContext & Record<string, unknown> = {
      webviewSection: column === undefined ? 'none' : isHead || row === undefined ? 'column' : 'cell',
      preventDefaultContextMenuItems: true,
      panel: this.root.closest<HTMLElement>('[data-panel]')!.dataset['panel']!,
      result: this.#result,
      column: column?.index ?? 0,
      shown: this.#shown,
      ...(row && !isHead && { sequence: row.sequence }),
      ...(this.#selection && { selection: this.#selection }),
    };
    this.#scroller.dataset['vscodeContext'] = JSON.stringify(context);
  }

  #scrolled(): void {
    if (!this.#range.userScrolled()) return;
    if (this.#following && !this.#range.isNearEnd) this.unfollow();
    else if (!this.#following && this.#range.isAtEnd && this.#shown.sort === undefined && this.#page !== undefined)
      this.#following = true;
    this.refresh();
  }

  /** Ascending, descending, then the order of arrival again. */
  #sortNext({ index }: DisplayColumn): void {
    const current = this.#shown.sort?.column === index ? this.#shown.sort : undefined;
    if (current?.descending) this.setSort(undefined);
    else this.setSort({ column: index, descending: current !== undefined });
  }

  /** The first rows decide the widths, which then stay as they are: nothing moves under the user's hand. */
  #fitOnce(page: Page): void {
    if (this.#fitted || page.rows.length === 0) return;
    this.#fitted = true;
    for (const i of this.#columns.keys()) this.#head.fit(i, this.#pool.longest(i), display().maxColumnWidth);
    this.#range.measure(this.#head.root.offsetHeight);
  }
}

const sameSelection = (a: Selection | undefined, b: Selection | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** How many rows have come since the reader left the newest, and whether those that he reads are gone. */
function freshText(rows: number, isAllGone: boolean): string {
  const waiting = rows === 1 ? l10n.t('1 new row') : l10n.t('{0} new rows', count(rows));
  return isAllGone ? l10n.t('{0}; those that stood here are no longer kept', waiting) : waiting;
}
