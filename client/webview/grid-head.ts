import * as l10n from '@vscode/l10n';
import type { ShownView } from '../results/messages.ts';
import { type DisplayColumn, firstWidth } from './display-column.ts';
import { element, icon } from './elements/dom.ts';

/** Of the editor's font at its usual size, in pixels. */
const CHARACTER_WIDTH = 8;
const CELL_PADDING = 18;
const MIN_WIDTH = 40;

export interface GridHeadEvents {
  sort(column: DisplayColumn): void;
  resized(column: number, width: number): void;
  /** Wants a column as wide as what is in sight. */
  fit(column: number): void;
}

/** The head of a grid: names, types, what it is sorted by; the widths of the columns are here. */
export class GridHead {
  readonly root = element('div', { class: 'grid-header', role: 'row' });
  readonly #events: GridHeadEvents;
  #columns: readonly DisplayColumn[] = [];
  #widths: number[] = [];
  #hidden: ReadonlySet<string> = new Set();
  #sort: ShownView['sort'];

  constructor(events: GridHeadEvents) {
    this.#events = events;
  }

  get widths(): readonly number[] {
    return this.#widths;
  }

  setColumns(columns: readonly DisplayColumn[]): void {
    this.#columns = columns;
    this.#widths = columns.map((column) => firstWidth(column) * CHARACTER_WIDTH);
    this.#draw();
  }

  setHidden(names: ReadonlySet<string>): void {
    this.#hidden = names;
    this.#draw();
  }

  setSort(sort: ShownView['sort']): void {
    this.#sort = sort;
    this.#draw();
  }

  /** The column that an element of the head belongs to. */
  find(target: Element): DisplayColumn | undefined {
    const head = target.closest('.head');
    return head === null ? undefined : this.#columns[[...this.root.children].indexOf(head)];
  }

  /** Makes a column wide enough for its name and type, and for a text of so many characters. */
  fit(index: number, characters: number, most: number): void {
    const { name, type, isKey } = this.#columns[index]!;
    const header = name.length + (isKey ? 4 : 2);
    const wanted = Math.max(header, Math.min(type.length, header + 12), characters);
    this.#setWidth(index, Math.min(most, CHARACTER_WIDTH * wanted + CELL_PADDING));
  }

  #draw(): void {
    this.root.replaceChildren(...this.#columns.map((column, c) => this.#cell(column, c)));
  }

  #cell(column: DisplayColumn, index: number): HTMLElement {
    const sorted = this.#sort?.column === column.index ? this.#sort : undefined;
    const direction = sorted === undefined ? 'none' : sorted.descending ? 'descending' : 'ascending';
    const cell = element(
      'div',
      {
        class: `head${column.kind === 'number' ? ' number' : ''}`,
        role: 'columnheader',
        'aria-sort': direction,
        hidden: this.#hidden.has(column.name),
        title: column.isKey
          ? l10n.t('{0} {1} (key)\nClick to sort what is kept', column.name, column.type)
          : l10n.t('{0} {1}\nClick to sort what is kept', column.name, column.type),
        onclick: () => this.#events.sort(column),
      },
      element(
        'div',
        { class: 'head-name' },
        ...(column.isKey ? [icon('key')] : []),
        column.name,
        ...(sorted === undefined ? [] : [icon(sorted.descending ? 'arrow-down' : 'arrow-up')]),
      ),
      element('div', { class: 'head-type' }, column.type),
      element('div', {
        class: 'grip',
        onmousedown: (event) => this.#resize(event as MouseEvent, index),
        ondblclick: () => this.#events.fit(index),
        onclick: (event) => event.stopPropagation(),
      }),
    );
    cell.style.width = `${this.#widths[index]}px`;
    return cell;
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

  #setWidth(index: number, width: number): void {
    this.#widths[index] = Math.max(MIN_WIDTH, width);
    (this.root.children[index] as HTMLElement).style.width = `${this.#widths[index]}px`;
    this.#events.resized(index, this.#widths[index]);
  }
}
