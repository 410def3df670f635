import * as l10n from '@vscode/l10n';
import { count } from '../../engine/api/row-count.ts';
import type { ChartChoice, ChartData, ChartRange } from '../charts/chart-types.ts';
import type { CardAction, FromPage, GridAction, Page, ResultSummary, RowDetail } from '../results/messages.ts';
import { CardFooter } from './card-footer.ts';
import { CardHeader, type CardPin, isOneLine } from './card-header.ts';
import { CardTools, type CardView } from './card-tools.ts';
import { Chart } from './charts/chart.ts';
import { detailPane } from './detail.ts';
import { element } from './elements/dom.ts';
import { setAttribute, setChildren, setHidden, setText } from './elements/dom-patch.ts';
import { Grid } from './grid.ts';

/**
 * How often a chart is drawn anew while rows come, in milliseconds; where it takes long to find, after ten times as
 * long.
 */
const CHART_MS = 500;
const CHART_REST_FACTOR = 10;

const STAYS: CardPin = { title: l10n.t('Pin: stays when newer results come'), needsRows: false };

/** One result: a header line, and below it the rows or the message. */
export class Card {
  readonly root: HTMLElement;
  readonly #post: (message: FromPage) => void;
  readonly #header: CardHeader;
  readonly #tools: CardTools;
  readonly #footer: CardFooter;
  readonly #grid: Grid;
  readonly #chart: Chart;
  readonly #body = element('div', { class: 'card-body' });
  readonly #main = element('div', { class: 'card-main' });
  readonly #messageText = new Text();
  readonly #message = element('p', { class: 'message' }, this.#messageText);
  readonly #offerText = new Text();
  readonly #offer: HTMLElement;
  readonly #emptyText = new Text();
  readonly #readAll: HTMLButtonElement;
  readonly #empty: HTMLElement;
  #summary: ResultSummary;
  #open: boolean;
  #visible = true;
  #view: CardView | undefined;
  /** The part of the chart that is zoomed into. */
  #chartRange: ChartRange | undefined;
  #chartAskedMs = 0;
  #chartDueMs = 0;

  constructor(
    summary: ResultSummary,
    open: boolean,
    post: (message: FromPage) => void,
    toggle: () => void,
    pin: CardPin = STAYS,
  ) {
    this.#post = post;
    this.#summary = summary;
    this.#open = open;
    const act = (action: CardAction) => post({ kind: 'action', result: summary.id, action });
    this.#header = new CardHeader(summary, {
      act,
      toggle,
      pin,
      runAgain: (startAt) => post({ kind: 'startAt', result: summary.id, startAt }),
    });
    this.#grid = this.#makeGrid();
    this.#tools = new CardTools({
      view: (view) => this.#chooseView(view),
      search: (text) => this.#searchFor(text),
      hide: (names) => this.#grid.setHidden(names),
      copy: (form) => this.#grid.copySelected(form),
      export: (form) => post({ kind: 'export', result: summary.id, form, shown: this.#grid.shown }),
      clear: () => act('clear'),
      pin: () => act('dashboard'),
      makeTest: () => act('makeTest'),
    });
    this.#footer = new CardFooter(act);
    this.#chart = new Chart({ choose: (choice) => this.#chooseChart(choice), zoom: (range) => this.#zoomChart(range) });
    this.#readAll = element(
      'button',
      { class: 'link', onclick: () => post({ kind: 'startAt', result: summary.id, startAt: 'beginning' }) },
      l10n.t('Read from the beginning'),
    );
    this.#empty = element('p', { class: 'empty' }, this.#emptyText, this.#readAll);
    this.#offer = element('p', { class: 'offer' }, element('button', { onclick: () => act('offer') }, this.#offerText));
    this.#main.append(this.#grid.root);
    this.root = element('section', { class: 'card', 'aria-label': summary.title }, this.#header.root, this.#body);
    this.update(summary);
  }

  get id(): number {
    return this.#summary.id;
  }

  get summary(): ResultSummary {
    return this.#summary;
  }

  setOpen(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    this.update(this.#summary);
  }

  /** Shows what changed about the result, but its rows. */
  update(summary: ResultSummary): void {
    this.#summary = summary;
    const oneLine = isOneLine(summary);
    this.root.classList.toggle('open', this.#open);
    this.root.classList.toggle('one-line', oneLine);
    setAttribute(this.root, 'data-state', summary.state);
    this.#header.update(summary, this.#open);
    setHidden(this.#body, !this.#open || oneLine);
    this.#grid.setActive(this.#isGridActive);
    if (!this.#open) return;
    setText(this.#messageText, summary.message ?? '');
    this.#message.classList.toggle('failed', summary.state === 'failed');
    this.#message.classList.toggle('answer', summary.form === 'message' && summary.state === 'done');
    setHidden(this.#offer, summary.offer === undefined);
    setText(this.#offerText, summary.offer ?? '');
    if (summary.form === 'message') setChildren(this.#body, [this.#message, this.#offer]);
    else this.#updateRows(summary);
  }

  #updateRows(summary: ResultSummary): void {
    this.#grid.setColumns(summary.columns);
    if (this.#view === undefined && summary.columns.length > 0) {
      this.#view = summary.isTable ? 'table' : 'changes';
      this.#grid.setView(this.#view);
      if (summary.isChartShown && summary.isDrawable) this.#setView('chart');
    }
    this.#tools.update(summary, this.#grid.columns, this.#view ?? 'changes');
    this.#footer.update(summary);
    this.#updateEmpty(summary);
    setHidden(this.#message, summary.message === undefined);
    const { root: tools } = this.#tools;
    setChildren(this.#body, [tools, this.#message, this.#offer, this.#empty, this.#main, this.#footer.root]);
    if (this.#visible && this.#view === 'chart' && performance.now() > this.#chartDueMs) this.#askForChart();
  }

  #askForChart(): void {
    this.#chartAskedMs = performance.now();
    this.#chartDueMs = Number.POSITIVE_INFINITY;
    const range = this.#chartRange === undefined ? {} : { range: this.#chartRange };
    this.#post({ kind: 'chart', request: { result: this.id, filter: this.#tools.searched, ...range } });
  }

  #chooseChart(choice: ChartChoice): void {
    this.#post({ kind: 'chartChoice', result: this.id, choice });
    // Places of one axis are none of another.
    if (choice.x !== undefined || choice.kind === undefined) this.#chartRange = undefined;
    this.#askForChart();
  }

  #zoomChart(range: ChartRange | undefined): void {
    this.#chartRange = range;
    this.#askForChart();
  }

  showChart(data: ChartData | undefined): void {
    const now = performance.now();
    this.#chartDueMs = now + Math.max(CHART_MS, CHART_REST_FACTOR * (now - this.#chartAskedMs));
    if (this.#view === 'chart' && data !== undefined) this.#chart.show(data);
  }

  /** Shows rows; how many match is said only of the search that stands in the box. */
  showPage(page: Page): void {
    if (page.request.filter === this.#tools.searched) {
      const found = this.#tools.searched === '' ? '' : l10n.t('{0} match', count(page.end - page.first));
      this.#tools.showMatches(page.filterError ?? found, page.filterError !== undefined);
    }
    this.#grid.show(page);
  }

  showDetail(detail: RowDetail): void {
    this.#main.querySelector('.detail')?.remove();
    const pane = detailPane(detail, () => pane.remove());
    this.#main.append(pane);
  }

  actInGrid(action: GridAction): void {
    this.#grid.act(action);
  }

  /** Whether it is in sight; else it asks for no rows. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    this.#grid.setActive(this.#isGridActive);
  }

  get #isGridActive(): boolean {
    return this.#visible && this.#open && this.#view !== 'chart';
  }

  unfollow(): void {
    this.#grid.unfollow();
  }

  #makeGrid(): Grid {
    const result = this.#summary.id;
    return new Grid(result, {
      request: (request) => this.#post({ kind: 'page', request }),
      open: (row) => this.#post({ kind: 'detail', result, sequence: row.sequence }),
      copy: (request) => this.#post({ kind: 'copy', request }),
      filter: (text) => this.#tools.addSearch(text),
      hide: (name) => this.#tools.hideColumn(name),
    });
  }

  #searchFor(text: string): void {
    this.#tools.showMatches(text === '' || this.#view === 'chart' ? '' : '…', false);
    this.#grid.setFilter(text);
    if (this.#view === 'chart') this.#askForChart();
  }

  #chooseView(view: CardView): void {
    if ((view === 'chart') !== (this.#view === 'chart'))
      this.#post({ kind: 'chartShown', result: this.id, isShown: view === 'chart' });
    this.#setView(view);
  }

  #setView(view: CardView): void {
    this.#view = view;
    this.#main.replaceChildren(view === 'chart' ? this.#chart.root : this.#grid.root);
    this.#grid.setActive(this.#isGridActive);
    this.#tools.update(this.#summary, this.#grid.columns, view);
    if (view === 'chart') this.#askForChart();
    else this.#grid.setView(view);
  }

  #updateEmpty({ rows, state, startAt }: ResultSummary): void {
    const isWaiting = state === 'running' || state === 'paused';
    setHidden(this.#empty, rows > 0 || state === 'starting' || state === 'failed');
    setHidden(this.#readAll, !isWaiting || startAt !== 'now');
    const waiting =
      startAt === 'now'
        ? l10n.t('Waiting for new rows; those already in the topic are not read. ')
        : l10n.t('No row yet: the topic has none that matches so far.');
    setText(this.#emptyText, isWaiting ? waiting : l10n.t('No row came.'));
  }
}
