import * as l10n from '@vscode/l10n';
import './page-texts.ts';
import type { Display } from '../results/display.ts';
import type { FromPage, ResultSummary, ToPage } from '../results/messages.ts';
import { Card } from './card.ts';
import { element } from './elements/dom.ts';
import { setChildren } from './elements/dom-patch.ts';
import { setDisplay } from './elements/page-display.ts';
import { isFoldable, StatementGroup } from './statement-group.ts';
import './results.css';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const vscode = acquireVsCodeApi();
const post = (message: FromPage) => vscode.postMessage(message);
const stack = document.getElementById('stack')!;
const nothing = element('p', { class: 'empty' }, l10n.t('Results appear here. Press Run over a statement.'));
/** Newest first. */
let shown: readonly Card[] = [];
const cards = new Map<number, Card>();
/** Folded cards by the oldest of them, which stays the oldest when others come. */
const groups = new Map<number, StatementGroup>();
/** Results the user opened or closed by hand; for the others only the newest is open. */
const chosen = new Map<number, boolean>();

function isOpen(summary: ResultSummary, index: number): boolean {
  const before = summary.replaces === undefined ? undefined : chosen.get(summary.replaces);
  if (before !== undefined && !chosen.has(summary.id)) chosen.set(summary.id, before);
  return chosen.get(summary.id) ?? (index === 0 || summary.pinned);
}

function showAll(results: readonly ResultSummary[]): void {
  shown = results.map((result, i) => {
    const open = isOpen(result, i);
    const existing = cards.get(result.id);
    if (existing === undefined) return addCard(result, open);
    existing.update(result);
    existing.setOpen(open);
    return existing;
  });
  for (const [id, card] of cards) if (!shown.includes(card)) cards.delete(id);
  arrange();
}

/** Puts the cards on the screen; neighbours that have little to say as one line. */
function arrange(): void {
  const parts: HTMLElement[] = [];
  const used = new Set<number>();
  for (let i = 0; i < shown.length; ) {
    let end = i;
    while (end < shown.length && isFoldable(shown[end]!)) end++;
    if (end - i < 2) {
      parts.push(shown[i++]!.root);
      continue;
    }
    const oldest = shown[end - 1]!.id;
    const group = groups.get(oldest) ?? new StatementGroup();
    groups.set(oldest, group);
    used.add(oldest);
    group.show(shown.slice(i, end));
    parts.push(group.root);
    i = end;
  }
  for (const id of groups.keys()) if (!used.has(id)) groups.delete(id);
  setChildren(stack, parts.length === 0 ? [nothing] : parts);
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

function update(card: Card, result: ResultSummary): void {
  const before = isFoldable(card);
  card.update(result);
  if (before || isFoldable(card)) arrange();
}

/** Makes all cards anew: what they show was drawn as the settings were. */
function redraw(display: Display): void {
  setDisplay(display);
  const summaries = shown.map(({ summary }) => summary);
  cards.clear();
  showAll(summaries);
}

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  switch (data.kind) {
    case 'texts':
      return;
    case 'display':
      return redraw(data.display);
    case 'results':
      return showAll(data.results);
    case 'update': {
      const card = cards.get(data.result.id);
      if (card === undefined) return;
      update(card, data.result);
      return data.page && card.showPage(data.page);
    }
    case 'page':
      return cards.get(data.page.request.result)?.showPage(data.page);
    case 'chart':
      return cards.get(data.request.result)?.showChart(data.chart);
    case 'detail':
      return cards.get(data.detail.result)?.showDetail(data.detail);
    case 'gone':
      return;
    case 'grid':
      return cards.get(data.result)?.actInGrid(data.action);
    default:
      data satisfies never;
  }
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') for (const card of cards.values()) card.unfollow();
});

post({ kind: 'ready' });
