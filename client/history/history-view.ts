import * as vscode from 'vscode';
import type { ResultState } from '../results/messages.ts';
import { firstWords } from '../statements/script-statements.ts';
import type { HistoryEntry } from './history-entry.ts';
import { outcome, seconds, timeText } from './history-text.ts';
import type { StatementHistory } from './statement-history.ts';

const ICONS: Readonly<Record<ResultState, readonly [icon: string, color?: string]>> = {
  starting: ['loading~spin'],
  running: ['sync', 'charts.green'],
  paused: ['debug-pause'],
  ended: ['check'],
  stopped: ['debug-stop'],
  failed: ['error', 'errorForeground'],
  done: ['check'],
};

/** The statements that were run, as a list in the side bar. */
export class HistoryView implements vscode.TreeDataProvider<HistoryEntry> {
  readonly #history: StatementHistory;
  readonly onDidChangeTreeData: vscode.Event<void>;

  constructor(history: StatementHistory) {
    this.#history = history;
    this.onDidChangeTreeData = history.onDidChange;
  }

  async getChildren(entry?: HistoryEntry): Promise<HistoryEntry[]> {
    await this.#history.loaded;
    return entry === undefined ? [...this.#history.entries] : [];
  }

  getTreeItem(entry: HistoryEntry): vscode.TreeItem {
    const item = new vscode.TreeItem(firstWords(entry.statement, 120));
    item.id = entry.id;
    item.description = [clock(entry.beganAtMs), seconds(entry.durationMs), entry.connection].join(' · ');
    item.tooltip = tooltip(entry);
    const [icon, color] = ICONS[entry.state];
    item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.contextValue = 'statement';
    item.command = {
      command: 'ksql.history.open',
      title: vscode.l10n.t('Open First Rows'),
      arguments: [entry],
    };
    return item;
  }
}

function tooltip(entry: HistoryEntry): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendCodeblock(entry.statement.slice(0, 2000), 'ksql');
  text.appendText([timeText(entry.beganAtMs), entry.connection, ...outcome(entry)].join(' · '));
  if (entry.message !== undefined) text.appendText(`\n\n${entry.message.slice(0, 500)}`);
  return text;
}

/** The time of day; of another day, its date. */
function clock(ms: number): string {
  const at = new Date(ms);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? at.toLocaleTimeString(vscode.env.language) : at.toLocaleDateString(vscode.env.language);
}
