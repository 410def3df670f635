import * as l10n from '@vscode/l10n';
import type { ResultOutput } from '../../notebooks/output-types.ts';
import type { FromPage, ResultSummary, ToPage } from '../../results/messages.ts';
import { Card } from '../card.ts';
import type { CardPin } from '../card-header.ts';
import { element } from '../elements/dom.ts';
import { display } from '../elements/page-display.ts';

const PINS: CardPin = { title: l10n.t('Pin a snapshot under the cell'), needsRows: true };
/** A grid is as high as so many of its rows at least; it never gets lower while one looks at it. */
const MIN_ROWS = 3;

/** The card of a result, once it is known what to show. */
export class OutputCard {
  readonly root: HTMLElement;
  readonly #result: number;
  readonly #post: (message: FromPage) => void;
  readonly #sight: IntersectionObserver;
  #card: Card | undefined;
  #isOpen = true;
  #isVisible = true;
  #rows = MIN_ROWS;

  constructor({ notebook, result }: ResultOutput, post: (message: FromPage) => void) {
    this.#result = result;
    this.#post = post;
    this.root = element('div', { class: 'ksql-output', 'data-panel': notebook });
    this.#sight = new IntersectionObserver((entries) => {
      this.#isVisible = entries.at(-1)!.isIntersecting;
      this.#card?.setVisible(this.#isVisible);
    });
    this.#sight.observe(this.root);
    // Keys that are for the grid or the search are not for the notebook around it.
    this.root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#card?.unfollow();
      else if ((event.target as HTMLElement).closest('input, select, .menu') !== null) event.stopPropagation();
    });
    post({ kind: 'show', result });
  }

  receive(message: ToPage): void {
    switch (message.kind) {
      case 'texts':
      case 'results':
        return;
      case 'display':
        return this.#redraw();
      case 'update':
        if (message.result.id !== this.#result) return;
        this.#update(message.result);
        return message.page && this.#card?.showPage(message.page);
      case 'page':
        return message.page.request.result === this.#result ? this.#card?.showPage(message.page) : undefined;
      case 'chart':
        return message.request.result === this.#result ? this.#card?.showChart(message.chart) : undefined;
      case 'detail':
        return message.detail.result === this.#result ? this.#card?.showDetail(message.detail) : undefined;
      case 'grid':
        return message.result === this.#result ? this.#card?.actInGrid(message.action) : undefined;
      case 'gone':
        return message.result === this.#result ? this.#sayGone() : undefined;
      default:
        message satisfies never;
    }
  }

  dispose(): void {
    this.#sight.disconnect();
    this.#card?.setVisible(false);
  }

  #update(summary: ResultSummary): void {
    this.#rows = Math.max(this.#rows, Math.min(display().outputRows, summary.kept));
    this.root.style.setProperty('--rows', String(this.#rows));
    if (this.#card !== undefined) return this.#card.update(summary);
    const toggle = () => {
      this.#isOpen = !this.#isOpen;
      this.#card?.setOpen(this.#isOpen);
    };
    this.#card = new Card(summary, true, this.#post, toggle, PINS);
    this.root.replaceChildren(this.#card.root);
    this.#card.setVisible(this.#isVisible);
  }

  /** Makes the card anew: what it shows was drawn as the settings were. */
  #redraw(): void {
    if (this.#card === undefined) return;
    const { summary } = this.#card;
    this.#card = undefined;
    this.#rows = MIN_ROWS;
    this.#update(summary);
  }

  #sayGone(): void {
    if (this.#card !== undefined) return;
    this.root.replaceChildren(
      element('p', { class: 'empty' }, l10n.t('These rows are no longer kept. Run the cell to see them again.')),
    );
  }
}
