import * as l10n from '@vscode/l10n';
import type { CopyForm, ResultSummary, ResultView } from '../results/messages.ts';
import { ColumnsMenu } from './columns-menu.ts';
import type { DisplayColumn } from './display-column.ts';
import { element } from './elements/dom.ts';
import { setAttribute, setHidden, setText } from './elements/dom-patch.ts';
import { actionMenu, wordButton } from './elements/menu-button.ts';

export type CardView = ResultView | 'chart';

export interface CardToolsEvents {
  view(view: CardView): void;
  search(text: string): void;
  hide(names: ReadonlySet<string>): void;
  copy(form: CopyForm): void;
  export(form: 'csv' | 'json'): void;
  clear(): void;
  /** Pins the chart to the dashboard. */
  pin(): void;
  makeTest(): void;
}

/** The line of tools over the rows of a card: what is shown of them, and what can be done with them. */
export class CardTools {
  readonly root: HTMLElement;
  readonly #events: CardToolsEvents;
  readonly #search: HTMLInputElement;
  readonly #matchesText = new Text();
  readonly #matches = element('span', { class: 'matches', role: 'status' }, this.#matchesText);
  readonly #segments: Readonly<Record<CardView, HTMLButtonElement>>;
  readonly #views: HTMLElement;
  readonly #columns: ColumnsMenu;
  readonly #dashboard: HTMLButtonElement;

  constructor(events: CardToolsEvents) {
    this.#events = events;
    this.#search = element('input', {
      type: 'search',
      class: 'search',
      placeholder: l10n.t('Search: text, column: text, column > 5'),
      'aria-label': l10n.t('Search rows'),
      oninput: () => events.search(this.#search.value),
    });
    this.#segments = {
      table: this.#segment('table'),
      changes: this.#segment('changes'),
      chart: this.#segment('chart'),
    };
    this.#views = element(
      'span',
      { class: 'segments', role: 'group', 'aria-label': l10n.t('View') },
      ...Object.values(this.#segments),
    );
    this.#columns = new ColumnsMenu((hidden) => events.hide(hidden));
    const copy = actionMenu('copy', l10n.t('Copy'), l10n.t('Copy the selected rows'), [
      { text: l10n.t('As Text With Headers'), run: () => events.copy('table') },
      { text: l10n.t('As CSV'), run: () => events.copy('csv') },
      { text: l10n.t('As JSON'), run: () => events.copy('json') },
      { text: l10n.t('As INSERT Statements'), run: () => events.copy('insert') },
    ]);
    const save = actionMenu('export', l10n.t('Export'), l10n.t('Export what is shown'), [
      { text: l10n.t('As CSV…'), run: () => events.export('csv') },
      { text: l10n.t('As JSON Lines…'), run: () => events.export('json') },
      { text: l10n.t('As a Test'), run: () => events.makeTest() },
    ]);
    const clear = wordButton('clear-all', l10n.t('Clear'), l10n.t('Clear the rows kept'), () => events.clear());
    this.#dashboard = wordButton('dashboard', l10n.t('Dashboard'), l10n.t('Pin to Dashboard'), () => events.pin());
    this.root = element(
      'div',
      { class: 'card-tools' },
      this.#views,
      this.#search,
      this.#matches,
      element('span', { class: 'actions' }, this.#dashboard, this.#columns.button, copy.button, save.button, clear),
      this.#columns.list,
      copy.list,
      save.list,
    );
  }

  get searched(): string {
    return this.#search.value;
  }

  /** Searches for one thing more. */
  addSearch(text: string): void {
    const before = this.#search.value.trim();
    this.#search.value = before === '' ? text : `${before} and ${text}`;
    this.#events.search(this.#search.value);
  }

  hideColumn(name: string): void {
    this.#columns.hide(name);
  }

  /** What is said about the search: how much it found, or what is wrong with it. */
  showMatches(text: string, isWrong: boolean): void {
    setText(this.#matchesText, text);
    this.#matches.classList.toggle('failed', isWrong);
    setAttribute(this.#matches, 'title', text);
  }

  update({ isTable, isDrawable }: ResultSummary, columns: readonly DisplayColumn[], view: CardView): void {
    this.#columns.setColumns(columns);
    setHidden(this.#views, !isTable && !isDrawable);
    const { table, changes, chart } = this.#segments;
    setHidden(table, !isTable);
    setHidden(chart, !isDrawable);
    setHidden(this.#dashboard, !isDrawable);
    label(table, l10n.t('Table'), l10n.t('The newest row of each key'));
    label(
      changes,
      isTable ? l10n.t('Changes') : l10n.t('Rows'),
      isTable ? l10n.t('Every change in order') : l10n.t('All rows kept'),
    );
    label(chart, l10n.t('Chart'), l10n.t('Lines, areas, bars or gauges of the rows'));
    for (const [name, button] of Object.entries(this.#segments))
      setAttribute(button, 'aria-pressed', String(name === view));
  }

  #segment(view: CardView): HTMLButtonElement {
    return element('button', { class: 'segment', onclick: () => this.#events.view(view) }, new Text());
  }
}

function label(button: HTMLButtonElement, text: string, title: string): void {
  setText(button.firstChild as Text, text);
  setAttribute(button, 'title', title);
}
