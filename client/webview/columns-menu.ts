import * as l10n from '@vscode/l10n';
import type { DisplayColumn } from './display-column.ts';
import { element } from './elements/dom.ts';
import { MenuButton } from './elements/menu-button.ts';

/** The button that opens a list of the columns, each with a box to show or hide it. */
export class ColumnsMenu {
  readonly #menu = new MenuButton('list-selection', l10n.t('Columns'), l10n.t('Columns to show'), 'group');
  readonly #onChange: (hidden: ReadonlySet<string>) => void;
  readonly #hidden = new Set<string>();
  #columns: readonly DisplayColumn[] = [];

  constructor(onChange: (hidden: ReadonlySet<string>) => void) {
    this.#onChange = onChange;
    this.#menu.list.classList.add('columns-menu');
  }

  get button(): HTMLButtonElement {
    return this.#menu.button;
  }

  get list(): HTMLElement {
    return this.#menu.list;
  }

  setColumns(columns: readonly DisplayColumn[]): void {
    if (columns === this.#columns) return;
    this.#columns = columns;
    this.list.replaceChildren(
      ...columns.map(({ name, type }) => {
        const box = element('input', { type: 'checkbox', checked: !this.#hidden.has(name), 'data-name': name });
        box.addEventListener('change', () => this.#show(name, box.checked));
        return element('label', {}, box, element('span', {}, name), element('span', { class: 'head-type' }, type));
      }),
    );
  }

  /** Hides one more column. */
  hide(name: string): void {
    for (const box of this.list.querySelectorAll('input')) if (box.dataset['name'] === name) box.checked = false;
    this.#show(name, false);
  }

  #show(name: string, shown: boolean): void {
    if (shown) this.#hidden.delete(name);
    else this.#hidden.add(name);
    this.button.classList.toggle('active', this.#hidden.size > 0);
    this.#onChange(this.#hidden);
  }
}
