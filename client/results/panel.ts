import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { NumberText } from '../../engine/api/client.ts';
import { count, rowCount } from '../../engine/api/row-count.ts';
import { webviewMedia, webviewPage } from '../page/webview-page.ts';
import { showLateRecords } from './late-records.ts';
import type {
  CardAction,
  ChartRequest,
  ColumnInfo,
  CopyForm,
  CopyRequest,
  FromPage,
  GridAction,
  PageRequest,
  ResultSummary,
  StartAt,
  ToPage,
} from './messages.ts';
import { Result, type ResultOrigin, shortTitle } from './result.ts';
import type { BufferedRow, Cell } from './row-buffer.ts';
import { toCsv, toInserts, toJsonLines, toTabSeparated } from './rows-as-text.ts';

/** At most this many results stay; the oldest that are neither pinned nor running go first. */
const MAX_RESULTS = 20;
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

/** What the panel cannot do by itself: start a statement again. */
export type Rerun = (result: Result, startAt: StartAt | undefined) => void;

/**
 * The results panel of one file: a web page beside the editor that shows a stack of results, newest first. The panel
 * owns the rows, the page asks for those it shows.
 */
export class ResultsPanel implements vscode.Disposable {
  readonly id: string = crypto.randomUUID();
  readonly #panel: vscode.WebviewPanel;
  readonly #rerun: Rerun;
  /** What exported rows are called, and where they go unless the user says otherwise. */
  readonly #name: string;
  readonly #folder: vscode.Uri | undefined;
  readonly #disposables: vscode.Disposable[] = [];
  readonly #disposed = new vscode.EventEmitter<void>();
  readonly onDidDispose = this.#disposed.event;
  #results: Result[] = [];
  #nextId = 1;
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
  readonly #seconds: NodeJS.Timeout;
  #isDisposed = false;

  /** @param column where it opens; it goes where the user moves it */
  constructor(file: vscode.Uri, extensionUri: vscode.Uri, column: vscode.ViewColumn, rerun: Rerun) {
    this.#rerun = rerun;
    const name = file.path.split('/').at(-1) ?? 'KSQL';
    this.#name = name.replace(/\.\w+$/, '');
    this.#folder =
      file.scheme === 'untitled' ? vscode.workspace.workspaceFolders?.[0]?.uri : vscode.Uri.joinPath(file, '..');
    const media = webviewMedia(extensionUri);
    const place = { viewColumn: column, preserveFocus: true };
    this.#panel = vscode.window.createWebviewPanel('ksql.results', `Results: ${name}`, place, {
      enableScripts: true,
      retainContextWhenHidden: true,
      localResourceRoots: [media],
    });
    const icon = (name: string) => vscode.Uri.joinPath(extensionUri, 'client', 'media', name);
    this.#panel.iconPath = { light: icon('ksql-light.svg'), dark: icon('ksql-dark.svg') };
    this.#panel.webview.html = webviewPage(this.#panel.webview, media, {
      title: 'KSQL results',
      script: 'results.js',
      // Its menus hand the name to their commands, which must find the panel that they were opened in.
      body: `<main id="stack" data-panel="${this.id}" aria-label="Results, newest first"></main>`,
    });
    this.#disposables.push(
      this.#panel.webview.onDidReceiveMessage((message: FromPage) => this.#receive(message)),
      this.#panel.onDidChangeViewState(() => this.#soon()),
      this.#panel.onDidDispose(() => this.dispose()),
    );
    this.#seconds = setInterval(() => this.#tick(), 1000);
  }

  get results(): readonly Result[] {
    return this.#results;
  }

  /** The column of the editor area that it is in. */
  get column(): vscode.ViewColumn | undefined {
    return this.#panel.viewColumn;
  }

  /**
   * Adds a card on top of the stack, or where another was that it takes the place of. A query that is begun anew takes
   * the place of what it gave before, too, but on top. Pinned cards stay.
   */
  open(origin: ResultOrigin, instead?: Result): Result {
    const settings = vscode.workspace.getConfiguration('ksql.results');
    const limits = {
      maxRows: settings.get('maxRows', 100_000),
      maxBytes: settings.get('maxSizeMb', 64) * 1024 * 1024,
    };
    const before = instead?.pinned ? undefined : (instead ?? this.#sameQuery(origin));
    const result = new Result(this.#nextId++, origin, limits, before?.id);
    const place = instead === undefined ? 0 : Math.max(0, this.#results.indexOf(instead));
    this.#results = this.#results.toSpliced(place, 0, result);
    if (before !== undefined) this.#remove(before);
    const surplus = this.#results.filter((other) => !other.pinned && !other.isOpen).slice(MAX_RESULTS);
    this.#results = this.#results.filter((other) => !surplus.includes(other));
    for (const other of surplus) this.#forget(other);
    this.#sendAll();
    this.reveal();
    return result;
  }

  #sameQuery({ statement, startAt }: ResultOrigin): Result | undefined {
    if (startAt === undefined) return undefined;
    return this.#results.find(
      ({ origin, pinned }) => !pinned && origin.startAt !== undefined && origin.statement === statement,
    );
  }

  #remove(result: Result): void {
    result.query?.stop();
    this.#results = this.#results.filter((each) => each !== result);
    this.#forget(result);
  }

  reveal(): void {
    this.#panel.reveal(undefined, true);
  }

  /** Tells the page, soon, that something about a result changed. Many calls in a row cost one message. */
  changed(result: Result): void {
    this.#changed.add(result);
    this.#unseen.add(result);
    this.#soon();
  }

  /** Says that a row that something was to be done with has left the buffer. */
  sayGone(): void {
    say('That row is no longer kept.');
  }

  /** Does what a menu of the grid says, in the page. */
  actInGrid(result: number, action: GridAction): void {
    this.#send({ kind: 'grid', result, action });
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#seconds);
    for (const result of this.#results) result.query?.stop();
    this.#results = [];
    this.#disposed.fire();
    for (const disposable of this.#disposables.splice(0)) disposable.dispose();
    this.#panel.dispose();
  }

  #tick(): void {
    for (const result of this.#results) {
      if (!result.isOpen) continue;
      result.tick();
      this.changed(result);
    }
  }

  #soon(): void {
    // A query may end after its panel was closed, which then cannot be asked anything.
    if (this.#isDisposed || !this.#panel.visible || this.#changed.size === 0) return;
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

  #forget(result: Result): void {
    this.#awaited.delete(result);
    this.#unseen.delete(result);
    this.#changed.delete(result);
  }

  #send(message: ToPage): void {
    void this.#panel.webview.postMessage(message);
  }

  #sendAll(): void {
    const results: ResultSummary[] = this.#results.map((result) => result.summary());
    this.#send({ kind: 'results', results });
  }

  #receive(message: FromPage): void {
    if (message.kind === 'ready') return this.#sendAll();
    const id = 'request' in message ? message.request.result : message.result;
    const result = this.#results.find((each) => each.id === id);
    if (result === undefined) return;
    switch (message.kind) {
      case 'page':
        return this.#answer(result, message.request);
      case 'chart':
        return this.#sendChart(result, message.request);
      case 'detail':
        return void this.#sendDetail(result, message.sequence);
      case 'action':
        return this.#act(result, message.action);
      case 'startAt':
        result.query?.stop();
        return this.#rerun(result, message.startAt);
      case 'export':
        return void this.#export(result, message);
      case 'copy':
        return void this.copy(result, message.request);
      default:
        message satisfies never;
    }
  }

  #sendChart(result: Result, request: ChartRequest): void {
    const chart = result.chart(request);
    this.#send({ kind: 'chart', request, ...(chart && { chart }) });
  }

  async #sendDetail(result: Result, sequence: number): Promise<void> {
    const row = result.buffer.bySequence(sequence);
    if (row === undefined) return this.sayGone();
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

  #act(result: Result, action: CardAction): void {
    switch (action) {
      case 'pause':
        result.query?.pause();
        result.state = 'paused';
        break;
      case 'resume':
        result.query?.resume();
        result.state = 'running';
        break;
      case 'stop':
        result.query?.stop();
        result.end('stopped');
        break;
      case 'runAgain':
        if (result.readAgain !== undefined) return result.readAgain();
        result.query?.stop();
        return this.#rerun(result, result.origin.startAt);
      case 'clear':
        result.clear();
        break;
      case 'pin':
      case 'unpin':
        result.pinned = action === 'pin';
        break;
      case 'close':
        this.#remove(result);
        return this.#sendAll();
      case 'processingLog':
        return void vscode.commands.executeCommand('ksql.showProcessingLog');
      case 'lateRecords':
        return void this.#showLateRecords(result);
      case 'offer':
        return result.offer?.act();
      default:
        action satisfies never;
    }
    this.changed(result);
  }

  /** Opens a card of the records that a query dropped because they were late. */
  async #showLateRecords(result: Result): Promise<void> {
    const records = (await result.readLateRecords?.().catch(() => undefined)) ?? [];
    const { statement, engine } = result.origin;
    const shown = this.open({ title: `Late records of ${shortTitle(statement)}`, statement, engine });
    shown.readAgain = () => {
      this.#act(shown, 'close');
      void this.#showLateRecords(result);
    };
    shown.readRecord = result.readRecord;
    showLateRecords(records, shown);
    this.changed(shown);
  }

  /** Copies the selected rows, and says how many. Those that are in sight make no difference. */
  async copy(result: Result, { shown, selection, form, column }: Omit<CopyRequest, 'result'>): Promise<void> {
    const { rows, count: wanted } = result.selected(shown, selection);
    const columns = column === undefined ? result.columns : result.columns.slice(column, column + 1);
    const cells = column === undefined ? rows : rows.map((row) => ({ ...row, cells: [row.cells[column]] }));
    await vscode.env.clipboard.writeText(textOf(form, columns, cells, sourceOf(result.origin.statement)));
    if (rows.length === wanted) say(`Copied ${rowCount(rows.length)}.`);
    else say(`Copied ${count(rows.length)} of ${rowCount(wanted)}: the others are no longer kept.`);
  }

  async #export(result: Result, { form, shown }: Extract<FromPage, { kind: 'export' }>): Promise<void> {
    const [extension, label] = form === 'csv' ? ['csv', 'CSV'] : ['jsonl', 'JSON lines'];
    try {
      const rows = result.rowsOf(shown);
      const target = await vscode.window.showSaveDialog({
        filters: { [label]: [extension] },
        title: `Export ${rowCount(rows.length)}`,
        ...(this.#folder === undefined
          ? {}
          : { defaultUri: vscode.Uri.joinPath(this.#folder, `${this.#name}.${extension}`) }),
      });
      if (target === undefined) return;
      const text = form === 'csv' ? toCsv(result.columns, rows) : toJsonLines(result.columns, rows);
      await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
    } catch (error) {
      void vscode.window.showErrorMessage(`The rows could not be exported: ${(error as Error).message}`);
    }
  }
}

/** Says something where it is in nobody's way, for a while. */
function say(message: string): void {
  vscode.window.setStatusBarMessage(message, 5_000);
}

function textOf(form: CopyForm, columns: readonly ColumnInfo[], rows: readonly BufferedRow[], source: string): string {
  switch (form) {
    case 'text':
      return toTabSeparated(rows);
    case 'table':
      return toTabSeparated(rows, columns);
    case 'csv':
      return toCsv(columns, rows);
    case 'json':
      return toJsonLines(columns, rows);
    case 'insert':
      return toInserts(source, columns, rows);
    default:
      return form satisfies never;
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

/** The name after FROM as it is written, for INSERT statements made of rows. */
function sourceOf(statement: string): string {
  return /\bFROM\s+(`[^`]+`|"[^"]+"|\w+)/i.exec(statement)?.[1] ?? 'target';
}
