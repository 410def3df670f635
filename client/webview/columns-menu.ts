import type { ColumnInfo } from '../results/messages.ts';
import { element, iconButton } from './dom.ts';

/** The button that opens a list of the columns, each with a box to show or hide it. */
export class ColumnsMenu {
  readonly button: HTMLButtonElement;
  readonly list = element('div', { class: 'columns-menu', popover: 'auto', role: 'group', 'aria-label': 'Columns' });
  readonly #onChange: (hidden: ReadonlySet<string>) => void;
  readonly #hidden = new Set<string>();
  #names = '';

  constructor(onChange: (hidden: ReadonlySet<string>) => void) {
    this.#onChange = onChange;
    this.button = iconButton('list-selection', 'Columns to show', () => this.#toggle());
  }

  setColumns(columns: readonly ColumnInfo[]): void {
    const names = columns.map(({ name }) => name).join('\u0000');
    if (names === this.#names) return;
    this.#names = names;
    this.list.replaceChildren(
      ...columns.map(({ name, type }) => {
        const box = element('input', { type: 'checkbox', checked: !this.#hidden.has(name) });
        box.addEventListener('change', () => this.#show(name, box.checked));
        return element('label', {}, box, element('span', {}, name), element('span', { class: 'head-type' }, type));
      }),
    );
  }

  #show(name: string, shown: boolean): void {
    if (shown) this.#hidden.delete(name);
    else this.#hidden.add(name);
    this.button.classList.toggle('active', this.#hidden.size > 0);
    this.#onChange(this.#hidden);
  }

  #toggle(): void {
    this.list.togglePopover();
    const { bottom, right } = this.button.getBoundingClientRect();
    this.list.style.top = `${bottom + 4}px`;
    this.list.style.right = `${document.documentElement.clientWidth - right}px`;
  }
}
