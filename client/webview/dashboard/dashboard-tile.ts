import * as l10n from '@vscode/l10n';
import type { ChartData, ChartRange } from '../../charts/chart-types.ts';
import type { FromDashboard, TileAction, TileState, TileSummary } from '../../dashboard/dashboard-messages.ts';
import { rowCount } from '../../results/row-count.ts';
import { Chart } from '../charts/chart.ts';
import { element, icon, iconButton } from '../elements/dom.ts';
import { setAttribute, setChildren, setHidden, setIcon, setText } from '../elements/dom-patch.ts';

const STATES: Readonly<Record<TileState, { readonly icon: string; readonly text: string }>> = {
  idle: { icon: 'circle-outline', text: l10n.t('not started') },
  starting: { icon: 'loading codicon-modifier-spin', text: l10n.t('starting') },
  running: { icon: 'sync', text: l10n.t('running') },
  stopped: { icon: 'debug-stop', text: l10n.t('stopped') },
  failed: { icon: 'error', text: l10n.t('failed') },
  done: { icon: 'check', text: l10n.t('done') },
};

/** A drawing that took long is not asked for again before this many times as long. */
const REST_FACTOR = 10;

export interface TileEvents {
  post(message: FromDashboard): void;
  /** The tile is to go so many places on, or back. */
  move(by: number): void;
}

/** A pinned chart: a line that says what it is of and how that is, and the chart. */
export class DashboardTile {
  readonly root: HTMLElement;
  readonly #events: TileEvents;
  readonly #chart: Chart;
  readonly #stateIcon = icon('blank');
  readonly #title = new Text();
  readonly #titleBox = element('span', { class: 'tile-title', role: 'heading', 'aria-level': '2' }, this.#title);
  readonly #figures = new Text();
  readonly #run: HTMLButtonElement;
  readonly #message = new Text();
  readonly #start: HTMLButtonElement;
  readonly #messageBox: HTMLElement;
  #summary: TileSummary;
  #range: ChartRange | undefined;
  #drawnVersion: number | undefined;
  #askedMs = 0;
  #dueMs = 0;

  constructor(summary: TileSummary, events: TileEvents) {
    this.#summary = summary;
    this.#events = events;
    const act = (action: TileAction) => events.post({ kind: 'act', tile: summary.id, action });
    this.#chart = new Chart({
      choose: (choice) => {
        events.post({ kind: 'choose', tile: summary.id, choice });
        if (choice.x !== undefined || choice.kind === undefined) this.#range = undefined;
        this.#ask();
      },
      zoom: (range) => {
        this.#range = range;
        this.#ask();
      },
    });
    this.#run = iconButton('play', l10n.t('Start'), () => act(this.#isOpen ? 'stop' : 'start'));
    this.#start = element('button', { class: 'button', onclick: () => act('start') }, l10n.t('Start'));
    this.#messageBox = element('p', { class: 'tile-message' }, this.#message, this.#start);
    const settings = iconButton('settings', l10n.t('Change the Chart'), () => this.#toggleControls());
    settings.setAttribute('aria-expanded', 'false');
    this.root = element(
      'section',
      { class: 'tile', 'aria-label': summary.title, 'data-tile': summary.id },
      element(
        'header',
        { class: 'tile-header', draggable: 'true' },
        this.#stateIcon,
        this.#titleBox,
        element('span', { class: 'tile-figures' }, this.#figures),
        element(
          'span',
          { class: 'tile-actions' },
          this.#run,
          settings,
          iconButton('edit', l10n.t('Rename…'), () => act('rename')),
          iconButton('arrow-left', l10n.t('Move Back'), () => events.move(-1)),
          iconButton('arrow-right', l10n.t('Move On'), () => events.move(1)),
          iconButton('close', l10n.t('Remove From Dashboard'), () => act('remove')),
        ),
      ),
      this.#messageBox,
      this.#chart.root,
    );
    this.update(summary);
  }

  update(summary: TileSummary): void {
    this.#summary = summary;
    const { title, statement, connection, state, message, rows, rowsPerSecond, version } = summary;
    setAttribute(this.root, 'data-state', state);
    setIcon(this.#stateIcon, STATES[state].icon);
    setAttribute(this.#stateIcon, 'title', STATES[state].text);
    setText(this.#title, title);
    setAttribute(this.#titleBox, 'title', l10n.t('{0}\n\non {1}', statement, connection));
    const rate = state === 'running' ? l10n.t('{0} rows/s', rowsPerSecond.toLocaleString('en-US')) : STATES[state].text;
    setText(this.#figures, [connection, rowCount(rows), rate].join(' · '));
    const word = this.#isOpen ? l10n.t('Stop') : l10n.t('Start');
    setIcon(this.#run.firstElementChild as HTMLElement, this.#isOpen ? 'debug-stop' : 'play');
    setAttribute(this.#run, 'title', word);
    setAttribute(this.#run, 'aria-label', word);
    const waits = state === 'starting' ? l10n.t('Starting…') : state === 'running' && rows === 0;
    const says = message ?? (waits === true ? l10n.t('No row yet.') : waits === false ? '' : waits);
    setText(this.#message, says);
    setHidden(this.#messageBox, says === '');
    setHidden(this.#start, this.#isOpen);
    setHidden(this.#chart.root, version === undefined || rows === 0);
    if (version !== this.#drawnVersion && performance.now() > this.#dueMs) this.#ask();
  }

  showChart(chart: ChartData | undefined): void {
    const now = performance.now();
    this.#dueMs = now + REST_FACTOR * (now - this.#askedMs);
    if (chart !== undefined) this.#chart.show(chart);
  }

  get #isOpen(): boolean {
    return this.#summary.state === 'running' || this.#summary.state === 'starting';
  }

  #ask(): void {
    const { id, version } = this.#summary;
    if (version === undefined) return;
    this.#drawnVersion = version;
    this.#askedMs = performance.now();
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#events.post({ kind: 'chart', tile: id, ...(this.#range && { range: this.#range }) });
  }

  #toggleControls(): void {
    const isShown = this.root.classList.toggle('with-controls');
    setAttribute(this.root.querySelector('[aria-expanded]')!, 'aria-expanded', String(isShown));
  }
}

/** The tiles of the page in an order, each where it stands if it stands right already. */
export const arrange = (grid: HTMLElement, tiles: readonly DashboardTile[]): void =>
  setChildren(
    grid,
    tiles.map(({ root }) => root),
  );
