import type {
  CardAction,
  ChartData,
  FromPage,
  Page,
  ResultState,
  ResultSummary,
  ResultView,
  RowDetail,
  StartAt,
} from '../results/messages.ts';
import { count, rowCount } from '../results/row-count.ts';
import { Chart } from './chart.ts';
import { ColumnsMenu } from './columns-menu.ts';
import { detailPane } from './detail.ts';
import { element, icon, iconButton } from './dom.ts';
import { Grid } from './grid.ts';
import { sparkline } from './sparkline.ts';
import { clock, duration, size } from './text.ts';

const STATES: Readonly<Record<ResultState, { readonly icon: string; readonly text: string }>> = {
  starting: { icon: 'loading codicon-modifier-spin', text: 'starting' },
  running: { icon: 'sync codicon-modifier-spin', text: 'running' },
  paused: { icon: 'debug-pause', text: 'paused' },
  ended: { icon: 'check', text: 'at the end' },
  stopped: { icon: 'debug-stop', text: 'stopped' },
  failed: { icon: 'error', text: 'failed' },
  done: { icon: 'check', text: 'done' },
};

const STARTS: Readonly<Record<StartAt, string>> = {
  now: 'from now',
  beginning: 'from the beginning',
  end: 'to the end',
};
const NEXT_START: Readonly<Record<StartAt, StartAt>> = { now: 'beginning', beginning: 'end', end: 'now' };

type CardView = ResultView | 'chart';

/** How often a chart is drawn anew while rows come, in milliseconds. */
const CHART_MS = 500;

/** Whether all there is to say has room in the header: a sentence without rows, and nothing went wrong. */
const isOneLine = ({ form, state, message }: ResultSummary): boolean =>
  form === 'message' && (state === 'starting' || (state === 'done' && !/\n/.test(message ?? '')));

/** One result: a header line, and below it the rows or the message. */
export class Card {
  readonly root: HTMLElement;
  readonly #post: (message: FromPage) => void;
  readonly #header = element('header', { class: 'card-header' });
  readonly #body = element('div', { class: 'card-body' });
  readonly #tools = element('div', { class: 'card-tools' });
  readonly #main = element('div', { class: 'card-main' });
  readonly #footer = element('footer', { class: 'card-footer' });
  readonly #grid: Grid;
  readonly #search: HTMLInputElement;
  readonly #matches = element('span', { class: 'matches', role: 'status' });
  #summary: ResultSummary;
  #open: boolean;
  #view: CardView | undefined;
  readonly #chart: Chart;
  /** The column that the chart shows, where the user has chosen one. */
  #chartColumn: number | undefined;
  #chartAskedMs = 0;
  readonly #menu = new ColumnsMenu((hidden) => this.#grid.setHidden(hidden));

  constructor(summary: ResultSummary, open: boolean, post: (message: FromPage) => void, toggle: () => void) {
    this.#post = post;
    this.#summary = summary;
    this.#open = open;
    this.#grid = new Grid(summary.id, {
      request: (request) => post({ kind: 'page', request }),
      open: (row) => post({ kind: 'detail', result: summary.id, sequence: row.sequence }),
      copy: (sequences, form, column) =>
        post({ kind: 'copy', result: summary.id, sequences, form, ...(column === undefined ? {} : { column }) }),
    });
    this.#search = element('input', {
      type: 'search',
      class: 'search',
      placeholder: 'Search: text, column: text, column > 5',
      'aria-label': 'Search rows',
      oninput: () => {
        this.#grid.setFilter(this.#search.value);
        if (this.#view === 'chart') this.#askForChart();
      },
    });
    this.#chart = new Chart((column) => {
      this.#chartColumn = column;
      this.#askForChart();
    });
    this.#main.append(this.#grid.root);
    this.#header.addEventListener('click', (event) => {
      if (!(event.target as HTMLElement).closest('button')) toggle();
    });
    this.root = element('section', { class: 'card', 'aria-label': summary.title }, this.#header, this.#body);
    this.update(summary);
  }

  get id(): number {
    return this.#summary.id;
  }

  setOpen(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    this.update(this.#summary);
  }

  /** Shows what changed about the result; the rows in view are asked for again. */
  update(summary: ResultSummary): void {
    const first = this.#view === undefined && summary.columns.length > 0;
    this.#summary = summary;
    this.root.classList.toggle('open', this.#open);
    this.root.classList.toggle('one-line', isOneLine(summary));
    this.root.dataset['state'] = summary.state;
    this.#drawHeader();
    this.#body.hidden = !this.#open || isOneLine(summary);
    if (summary.form === 'message') {
      this.#body.replaceChildren(
        element('p', { class: summary.state === 'failed' ? 'message failed' : 'message' }, summary.message ?? ''),
      );
      return;
    }
    if (!this.#open) return;
    if (first) {
      this.#view = summary.isTable ? 'table' : 'changes';
      this.#grid.setView(this.#view);
    }
    this.#grid.setColumns(summary.columns);
    this.#drawTools();
    this.#drawFooter();
    const failure =
      summary.message === undefined
        ? []
        : [element('p', { class: `message ${summary.state === 'failed' ? 'failed' : ''}` }, summary.message)];
    const empty = this.#emptyNote();
    if (this.#body.firstChild !== this.#tools) this.#body.replaceChildren(this.#tools, this.#main, this.#footer);
    for (const old of this.#body.querySelectorAll(':scope > .message, :scope > .empty')) old.remove();
    this.#main.before(...failure, ...(empty === undefined ? [] : [empty]));
    if (this.#view === 'chart' && performance.now() - this.#chartAskedMs > CHART_MS) this.#askForChart();
    this.#grid.refresh();
  }

  #askForChart(): void {
    this.#chartAskedMs = performance.now();
    const column = this.#chartColumn === undefined ? {} : { column: this.#chartColumn };
    this.#post({ kind: 'chart', request: { result: this.id, filter: this.#search.value, ...column } });
  }

  showChart(data: ChartData): void {
    if (this.#view === 'chart') this.#chart.show(data);
  }

  showPage(page: Page): void {
    this.#matches.textContent = page.filterError ?? (this.#grid.filter === '' ? '' : `${count(page.total)} match`);
    this.#matches.classList.toggle('failed', page.filterError !== undefined);
    this.#grid.show(page);
  }

  showDetail(detail: RowDetail): void {
    this.#main.querySelector('.detail')?.remove();
    const pane = detailPane(detail, () => pane.remove());
    this.#main.append(pane);
  }

  unfollow(): void {
    this.#grid.unfollow();
  }

  #act(action: CardAction): void {
    this.#post({ kind: 'action', result: this.id, action });
  }

  #drawHeader(): void {
    const { title, state, startAt, rows, rowsPerSecond, history, elapsedMs, statement, engine, pinned, form } =
      this.#summary;
    const figures = form === 'message' ? [] : [element('span', { class: 'figure' }, rowCount(rows))];
    if (state === 'running') figures.push(element('span', { class: 'figure rate' }, `${count(rowsPerSecond)} rows/s`));
    const text = isOneLine(this.#summary) ? (this.#summary.message ?? '') : STATES[state].text;
    const parts: (HTMLElement | SVGElement)[] = [
      icon(isOneLine(this.#summary) ? 'blank' : this.#open ? 'chevron-down' : 'chevron-right'),
      element('span', { class: 'title', title: `${statement}\n\non ${engine}` }, title),
      element(
        'span',
        { class: 'state', role: 'status', title: text },
        icon(STATES[state].icon),
        element('span', {}, text),
      ),
    ];
    if (startAt !== undefined) parts.push(this.#startChip(startAt));
    parts.push(...figures);
    if (history.length > 1 && state === 'running') parts.push(sparkline(history));
    parts.push(element('span', { class: 'figure elapsed' }, duration(elapsedMs)));
    const pin = pinned
      ? iconButton('pinned', 'Unpin', () => this.#act('unpin'))
      : iconButton('pin', 'Pin: stays when newer results come', () => this.#act('pin'));
    this.#header.replaceChildren(
      ...parts,
      element(
        'span',
        { class: 'actions' },
        ...this.#runButtons(),
        pin,
        iconButton('close', 'Close', () => this.#act('close')),
      ),
    );
  }

  #startChip(startAt: StartAt): HTMLButtonElement {
    const next = NEXT_START[startAt];
    const title = `Reads ${STARTS[startAt]}. Run again ${STARTS[next]}.`;
    return element(
      'button',
      { class: 'chip', title, onclick: () => this.#post({ kind: 'startAt', result: this.id, startAt: next }) },
      STARTS[startAt],
    );
  }

  #runButtons(): HTMLButtonElement[] {
    const { state, form } = this.#summary;
    const again = iconButton('debug-restart', 'Run again', () => this.#act('runAgain'));
    if (form === 'message') return [again];
    if (state === 'running')
      return [
        iconButton('debug-pause', 'Pause', () => this.#act('pause')),
        iconButton('debug-stop', 'Stop', () => this.#act('stop')),
      ];
    if (state === 'paused')
      return [
        iconButton('play', 'Continue', () => this.#act('resume')),
        iconButton('debug-stop', 'Stop', () => this.#act('stop')),
      ];
    return [again];
  }

  #drawTools(): void {
    const views = this.#summary.isTable || this.#summary.isDrawable ? [this.#viewSwitch()] : [];
    const buttons = [
      this.#menu.button,
      iconButton('clear-all', 'Clear the rows kept', () => this.#act('clear')),
      iconButton('copy', 'Copy the selected rows as JSON', () => this.#grid.copySelected('json')),
      iconButton('insert', 'Copy the selected rows as INSERT statements', () => this.#grid.copySelected('insert')),
      iconButton('table', 'Export what is shown as CSV', () => this.#export('csv')),
      iconButton('json', 'Export what is shown as JSON lines', () => this.#export('json')),
    ];
    if (this.#tools.childElementCount === 0)
      this.#tools.append(
        element('span', { class: 'views' }),
        this.#search,
        this.#matches,
        element('span', { class: 'actions' }, ...buttons),
        this.#menu.list,
      );
    this.#menu.setColumns(this.#summary.columns);
    this.#tools.firstElementChild!.replaceChildren(...views);
  }

  #export(form: 'csv' | 'json'): void {
    this.#post({ kind: 'export', result: this.id, form, shown: this.#grid.shown });
  }

  #viewSwitch(): HTMLElement {
    const { isTable, isDrawable } = this.#summary;
    const button = (view: CardView, text: string, title: string) =>
      element(
        'button',
        { class: 'segment', 'aria-pressed': String(this.#view === view), title, onclick: () => this.#setView(view) },
        text,
      );
    return element(
      'span',
      { class: 'segments', role: 'group', 'aria-label': 'View' },
      ...(isTable ? [button('table', 'Table', 'The newest row of each key')] : []),
      isTable ? button('changes', 'Changes', 'Every change in order') : button('changes', 'Rows', 'All rows kept'),
      ...(isDrawable ? [button('chart', 'Chart', isTable ? 'A bar for each key' : 'A line over time')] : []),
    );
  }

  #setView(view: CardView): void {
    this.#view = view;
    this.#drawTools();
    this.#main.replaceChildren(view === 'chart' ? this.#chart.root : this.#grid.root);
    if (view === 'chart') this.#askForChart();
    else this.#grid.setView(view);
  }

  #emptyNote(): HTMLElement | undefined {
    const { rows, state, startAt } = this.#summary;
    if (rows > 0 || state === 'starting' || state === 'failed') return undefined;
    if (state !== 'running') return element('p', { class: 'empty' }, 'No row came.');
    if (startAt !== 'now')
      return element('p', { class: 'empty' }, 'No row yet: the topic has none that matches so far.');
    const fromBeginning = () => this.#post({ kind: 'startAt', result: this.id, startAt: 'beginning' });
    return element(
      'p',
      { class: 'empty' },
      'Waiting for new rows; those already in the topic are not read. ',
      element('button', { class: 'link', onclick: fromBeginning }, 'Read from the beginning'),
    );
  }

  #drawFooter(): void {
    const { kept, rows, keptBytes, maxRows, maxBytes, oldestMs, late, unreadable } = this.#summary;
    const parts = [
      `${count(kept)} of ${count(rows)} rows kept`,
      `${size(keptBytes)} of at most ${size(maxBytes)}, ${count(maxRows)} rows`,
    ];
    if (oldestMs !== undefined) parts.push(`oldest ${clock(oldestMs)}`);
    const troubles: HTMLElement[] = [];
    if (late)
      troubles.push(
        element(
          'button',
          {
            class: 'link',
            title: 'Show the records that came after their window had closed',
            onclick: () => this.#act('lateRecords'),
          },
          `${count(late)} late`,
        ),
      );
    if (unreadable)
      troubles.push(
        element(
          'button',
          { class: 'link', title: 'Show the processing log', onclick: () => this.#act('processingLog') },
          `${count(unreadable)} unreadable`,
        ),
      );
    this.#footer.replaceChildren(
      element('span', {}, parts.join(' · ')),
      element('span', { class: 'troubles' }, ...troubles),
    );
  }
}
