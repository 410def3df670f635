import { element, icon } from './dom.ts';

/** A button with a word beside its icon where there is room for it. */
export function wordButton(iconName: string, word: string, title: string, onclick: () => void): HTMLButtonElement {
  return element(
    'button',
    { class: 'word-button', title, 'aria-label': title, onclick },
    icon(iconName),
    element('span', { class: 'word' }, word),
  );
}

/** A button that opens a list below it. */
export class MenuButton {
  readonly button: HTMLButtonElement;
  readonly list: HTMLElement;

  constructor(iconName: string, word: string, title: string, role: 'menu' | 'group') {
    this.list = element('div', { class: 'menu', popover: 'auto', role, 'aria-label': title });
    this.button = wordButton(iconName, word, title, () => this.#toggle());
    this.button.append(icon('chevron-down'));
    this.button.setAttribute('aria-haspopup', role === 'menu' ? 'menu' : 'true');
    this.list.addEventListener('keydown', (event) => this.#key(event));
    this.list.addEventListener('toggle', () => {
      const isOpen = this.list.matches(':popover-open');
      this.button.setAttribute('aria-expanded', String(isOpen));
      if (isOpen) this.#items[0]?.focus();
    });
  }

  get #items(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>('button, input')];
  }

  #toggle(): void {
    this.list.togglePopover();
    const { bottom, right } = this.button.getBoundingClientRect();
    this.list.style.top = `${bottom + 4}px`;
    this.list.style.right = `${document.documentElement.clientWidth - right}px`;
  }

  #key(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const items = this.#items;
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + step + items.length) % items.length]?.focus();
  }
}

/** A menu of things to do. */
export function actionMenu(
  iconName: string,
  word: string,
  title: string,
  actions: readonly { readonly text: string; readonly run: () => void }[],
): MenuButton {
  const menu = new MenuButton(iconName, word, title, 'menu');
  menu.list.append(
    ...actions.map(({ text, run }) => {
      const onclick = () => {
        menu.list.hidePopover();
        menu.button.focus();
        run();
      };
      return element('button', { class: 'menu-item', role: 'menuitem', onclick }, text);
    }),
  );
  return menu;
}
