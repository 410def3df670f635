import * as l10n from '@vscode/l10n';
import { count } from '../../engine/api/row-count.ts';
import type { CardAction, ResultState, ResultSummary, StartAt } from '../results/messages.ts';
import { rowCount } from '../results/row-count.ts';
import { element, icon, iconButton } from './elements/dom.ts';
import { setAttribute, setHidden, setIcon, setText } from './elements/dom-patch.ts';
import { duration } from './elements/text.ts';
import { Sparkline } from './sparkline.ts';

const STATES: Readonly<Record<ResultState, { readonly icon: string; readonly text: string }>> = {
  starting: { icon: 'loading codicon-modifier-spin', text: l10n.t('starting') },
  // It does not turn: the figures beside it move, and an icon that turns costs the page more than they do.
  running: { icon: 'sync', text: l10n.t('running') },
  paused: { icon: 'debug-pause', text: l10n.t('paused') },
  ended: { icon: 'check', text: l10n.t('at the end') },
  stopped: { icon: 'debug-stop', text: l10n.t('stopped') },
  failed: { icon: 'error', text: l10n.t('failed') },
  done: { icon: 'check', text: l10n.t('done') },
};

/** Where a query reads from, where there is room for it and where there is little, and what a click on it does. */
const STARTS: Readonly<Record<StartAt, Readonly<Record<'long' | 'short' | 'title', string>>>> = {
  now: {
    long: l10n.t('from now'),
    short: l10n.t('now'),
    title: l10n.t('Reads from now. Run again from the beginning.'),
  },
  beginning: {
    long: l10n.t('from the beginning'),
    short: l10n.t('beginning'),
    title: l10n.t('Reads from the beginning. Run again to the end.'),
  },
  end: { long: l10n.t('to the end'), short: l10n.t('end'), title: l10n.t('Reads to the end. Run again from now.') },
};
const NEXT_START: Readonly<Record<StartAt, StartAt>> = { now: 'beginning', beginning: 'end', end: 'now' };

/** Whether all there is to say has room in the header: a sentence without rows, and nothing went wrong. */
export const isOneLine = ({ form, state, message }: ResultSummary): boolean =>
  form === 'message' && (state === 'starting' || (state === 'done' && !/\n/.test(message ?? '')));

/** What the pin of a card does. */
export interface CardPin {
  readonly title: string;
  /** Whether there is nothing to pin where there are no rows. */
  readonly needsRows: boolean;
}

export interface CardHeaderEvents {
  act(action: CardAction): void;
  runAgain(startAt: StartAt): void;
  toggle(): void;
  readonly pin: CardPin;
}

/**
 * The line over a result; where that is narrow, the statement has a line of its own over the figures. All of it is made
 * once: while rows come, only texts change, and a button that does not apply stays where it is.
 */
export class CardHeader {
  readonly root: HTMLElement;
  readonly #chevron = icon('blank');
  readonly #title = new Text();
  readonly #titleBox = element('span', { class: 'title' }, this.#title);
  readonly #stateIcon = icon('blank');
  readonly #state = new Text();
  readonly #stateBox = element(
    'span',
    { class: 'state', role: 'status' },
    this.#stateIcon,
    element('span', {}, this.#state),
  );
  readonly #startLong = new Text();
  readonly #startShort = new Text();
  readonly #start: HTMLButtonElement;
  readonly #rows = new Text();
  readonly #rowsBox = element('span', { class: 'figure rows' }, this.#rows);
  readonly #rate = new Text();
  readonly #rateShort = new Text();
  readonly #rateBox = element(
    'span',
    { class: 'figure rate' },
    element('span', { class: 'long' }, this.#rate),
    element('span', { class: 'short' }, this.#rateShort),
  );
  readonly #sparkline = new Sparkline();
  readonly #elapsed = new Text();
  readonly #elapsedBox = element('span', { class: 'figure elapsed' }, this.#elapsed);
  readonly #pause: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #again: HTMLButtonElement;
  readonly #pin: HTMLButtonElement;
  readonly #pinWords: CardPin;
  #summary: ResultSummary;

  constructor(summary: ResultSummary, { act, runAgain, toggle, pin }: CardHeaderEvents) {
    this.#summary = summary;
    this.#pinWords = pin;
    this.#start = element(
      'button',
      { class: 'chip', onclick: () => runAgain(NEXT_START[this.#summary.startAt!]) },
      element('span', { class: 'long' }, this.#startLong),
      element('span', { class: 'short' }, this.#startShort),
    );
    this.#pause = iconButton('debug-pause', l10n.t('Pause'), () => this.#hold(act));
    this.#stop = iconButton('debug-stop', l10n.t('Stop'), () => this.#isOpen && act('stop'));
    this.#again = iconButton('debug-restart', l10n.t('Run again'), () => act('runAgain'));
    this.#pin = iconButton('pin', l10n.t('Pin'), () => act(this.#summary.pinned ? 'unpin' : 'pin'));
    const close = iconButton('close', l10n.t('Close'), () => act('close'));
    this.root = element(
      'header',
      {
        class: 'card-header',
        onclick: (event) => !(event.target as HTMLElement).closest('button') && toggle(),
      },
      this.#chevron,
      this.#titleBox,
      element(
        'span',
        { class: 'figures' },
        this.#stateBox,
        this.#start,
        this.#rowsBox,
        this.#rateBox,
        this.#sparkline.root,
        this.#elapsedBox,
      ),
      element('span', { class: 'actions' }, this.#pause, this.#stop, this.#again, this.#pin, close),
    );
  }

  update(summary: ResultSummary, isOpen: boolean): void {
    this.#summary = summary;
    const { title, state, startAt, rows, rowsPerSecond, history, elapsedMs, statement, engine, form } = summary;
    const oneLine = isOneLine(summary);
    setIcon(this.#chevron, oneLine ? 'blank' : isOpen ? 'chevron-down' : 'chevron-right');
    setText(this.#title, title);
    setAttribute(this.#titleBox, 'title', l10n.t('{0}\n\non {1}', statement, engine));
    const text = oneLine ? (summary.message ?? STATES[state].text) : STATES[state].text;
    setIcon(this.#stateIcon, STATES[state].icon);
    setText(this.#state, text);
    setAttribute(this.#stateBox, 'title', text);
    setHidden(this.#start, startAt === undefined);
    if (startAt !== undefined) {
      const { long, short, title } = STARTS[startAt];
      setText(this.#startLong, long);
      setText(this.#startShort, short);
      setAttribute(this.#start, 'title', title);
    }
    const hasRows = form === 'rows';
    const isLive = hasRows && startAt !== undefined;
    setHidden(this.#rowsBox, !hasRows);
    setText(this.#rows, rowCount(rows));
    setHidden(this.#rateBox, !isLive);
    setText(this.#rate, l10n.t('{0} rows/s', count(rowsPerSecond)));
    setText(this.#rateShort, l10n.t('{0}/s', count(rowsPerSecond)));
    setAttribute(this.#sparkline.root, 'data-shown', String(isLive));
    this.#sparkline.show(history);
    setText(this.#elapsed, duration(elapsedMs));
    setAttribute(this.#elapsedBox, 'title', timing(summary));
    this.#drawButtons();
  }

  get #isOpen(): boolean {
    const { state, form } = this.#summary;
    return form === 'rows' && (state === 'running' || state === 'paused');
  }

  #hold(act: CardHeaderEvents['act']): void {
    if (this.#isOpen) act(this.#summary.state === 'paused' ? 'resume' : 'pause');
  }

  /** Those that do not apply are dimmed: they keep their place, and the focus if they have it. */
  #drawButtons(): void {
    const { state, form, pinned } = this.#summary;
    const isPaused = state === 'paused';
    relabel(this.#pause, isPaused ? 'play' : 'debug-pause', isPaused ? l10n.t('Continue') : l10n.t('Pause'));
    relabel(this.#pin, pinned ? 'pinned' : 'pin', pinned ? l10n.t('Unpin') : this.#pinWords.title);
    setHidden(this.#pin, this.#pinWords.needsRows && form === 'message');
    for (const button of [this.#pause, this.#stop]) {
      setHidden(button, form === 'message');
      setAttribute(button, 'aria-disabled', String(!this.#isOpen));
    }
  }
}

/** How long it took until now, and until the first row. */
function timing({ elapsedMs, firstRowMs }: ResultSummary): string {
  const elapsed = l10n.t('Elapsed: {0}', duration(elapsedMs));
  if (firstRowMs === undefined) return elapsed;
  return `${elapsed}\n${l10n.t('First row after {0}', `${(firstRowMs / 1000).toFixed(2)} s`)}`;
}

function relabel(button: HTMLButtonElement, iconName: string, title: string): void {
  setIcon(button.firstElementChild as HTMLElement, iconName);
  setAttribute(button, 'title', title);
  setAttribute(button, 'aria-label', title);
}
