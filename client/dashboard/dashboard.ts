import * as vscode from 'vscode';
import { panelIcon, webviewMedia, webviewPage } from '../page/webview-page.ts';
import { displaySettings, onDidChangeDisplay } from '../results/display-settings.ts';
import { type Result, shortTitle } from '../results/result.ts';
import type { FromDashboard, TileAction, ToDashboard } from './dashboard-messages.ts';
import { type PinnedChart, Tile, type TileSurroundings } from './tile.ts';

const PAGE = 'ksql.dashboard';
const PINNED = 'ksql.dashboard';
/** How often the page learns what changed, in milliseconds: a chart is not read faster. */
const REFRESH_MS = 500;

/** What the dashboard needs of the others. */
export interface DashboardSurroundings extends Omit<TileSurroundings, 'changed'> {
  readonly extensionUri: vscode.Uri;
  readonly memory: vscode.Memento;
  /** Calls back when something about connections has changed. */
  onConnectionChange(changed: () => void): vscode.Disposable;
}

/**
 * The charts that were pinned in a workspace, in a tab of their own. They are kept over a reload of the window; their
 * queries run until the tab is closed.
 */
export class Dashboard implements vscode.Disposable {
  readonly #around: DashboardSurroundings;
  readonly #disposables: readonly vscode.Disposable[];
  #tiles: readonly Tile[];
  #panel: vscode.WebviewPanel | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What the page was last told of each tile. */
  readonly #told = new Map<Tile, string>();

  constructor(around: DashboardSurroundings) {
    this.#around = around;
    this.#tiles = around.memory.get<readonly PinnedChart[]>(PINNED, []).map((chart) => this.#tile(chart));
    this.#disposables = [
      vscode.window.registerWebviewPanelSerializer(PAGE, {
        deserializeWebviewPanel: async (panel) => this.#open(panel),
      }),
      around.onConnectionChange(() => this.#tellChanged()),
      onDidChangeDisplay(() => this.#drawAnew()),
    ];
  }

  /** Shows the tab. */
  show(): void {
    if (this.#panel !== undefined) return this.#panel.reveal();
    this.#open(
      vscode.window.createWebviewPanel(PAGE, vscode.l10n.t('KSQL Dashboard'), vscode.ViewColumn.Active, {
        enableScripts: true,
        retainContextWhenHidden: true,
      }),
    );
  }

  /** Adds the chart of a result, live as it is. */
  pin(result: Result): void {
    if (this.#tiles.some((tile) => tile.shows(result))) return this.show();
    const { statement, title, engine, startAt, settings } = result.origin;
    const chart = {
      id: crypto.randomUUID(),
      title: title ?? shortTitle(statement),
      statement,
      connection: engine,
      startAt,
      settings: settings ?? { properties: {}, variables: {} },
      choice: result.look.choice,
    };
    this.#tiles = [...this.#tiles, this.#tile(chart, result)];
    this.#changed();
    if (this.#panel?.visible !== true) void this.#offer();
  }

  async startAll(): Promise<void> {
    this.show();
    await Promise.all(this.#tiles.filter(({ isOpen }) => !isOpen).map((tile) => tile.start()));
  }

  stopAll(): void {
    for (const tile of this.#tiles) if (tile.isOpen) tile.stop();
  }

  dispose(): void {
    for (const each of this.#disposables) each.dispose();
    this.#panel?.dispose();
  }

  #tile(chart: PinnedChart, result?: Result): Tile {
    const { run, stateOf } = this.#around;
    return new Tile(chart, { run, stateOf, changed: () => this.#changed() }, result);
  }

  async #offer(): Promise<void> {
    const open = vscode.l10n.t('Open Dashboard');
    const choice = await vscode.window.showInformationMessage(vscode.l10n.t('Pinned to the dashboard.'), open);
    if (choice === open) this.show();
  }

  #open(panel: vscode.WebviewPanel): void {
    const media = webviewMedia(this.#around.extensionUri);
    this.#panel = panel;
    panel.iconPath = panelIcon(this.#around.extensionUri);
    panel.webview.options = { enableScripts: true, localResourceRoots: [media] };
    panel.webview.html = webviewPage(panel.webview, media, {
      title: vscode.l10n.t('KSQL Dashboard'),
      script: 'dashboard.js',
      body: '<main id="dashboard"></main>',
    });
    panel.webview.onDidReceiveMessage((message: FromDashboard) => this.#receive(message));
    panel.onDidDispose(() => this.#closed());
    this.#timer = setInterval(() => this.#tick(), REFRESH_MS);
    if (startsByItself()) void this.startAll();
  }

  #closed(): void {
    clearInterval(this.#timer);
    this.#panel = undefined;
    for (const tile of this.#tiles) tile.release();
  }

  #receive(message: FromDashboard): void {
    if (message.kind === 'ready') return this.#drawAnew();
    if (message.kind === 'example') return void vscode.commands.executeCommand('ksql.openExample');
    const tile = this.#tiles.find(({ id }) => id === message.tile);
    if (tile === undefined) return;
    switch (message.kind) {
      case 'act':
        return void this.#act(tile, message.action);
      case 'move':
        return this.#move(tile, message.to);
      case 'chart':
        return this.#send({ kind: 'chart', tile: tile.id, chart: tile.draw(message.range) });
      case 'choose':
        return tile.choose(message.choice);
      default:
        message satisfies never;
    }
  }

  async #act(tile: Tile, action: TileAction): Promise<void> {
    switch (action) {
      case 'start':
        return tile.start();
      case 'stop':
        return tile.stop();
      case 'rename':
        return this.#rename(tile);
      case 'remove':
        tile.release();
        this.#tiles = this.#tiles.filter((each) => each !== tile);
        return this.#changed();
      default:
        action satisfies never;
    }
  }

  async #rename(tile: Tile): Promise<void> {
    const title = vscode.l10n.t('Rename Chart');
    const name = await vscode.window.showInputBox({ title, value: tile.chart.title });
    if (name !== undefined && name.trim() !== '') tile.rename(name.trim());
  }

  #move(tile: Tile, to: number): void {
    const others = this.#tiles.filter((each) => each !== tile);
    this.#tiles = others.toSpliced(Math.max(0, Math.min(to, others.length)), 0, tile);
    this.#changed();
  }

  #tick(): void {
    for (const tile of this.#tiles) tile.tick();
    this.#tellChanged();
  }

  /** Charts came, went or are others: they are kept, and the page is told. */
  #changed(): void {
    void this.#around.memory.update(
      PINNED,
      this.#tiles.map(({ chart }) => chart),
    );
    this.#tellAll();
  }

  #drawAnew(): void {
    this.#send({ kind: 'display', display: displaySettings() });
    this.#tellAll();
  }

  #tellAll(): void {
    const tiles = this.#tiles.map((tile) => tile.summary());
    this.#told.clear();
    this.#tiles.forEach((tile, i) => {
      this.#told.set(tile, JSON.stringify(tiles[i]));
    });
    this.#send({ kind: 'tiles', tiles });
  }

  #tellChanged(): void {
    if (this.#panel?.visible !== true) return;
    for (const tile of this.#tiles) {
      const summary = tile.summary();
      const text = JSON.stringify(summary);
      if (this.#told.get(tile) === text) continue;
      this.#told.set(tile, text);
      this.#send({ kind: 'tile', tile: summary });
    }
  }

  #send(message: ToDashboard): void {
    void this.#panel?.webview.postMessage(message);
  }
}

const startsByItself = (): boolean => vscode.workspace.getConfiguration('ksql.dashboard').get('startQueries', false);
