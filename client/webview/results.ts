import type { FromPage, ResultSummary, ToPage } from '../results/messages.ts';
import { Card } from './card.ts';
import { element } from './dom.ts';
import './results.css';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const vscode = acquireVsCodeApi();
const post = (message: FromPage) => vscode.postMessage(message);
const stack = document.getElementById('stack')!;
const cards = new Map<number, Card>();
/** Results the user opened or closed by hand; for the others only the newest is open. */
const chosen = new Map<number, boolean>();

function isOpen(summary: ResultSummary, index: number): boolean {
  return chosen.get(summary.id) ?? (index === 0 || summary.pinned);
}

function showAll(results: readonly ResultSummary[]): void {
  for (const [id, card] of cards) {
    if (results.some((result) => result.id === id)) continue;
    card.root.remove();
    cards.delete(id);
  }
  if (results.length === 0) {
    stack.replaceChildren(element('p', { class: 'empty' }, 'Results appear here. Press Run over a statement.'));
    return;
  }
  const shown = results.map((result, i) => {
    const open = isOpen(result, i);
    const existing = cards.get(result.id);
    if (existing === undefined) return addCard(result, open);
    existing.update(result);
    existing.setOpen(open);
    return existing;
  });
  stack.replaceChildren(...shown.map((card) => card.root));
}

function addCard(result: ResultSummary, open: boolean): Card {
  const card: Card = new Card(result, open, post, () => {
    const next = !card.root.classList.contains('open');
    chosen.set(result.id, next);
    card.setOpen(next);
  });
  cards.set(result.id, card);
  return card;
}

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  switch (data.kind) {
    case 'results':
      return showAll(data.results);
    case 'summary':
      return cards.get(data.result.id)?.update(data.result);
    case 'page':
      return cards.get(data.page.request.result)?.showPage(data.page);
    case 'chart':
      return cards.get(data.chart.request.result)?.showChart(data.chart);
    case 'detail':
      return cards.get(data.detail.result)?.showDetail(data.detail);
    default:
      data satisfies never;
  }
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') for (const card of cards.values()) card.unfollow();
});

post({ kind: 'ready' });
