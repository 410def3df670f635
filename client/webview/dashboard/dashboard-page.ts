import * as l10n from '@vscode/l10n';
import '../page-texts.ts';
import type { FromDashboard, TileSummary, ToDashboard } from '../../dashboard/dashboard-messages.ts';
import { element } from '../elements/dom.ts';
import { setChildren } from '../elements/dom-patch.ts';
import { setDisplay } from '../elements/page-display.ts';
import { arrange, DashboardTile } from './dashboard-tile.ts';
import '../results.css';

declare function acquireVsCodeApi(): { postMessage(message: FromDashboard): void; setState(state: object): void };

const vscode = acquireVsCodeApi();
// A page without a state is not opened again with the window.
vscode.setState({});
const post = (message: FromDashboard) => vscode.postMessage(message);
const main = document.getElementById('dashboard')!;
const grid = element('div', { class: 'tiles' });
const nothing = element(
  'div',
  { class: 'empty' },
  element('p', {}, l10n.t('No chart is pinned. Run a query, and press Dashboard over its result.')),
  element('button', { class: 'button', onclick: () => post({ kind: 'example' }) }, l10n.t('Open an Example…')),
);
const tiles = new Map<string, DashboardTile>();
/** In the order in which they stand. */
let order: readonly string[] = [];

function showAll(summaries: readonly TileSummary[]): void {
  order = summaries.map(({ id }) => id);
  for (const id of tiles.keys()) if (!order.includes(id)) tiles.delete(id);
  for (const summary of summaries) {
    const known = tiles.get(summary.id);
    if (known !== undefined) known.update(summary);
    else tiles.set(summary.id, new DashboardTile(summary, { post, move: (by) => move(summary.id, by) }));
  }
  setChildren(main, [order.length === 0 ? nothing : grid]);
  arrange(
    grid,
    order.map((id) => tiles.get(id)!),
  );
}

const move = (tile: string, by: number): void => post({ kind: 'move', tile, to: order.indexOf(tile) + by });

window.addEventListener('message', ({ data }: MessageEvent<ToDashboard>) => {
  switch (data.kind) {
    case 'display':
      setDisplay(data.display);
      return tiles.clear();
    case 'tiles':
      return showAll(data.tiles);
    case 'tile':
      return tiles.get(data.tile.id)?.update(data.tile);
    case 'chart':
      return tiles.get(data.tile)?.showChart(data.chart);
    default:
      data satisfies never;
  }
});

/** The tile that an event is about. */
const tileAt = (event: Event): HTMLElement | null => (event.target as HTMLElement).closest<HTMLElement>('.tile');

let dragged: string | undefined;
grid.addEventListener('dragstart', (event) => {
  dragged = tileAt(event)?.dataset['tile'];
  event.dataTransfer!.effectAllowed = 'move';
});
grid.addEventListener('dragover', (event) => {
  const over = tileAt(event);
  if (dragged === undefined || over === null) return;
  event.preventDefault();
  for (const { root } of tiles.values())
    root.classList.toggle('drop-here', root === over && over.dataset['tile'] !== dragged);
});
grid.addEventListener('drop', (event) => {
  const to = order.indexOf(tileAt(event)?.dataset['tile'] ?? '');
  if (dragged !== undefined && to >= 0) post({ kind: 'move', tile: dragged, to });
});
grid.addEventListener('dragend', () => {
  dragged = undefined;
  for (const { root } of tiles.values()) root.classList.remove('drop-here');
});

post({ kind: 'ready' });
