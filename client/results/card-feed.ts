import { setTimeout as sleep } from 'node:timers/promises';
import { NumberText } from '../../engine/api/client.ts';
import type { ChartRequest } from '../charts/chart-types.ts';
import { type CardActions, sayGone } from './card-actions.ts';
import type { CardOwner } from './card-owner.ts';
import type { FromPage, GridAction, PageRequest, ToPage } from './messages.ts';
import type { Result } from './result.ts';
import type { Cell } from './row-buffer.ts';

/** What is new after a quiet time is shown with the next frame, in milliseconds. */
const FRAME_MS = 16;
/**
 * How often at most the page learns what changed while rows stream in, in milliseconds: more often, nobody could read
 * it.
 */
const REFRESH_MS = 150;
/**
 * The same where so many rows came meanwhile that all of those in sight are others: nobody reads them before they are
 * gone again.
 */
const FLOOD_REFRESH_MS = 250;
/**
 * What is costly to find, such as the order of many rows, is found anew only after this many times the time that it
 * took.
 */
const REST_FACTOR = 10;
/** How long the detail of a row waits for the record behind it, in milliseconds. */
const RECORD_TIMEOUT_MS = 500;

/** A web page with cards on it. */
export interface CardPage {
  readonly isVisible: boolean;
  send(message: ToPage): void;
}

/**
 * What a page is told of its cards, and gets when it asks: the owner has the rows, the page asks for those it shows,
 * and while rows stream it learns a few times a second what is new.
 */
export class CardFeed {
  readonly #page: CardPage;
  readonly #owner: CardOwner;
  readonly #actions: CardActions;
  /** Results of which the page does not know the latest. */
  readonly #changed = new Set<Result>();
  /** What the page shows, and of which it wants to know when it changes. */
  readonly #awaited = new Map<Result, PageRequest>();
  /** How many rows results had when the page last got some. */
  readonly #sent = new WeakMap<Result, number>();
  /** Results whose rows changed after the page last got some. */
  readonly #unseen = new Set<Result>();
  #timer: NodeJS.Timeout | undefined;
  /** Before this time the page is told nothing new, by the clock of `performance`. */
  #restUntilMs = 0;
  #isDisposed = false;

  constructor(page: CardPage, owner: CardOwner, actions: CardActions) {
    this.#page = page;
    this.#owner = owner;
    this.#actions = actions;
  }

  /** Tells the page, soon, that something about a result changed. Many calls in a row cost one message. */
  changed(result: Result): void {
    this.#changed.add(result);
    this.#unseen.add(result);
    this.#soon();
  }

  /** The page may have come into sight. */
  shown(): void {
    this.#soon();
  }

  /** A result is gone. */
  forget(result: Result): void {
    this.#awaited.delete(result);
    this.#unseen.delete(result);
    this.#changed.delete(result);
  }

  /** Does what a menu of the grid says, in the page. */
  actInGrid(result: number, action: GridAction): void {
    this.#send({ kind: 'grid', result, action });
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  /** Answers the page, or does what was clicked in it. */
  receive(message: Exclude<FromPage, { kind: 'ready' }>): void {
    const id = 'request' in message ? message.request.result : message.result;
    const result = this.#owner.results.find((each) => each.id === id);
    if (result === undefined) return message.kind === 'show' ? this.#send({ kind: 'gone', result: id }) : undefined;
    switch (message.kind) {
      case 'show':
        return this.#send({ kind: 'update', result: result.summary() });
      case 'page':
        return this.#answer(result, message.request);
      case 'chart':
        return this.#sendChart(result, message.request);
      case 'chartChoice':
        return this.#actions.chooseChart(result, message.choice);
      case 'chartShown':
        return this.#actions.showChart(result, message.isShown);
      case 'detail':
        return void this.#sendDetail(result, message.sequence);
      case 'action':
        return this.#actions.act(result, message.action);
      case 'startAt':
        result.giveWay();
        return this.#owner.rerun(result, message.startAt);
      case 'export':
        return void this.#actions.export(result, message);
      case 'copy':
        return void this.#actions.copy(result, message.request);
      default:
        message satisfies never;
    }
  }

  #soon(): void {
    // A query may end after its page was closed, which then cannot be asked anything.
    if (this.#isDisposed || !this.#page.isVisible || this.#changed.size === 0) return;
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        const startedMs = performance.now();
        const refreshMs = [...this.#changed].some((result) => this.#isFlood(result)) ? FLOOD_REFRESH_MS : REFRESH_MS;
        for (const result of this.#changed) this.#sendUpdate(result);
        this.#changed.clear();
        const tookMs = performance.now() - startedMs;
        this.#restUntilMs = startedMs + Math.max(refreshMs, REST_FACTOR * tookMs);
      },
      Math.max(FRAME_MS, this.#restUntilMs - performance.now()),
    );
  }

  /** Whether as many rows have come as are in sight since the page last got some. */
  #isFlood(result: Result): boolean {
    const inSight = this.#awaited.get(result)?.count ?? Number.POSITIVE_INFINITY;
    return result.buffer.total - (this.#sent.get(result) ?? 0) >= inSight;
  }

  /** One message: what is new about a result, and the rows in sight where the page has drawn the last ones. */
  #sendUpdate(result: Result): void {
    const request = this.#awaited.get(result);
    const page = request && this.#unseen.has(result) ? this.#pageOf(result, request) : undefined;
    this.#send({ kind: 'update', result: result.summary(), ...(page && { page }) });
  }

  #pageOf(result: Result, request: PageRequest) {
    this.#awaited.delete(result);
    this.#unseen.delete(result);
    this.#sent.set(result, result.buffer.total);
    return result.page(request);
  }

  #answer(result: Result, request: PageRequest): void {
    if (!request.wait) return this.#send({ kind: 'page', page: this.#pageOf(result, request) });
    this.#awaited.set(result, request);
    if (this.#unseen.has(result)) this.#changed.add(result);
    this.#soon();
  }

  #send(message: ToPage): void {
    if (!this.#isDisposed) this.#page.send(message);
  }

  #sendChart(result: Result, request: ChartRequest): void {
    const chart = result.chart(request);
    this.#send({ kind: 'chart', request, ...(chart && { chart }) });
  }

  async #sendDetail(result: Result, sequence: number): Promise<void> {
    const row = result.buffer.bySequence(sequence);
    if (row === undefined) return sayGone();
    const fields = result.columns.map(({ name, type }, i) => ({ name, type, value: shownValue(row.cells[i]) }));
    const detail = { result: result.id, sequence, fields };
    if (row.record === undefined) return this.#send({ kind: 'detail', detail });
    // The values are here already: a topic that is slow to answer, or gone, must not hold them back.
    const content = await Promise.race([
      result.readRecord?.(row.record).catch(() => undefined),
      sleep(RECORD_TIMEOUT_MS, undefined),
    ]);
    const record = content === undefined ? row.record : { ...row.record, content };
    this.#send({ kind: 'detail', detail: { ...detail, record } });
  }
}

/**
 * A value as plain data. Numbers that a double cannot hold, or would write otherwise, go over as text: the page only
 * shows them.
 */
function shownValue(value: Cell): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint' || value instanceof NumberText) return String(value);
  if (Array.isArray(value)) return value.map(shownValue);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shownValue(item)]));
}
