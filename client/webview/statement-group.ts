import * as l10n from '@vscode/l10n';
import type { Card } from './card.ts';
import { isOneLine } from './card-header.ts';
import { element, icon } from './elements/dom.ts';
import { setAttribute, setChildren, setIcon, setText } from './elements/dom-patch.ts';

/** Cards that each say in one line that all went well, as one line that opens. */
export class StatementGroup {
  readonly root: HTMLElement;
  readonly #chevron = icon('chevron-right');
  readonly #title = new Text();
  readonly #names = new Text();
  readonly #state = new Text();
  readonly #button: HTMLButtonElement;
  readonly #list = element('div', { class: 'group-cards' });
  #open = false;

  constructor() {
    this.#button = element(
      'button',
      { class: 'group-header', 'aria-expanded': 'false', onclick: () => this.#toggle() },
      this.#chevron,
      element('span', { class: 'group-title' }, this.#title),
      element('span', { class: 'state' }, icon('check'), element('span', {}, this.#state)),
      element('span', { class: 'group-names' }, this.#names),
    );
    this.root = element('section', { class: 'group' }, this.#button, this.#list);
    this.#list.hidden = true;
  }

  /** @param cards newest first */
  show(cards: readonly Card[]): void {
    setText(this.#title, l10n.t('{0} statements', cards.length));
    setText(this.#state, [...new Set(cards.map(outcomeOf))].join(', '));
    const titles = cards.map(({ summary }) => summary.title);
    setText(this.#names, titles.join(', '));
    setAttribute(this.#button, 'title', titles.join('\n'));
    setChildren(
      this.#list,
      cards.map(({ root }) => root),
    );
  }

  #toggle(): void {
    this.#open = !this.#open;
    this.#list.hidden = !this.#open;
    setIcon(this.#chevron, this.#open ? 'chevron-down' : 'chevron-right');
    setAttribute(this.#button, 'aria-expanded', String(this.#open));
  }
}

/** Whether a card may be folded away with its neighbours. */
export const isFoldable = ({ summary }: Card): boolean =>
  isOneLine(summary) && summary.state === 'done' && !summary.pinned;

/** `created` of `created · CTAS_X_1`. */
const outcomeOf = ({ summary }: Card): string => (summary.message ?? 'done').split(' · ')[0]!;
