import * as l10n from '@vscode/l10n';
import { count } from '../../../engine/api/row-count.ts';
import type { TopicAction, TopicSummary } from '../../topics/topic-messages.ts';
import { element } from '../elements/dom.ts';
import { setAttribute, setHidden, setText } from '../elements/dom-patch.ts';
import { wordButton } from '../elements/menu-button.ts';

/** What stands above and below the records of a topic: the condition, what can be chosen, and how far the view is. */
export class TopicTools {
  readonly root: HTMLElement;
  readonly footer: HTMLElement;
  readonly #where: HTMLInputElement;
  readonly #names = element('datalist', { id: 'names' });
  readonly #matches = element('span', { class: 'matches', role: 'status' });
  readonly #matchesText = new Text();
  readonly #produce: HTMLButtonElement;
  readonly #words: Readonly<Record<'begin' | 'partitions' | 'formats', HTMLElement>>;
  readonly #counted = new Text();
  readonly #note = new Text();
  readonly #progress = element('progress', { class: 'topic-progress', 'aria-label': l10n.t('Records looked at') });

  constructor(act: (action: TopicAction) => void, search: (text: string) => void) {
    this.#matches.append(this.#matchesText);
    this.#where = element('input', {
      type: 'search',
      class: 'search',
      list: 'names',
      placeholder: l10n.t("Condition in KSQL, such as ITEM = 'apple' AND ROWTIME > 1700000000000"),
      'aria-label': l10n.t('Condition in KSQL; Enter looks for it'),
      spellcheck: 'false',
      // Enter, and the cross that empties the box.
      onsearch: () => search(this.#where.value),
      onkeydown: (event) => {
        if ((event as KeyboardEvent).key !== 'Enter') return;
        event.preventDefault();
        search(this.#where.value);
      },
    });
    const button = (icon: string, word: string, title: string, action: TopicAction) =>
      wordButton(icon, word, title, () => act(action));
    const begin = button('history', '', l10n.t('Where the view begins'), 'begin');
    const partitions = button('layers', '', l10n.t('Partitions that are looked at'), 'partitions');
    const formats = button('symbol-parameter', '', l10n.t('Formats of keys and values'), 'formats');
    this.#produce = button('send', l10n.t('Produce'), l10n.t('Fill in a record, and write it'), 'produce');
    setAttribute(this.#produce, 'aria-expanded', 'false');
    const wordOf = (made: HTMLElement): HTMLElement => made.querySelector('.word')!;
    this.#words = { begin: wordOf(begin), partitions: wordOf(partitions), formats: wordOf(formats) };
    this.root = element(
      'div',
      { class: 'card-tools topic-tools' },
      this.#where,
      this.#names,
      this.#matches,
      element(
        'span',
        { class: 'actions' },
        begin,
        partitions,
        formats,
        button('target', l10n.t('Go To'), l10n.t('Go to an offset, a time, a key or a header'), 'goTo'),
        button('arrow-down', l10n.t('Next'), l10n.t('Go to the next such record'), 'goToNext'),
        this.#produce,
        button('save', l10n.t('Capture'), l10n.t('Save records of the topic to a file'), 'capture'),
      ),
    );
    this.footer = element(
      'footer',
      { class: 'card-footer topic-footer' },
      element('span', {}, this.#counted),
      this.#progress,
      element('span', { class: 'failed' }, this.#note),
    );
  }

  /** Says whether the form of a record is open; where it has closed, its button has the focus. */
  showForm(isOpen: boolean): void {
    setAttribute(this.#produce, 'aria-expanded', String(isOpen));
    this.#produce.classList.toggle('active', isOpen);
    if (!isOpen) this.#produce.focus();
  }

  update(summary: TopicSummary): void {
    const { where, whereError, scanned, total, records, unseen, unreadable, stopped } = summary;
    if (this.#where !== document.activeElement && whereError === undefined && this.#where.value !== where)
      this.#where.value = where;
    const isScanned = scanned >= total;
    const found = where === '' || !summary.isKnown ? '' : l10n.t('{0} match', count(records));
    setText(this.#matchesText, whereError ?? found);
    this.#matches.classList.toggle('failed', whereError !== undefined);
    setAttribute(this.#matches, 'title', whereError ?? found);
    this.#showWord('begin', summary.begin);
    this.#showWord('partitions', summary.chosenPartitions);
    this.#showWord('formats', summary.formats);
    const key = summary.names.join('\n');
    if (this.#names.dataset['key'] !== key) {
      this.#names.dataset['key'] = key;
      this.#names.replaceChildren(...summary.names.map((value) => element('option', { value })));
    }
    setText(this.#counted, summary.isKnown ? countedText(scanned, total, unseen) : '');
    setHidden(this.#progress, isScanned || stopped !== undefined);
    setAttribute(this.#progress, 'max', String(Math.max(1, total)));
    setAttribute(this.#progress, 'value', String(scanned));
    const bad = unreadable === 0 ? undefined : l10n.t('{0} unreadable', count(unreadable));
    setText(this.#note, [bad, stopped].filter((text) => text !== undefined).join(' · '));
  }

  #showWord(name: 'begin' | 'partitions' | 'formats', text: string): void {
    const word = this.#words[name];
    if (word.textContent !== text) word.textContent = text;
  }
}

function countedText(scanned: number, total: number, unseen: number): string {
  const counted =
    scanned < total
      ? l10n.t('{0} of {1} records looked at', count(scanned), count(total))
      : l10n.t('{0} records', count(total));
  return unseen === 0 ? counted : l10n.t('{0} · {1} earlier ones are not in this view', counted, count(unseen));
}
