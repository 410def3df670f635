import * as vscode from 'vscode';
import type { StatementRunner } from '../commands/statement-runner.ts';
import { firstWords, scriptStatements } from '../statements/script-statements.ts';
import { cellOf, scriptTextOf } from '../statements/script-text.ts';
import { type HistoryEntry, withoutSecrets } from './history-entry.ts';
import { comparedText, historyText, outcome, timeText } from './history-text.ts';
import { HistoryView } from './history-view.ts';
import type { StatementHistory } from './statement-history.ts';

const SCHEME = 'ksql-history';

/** Registers the view of the run history, its commands, and the documents that they open. */
export function registerHistory(history: StatementHistory, runner: StatementRunner): vscode.Disposable {
  const view = vscode.window.createTreeView('ksql.history', {
    treeDataProvider: new HistoryView(history),
    canSelectMany: true,
  });
  const register = (name: string, act: (entries: readonly HistoryEntry[]) => unknown) =>
    vscode.commands.registerCommand(`ksql.history.${name}`, (given?: HistoryEntry, all?: readonly HistoryEntry[]) => {
      const entries = all ?? (given === undefined ? view.selection : [given]);
      return entries.length === 0 ? undefined : act(entries);
    });
  return vscode.Disposable.from(
    history,
    view,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: (uri) => textOf(uri, history),
    }),
    register('open', ([entry]) => open(entry!)),
    register('rerun', async (entries) => {
      for (const entry of entries) if (!(await rerun(entry, runner))) return;
    }),
    register('copy', (entries) => vscode.env.clipboard.writeText(entries.map(({ statement }) => statement).join('\n'))),
    register('compare', ([entry, other]) => compare(entry!, other, history)),
    register('remove', (entries) => history.remove(new Set(entries.map(({ id }) => id)))),
    vscode.commands.registerCommand('ksql.history.clear', () => history.clear()),
    vscode.commands.registerCommand('ksql.history.show', () => vscode.commands.executeCommand('ksql.history.focus')),
  );
}

/** The document of an entry; with `other` as it is compared with that one. */
function uriOf({ id, statement }: HistoryEntry, other?: HistoryEntry): vscode.Uri {
  const name = firstWords(statement, 40).replace(/[\\/:*?"<>|#]/g, ' ');
  const query = new URLSearchParams(other === undefined ? { id } : { id, other: other.id });
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: String(query) });
}

function textOf({ query }: vscode.Uri, history: StatementHistory): string {
  const asked = new URLSearchParams(query);
  const [entry, other] = ['id', 'other'].map((name) => history.find(asked.get(name) ?? ''));
  if (entry === undefined) return vscode.l10n.t('This run is no longer in the history.');
  return other === undefined ? historyText(entry) : comparedText(entry, other);
}

async function open(entry: HistoryEntry): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uriOf(entry));
  await vscode.window.showTextDocument(document, { preview: true, preserveFocus: true });
}

/** Shows two runs side by side, the older one at the left. Without another, one is asked for. */
async function compare(entry: HistoryEntry, given: HistoryEntry | undefined, history: StatementHistory): Promise<void> {
  const other = given ?? (await pickOther(entry, history));
  if (other === undefined) return;
  const [older, newer] = entry.beganAtMs <= other.beganAtMs ? [entry, other] : [other, entry];
  const title = `${firstWords(newer.statement, 40)} (${timeText(older.beganAtMs)} ↔ ${timeText(newer.beganAtMs)})`;
  await vscode.commands.executeCommand('vscode.diff', uriOf(older, newer), uriOf(newer, older), title);
}

/** Runs of the same statement come first. */
async function pickOther(entry: HistoryEntry, history: StatementHistory): Promise<HistoryEntry | undefined> {
  const isOther = ({ statement }: HistoryEntry) => (statement === entry.statement ? 0 : 1);
  const others = history.entries.filter(({ id }) => id !== entry.id).toSorted((a, b) => isOther(a) - isOther(b));
  const items = others.map((other) => ({
    label: firstWords(other.statement, 60),
    description: timeText(other.beganAtMs),
    detail: [other.connection, ...outcome(other)].join(' · '),
    other,
  }));
  const title = vscode.l10n.t('Compare With Another Run');
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.other;
}

/** Runs a statement where it stands; where that is gone, in a script of its own. */
async function rerun(entry: HistoryEntry, runner: StatementRunner): Promise<boolean> {
  const document = await documentOf(entry);
  const statements = scriptStatements(scriptTextOf(document));
  const statement = statements.find(({ text }) => withoutSecrets(text) === entry.statement);
  return statement === undefined ? false : runner.run({ document, statement });
}

async function documentOf({ uri, statement }: HistoryEntry): Promise<vscode.TextDocument> {
  const parsed = vscode.Uri.parse(uri);
  const known =
    cellOf(parsed)?.document ??
    vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri) ??
    (await openFile(parsed));
  const holds = (document: vscode.TextDocument) =>
    scriptStatements(scriptTextOf(document)).some(({ text }) => withoutSecrets(text) === statement);
  if (known !== undefined && holds(known)) return known;
  const made = await vscode.workspace.openTextDocument({ language: 'ksql', content: `${statement}\n` });
  await vscode.window.showTextDocument(made);
  return made;
}

/** A file that may be gone. Documents that were never saved, and cells of closed notebooks, are. */
async function openFile(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  if (uri.scheme === 'untitled' || uri.scheme === 'vscode-notebook-cell') return undefined;
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    return undefined;
  }
}
