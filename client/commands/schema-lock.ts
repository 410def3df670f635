import * as vscode from 'vscode';
import { readWholeSnapshotOf } from '../../engine/api/snapshot/read-snapshot.ts';
import { PROJECT_CONFIG } from '../../language/project/project-config.ts';
import { lockOf, lockText, SCHEMA_LOCK } from '../../language/project/schema-lock.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import { requireTrust } from './require-trust.ts';

const PULL = 'ksql.pullLock';
const LOCKS: vscode.DocumentFilter = { scheme: 'file', pattern: `**/${SCHEMA_LOCK}` };

/** What writes what a server has to the lock of a project, and shows where a lock is no longer true. */
export function registerSchemaLock(connections: Connections): vscode.Disposable {
  const hint = new LockHint(connections);
  return vscode.Disposable.from(
    hint,
    vscode.commands.registerCommand(PULL, (lock: unknown) =>
      pullLock(connections, lock instanceof vscode.Uri ? lock : undefined),
    ),
    vscode.languages.registerCodeLensProvider(LOCKS, hint),
  );
}

/** Writes a lock: the one that is named, or that of the project in which somebody works. */
async function pullLock(connections: Connections, named: vscode.Uri | undefined): Promise<void> {
  if (!requireTrust()) return;
  const folder = named === undefined ? await projectFolder() : vscode.Uri.joinPath(named, '..');
  if (folder === undefined) {
    void vscode.window.showWarningMessage(vscode.l10n.t('A schema lock is a file of a folder: open one first.'));
    return;
  }
  const file = vscode.Uri.joinPath(folder, SCHEMA_LOCK);
  try {
    const { client } = await connections.open();
    const text = lockText(lockOf(await readWholeSnapshotOf(client)));
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
    // The hints compare with what was read last.
    void connections.refresh();
    if (named === undefined) await vscode.window.showTextDocument(file, { preserveFocus: true });
  } catch (error) {
    void vscode.window.showErrorMessage(
      vscode.l10n.t('{0} could not be written: {1}', vscode.workspace.asRelativePath(file), messageOf(error)),
    );
  }
}

/** The nearest folder above the file that is worked on that declares a project, else the workspace's folder. */
async function projectFolder(): Promise<vscode.Uri | undefined> {
  const open = vscode.window.activeTextEditor?.document.uri;
  const own = open && vscode.workspace.getWorkspaceFolder(open)?.uri;
  const root = own ?? vscode.workspace.workspaceFolders?.[0]?.uri;
  if (open === undefined || own === undefined) return root;
  for (let folder = vscode.Uri.joinPath(open, '..'); ; folder = vscode.Uri.joinPath(folder, '..')) {
    if (folder.path.length <= own.path.length) return root;
    for (const name of [PROJECT_CONFIG, SCHEMA_LOCK])
      if (await isFile(vscode.Uri.joinPath(folder, name))) return folder;
  }
}

const isFile = (uri: vscode.Uri): Promise<boolean> =>
  Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );

/**
 * Says that the connected server differs from a lock: in the status of the language, and above the lock, each with the
 * way to pull it again. What differs are diagnostics of the language server.
 */
class LockHint implements vscode.Disposable, vscode.CodeLensProvider {
  readonly #connections: Connections;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #listening: vscode.Disposable;
  #status: vscode.LanguageStatusItem | undefined;

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#listening = vscode.Disposable.from(
      connections.onDidChange(() => this.#changed.fire()),
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        if (uris.some(isLock)) this.#show();
      }),
    );
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const title = vscode.l10n.t('$(sync) Pull again from {0}', this.#connections.name);
    const found = differencesOf(vscode.languages.getDiagnostics(document.uri));
    const lenses = [{ title, command: PULL, arguments: [document.uri] }];
    if (found > 0) lenses.push({ title: countText(found), command: 'workbench.actions.view.problems', arguments: [] });
    return lenses.map((command) => new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), command));
  }

  #show(): void {
    this.#changed.fire();
    const [outdated] = vscode.languages
      .getDiagnostics()
      .flatMap(([uri, diagnostics]) => (isLock(uri) ? [{ uri, count: differencesOf(diagnostics) }] : []))
      .filter(({ count }) => count > 0);
    if (outdated === undefined) {
      this.#status?.dispose();
      this.#status = undefined;
      return;
    }
    this.#status ??= vscode.languages.createLanguageStatusItem('ksql.lock', [{ language: 'ksql' }, LOCKS]);
    this.#status.severity = vscode.LanguageStatusSeverity.Warning;
    this.#status.text = countText(outdated.count);
    this.#status.detail = vscode.workspace.asRelativePath(outdated.uri);
    this.#status.command = { title: vscode.l10n.t('Pull Again'), command: PULL, arguments: [outdated.uri] };
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
    this.#status?.dispose();
  }
}

const isLock = ({ path }: vscode.Uri): boolean => path.endsWith(`/${SCHEMA_LOCK}`);

const differencesOf = (diagnostics: readonly vscode.Diagnostic[]): number =>
  diagnostics.filter(({ code }) => (typeof code === 'object' ? code.value : code) === 'lock-differs').length;

const countText = (count: number): string =>
  count === 1
    ? vscode.l10n.t('The server differs from the schema lock in 1 place')
    : vscode.l10n.t('The server differs from the schema lock in {0} places', count.toLocaleString());
