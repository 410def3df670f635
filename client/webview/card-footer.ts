import * as l10n from '@vscode/l10n';
import { count } from '../../engine/api/row-count.ts';
import type { CardAction, ResultSummary } from '../results/messages.ts';
import { element } from './elements/dom.ts';
import { setAttribute, setHidden, setText } from './elements/dom-patch.ts';
import { clock, size } from './elements/text.ts';

/** The line under the rows: how many are kept, and which records gave none. */
export class CardFooter {
  readonly root: HTMLElement;
  readonly #kept = new Text();
  readonly #keptBox = element('span', { class: 'kept' }, this.#kept);
  readonly #lateText = new Text();
  readonly #unreadableText = new Text();
  readonly #late: HTMLButtonElement;
  readonly #unreadable: HTMLButtonElement;

  constructor(act: (action: CardAction) => void) {
    const trouble = (text: Text, title: string, action: CardAction) =>
      element('button', { class: 'link', title, hidden: true, onclick: () => act(action) }, text);
    const lateTitle = l10n.t('Show the records that came after their window had closed');
    this.#late = trouble(this.#lateText, lateTitle, 'lateRecords');
    this.#unreadable = trouble(this.#unreadableText, l10n.t('Show the processing log'), 'processingLog');
    this.root = element(
      'footer',
      { class: 'card-footer' },
      this.#keptBox,
      element('span', { class: 'troubles' }, this.#late, this.#unreadable),
    );
  }

  update({ kept, rows, keptBytes, maxRows, maxBytes, oldestMs, late, unreadable }: ResultSummary): void {
    const parts = [
      l10n.t('{0} of {1} rows kept', count(kept), count(rows)),
      l10n.t('{0} of at most {1}, {2} rows', size(keptBytes), size(maxBytes), count(maxRows)),
    ];
    if (oldestMs !== undefined) parts.push(l10n.t('oldest {0}', clock(oldestMs)));
    setText(this.#kept, parts.join(' · '));
    setAttribute(this.#keptBox, 'title', parts.join(' · '));
    setHidden(this.#late, !late);
    setText(this.#lateText, l10n.t('{0} late', count(late ?? 0)));
    setHidden(this.#unreadable, !unreadable);
    setText(this.#unreadableText, l10n.t('{0} unreadable', count(unreadable ?? 0)));
  }
}
