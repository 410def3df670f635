import * as vscode from 'vscode';
import { escapeHtml } from '../page/escape-html.ts';
import { panelIcon, webviewMedia, webviewPage } from '../page/webview-page.ts';
import { CardActions } from './card-actions.ts';
import { CardFeed } from './card-feed.ts';
import { type CardOwner, type CardPlace, type CardServices, newResult, type Rerun } from './card-owner.ts';
import { displaySettings, onDidChangeDisplay } from './display-settings.ts';
import type { CopyRequest, FromPage, GridAction, ResultSummary, ToPage } from './messages.ts';
import type { Result, ResultOrigin } from './result.ts';

/** At most this many results stay; the oldest that are neither pinned nor running go first. */
const maxResults = (): number => resultSettings().get('maxResults', 20);
const resultSettings = () => vscode.workspace.getConfiguration('ksql.results');

/** What the panels of all files share. */
export interface PanelSurroundings {
  readonly extensionUri: vscode.Uri;
  readonly services: CardServices;
}

/**
 * The results panel of one file: a web page beside the editor that shows a stack of results, newest first. The panel
 * owns the rows, the page asks for those it shows.
 */
export class ResultsPanel implements CardOwner, vscode.Disposable {
  readonly id: string = crypto.randomUUID();
  readonly #panel: vscode.WebviewPanel;
  readonly #feed: CardFeed;
  readonly #actions: CardActions;
  readonly rerun: Rerun;
  readonly #services: CardServices;
  readonly #disposables: vscode.Disposable[] = [];
  readonly #disposed = new vscode.EventEmitter<void>();
  readonly onDidDispose = this.#disposed.event;
  #results: Result[] = [];
  #nextId = 1;
  readonly #seconds: NodeJS.Timeout;

  /** @param column where it opens; it goes where the user moves it */
  constructor(
    file: vscode.Uri,
    { extensionUri, services }: PanelSurroundings,
    column: vscode.ViewColumn,
    rerun: Rerun,
  ) {
    this.rerun = rerun;
    this.#services = services;
    const name = file.path.split('/').at(-1) ?? 'KSQL';
    const media = webviewMedia(extensionUri);
    const place = { viewColumn: column, preserveFocus: true };
    this.#panel = vscode.window.createWebviewPanel('ksql.results', vscode.l10n.t('Results: {0}', name), place, {
      enableScripts: true,
      retainContextWhenHidden: true,
      localResourceRoots: [media],
    });
    this.#panel.iconPath = panelIcon(extensionUri);
    this.#panel.webview.html = webviewPage(this.#panel.webview, media, {
      title: vscode.l10n.t('KSQL results'),
      script: 'results.js',
      // Its menus hand the name to their commands, which must find the panel that they were opened in.
      body: `<main id="stack" data-panel="${this.id}" aria-label="${escapeHtml(vscode.l10n.t('Results, newest first'))}"></main>`,
    });
    const panel = this.#panel;
    const page = {
      get isVisible() {
        return panel.visible;
      },
      send: (message: ToPage) => this.#send(message),
    };
    this.#actions = new CardActions(this, file, services);
    this.#feed = new CardFeed(page, this, this.#actions);
    this.#disposables.push(
      this.#panel.webview.onDidReceiveMessage((message: FromPage) =>
        message.kind === 'ready' ? this.#begin() : this.#feed.receive(message),
      ),
      this.#panel.onDidChangeViewState(() => this.#feed.shown()),
      onDidChangeDisplay((display) => this.#send({ kind: 'display', display })),
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
  open(origin: ResultOrigin, { instead }: CardPlace = {}): Result {
    const before = instead?.pinned ? undefined : (instead ?? this.#sameQuery(origin));
    const result = newResult(this.#nextId++, origin, before, this.#services.looks);
    const place = instead === undefined ? 0 : Math.max(0, this.#results.indexOf(instead));
    result.hold(this);
    this.#results = this.#results.toSpliced(place, 0, result);
    if (before !== undefined) this.#remove(before);
    const surplus = this.#results.filter((other) => !other.pinned && !other.isOpen).slice(maxResults());
    this.#results = this.#results.filter((other) => !surplus.includes(other));
    for (const other of surplus) {
      other.release(this);
      this.#feed.forget(other);
    }
    this.#sendAll();
    if (resultSettings().get('reveal', true)) this.reveal();
    return result;
  }

  #sameQuery({ statement, startAt }: ResultOrigin): Result | undefined {
    if (startAt === undefined) return undefined;
    return this.#results.find(
      ({ origin, pinned }) => !pinned && origin.startAt !== undefined && origin.statement === statement,
    );
  }

  #remove(result: Result): void {
    result.release(this);
    this.#results = this.#results.filter((each) => each !== result);
    this.#feed.forget(result);
  }

  close(result: Result): void {
    this.#remove(result);
    this.#sendAll();
  }

  changed(result: Result): void {
    if (this.#results.includes(result)) this.#feed.changed(result);
  }

  /** Does what a menu of the grid says, in the page. */
  actInGrid(result: number, action: GridAction): void {
    this.#feed.actInGrid(result, action);
  }

  /** Copies the selected rows, and says how many. */
  async copy(result: Result, request: Omit<CopyRequest, 'result'>): Promise<void> {
    await this.#actions.copy(result, request);
  }

  reveal(): void {
    this.#panel.reveal(undefined, true);
  }

  dispose(): void {
    this.#feed.dispose();
    clearInterval(this.#seconds);
    for (const result of this.#results) result.release(this);
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

  /** The page was loaded. */
  #begin(): void {
    this.#send({ kind: 'display', display: displaySettings() });
    this.#sendAll();
  }

  #sendAll(): void {
    const results: ResultSummary[] = this.#results.map((result) => result.summary());
    this.#send({ kind: 'results', results });
  }

  #send(message: ToPage): void {
    void this.#panel.webview.postMessage(message);
  }
}
