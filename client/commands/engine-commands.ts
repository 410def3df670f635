import * as vscode from 'vscode';
import { type Connection, connectionName } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import type { ServerSession } from '../connections/server-session.ts';
import { requireTrust } from './require-trust.ts';

/** Registers the commands that start, stop and empty engines, and says where what they have is not kept. */
export function registerEngineCommands(connections: Connections, log: vscode.LogOutputChannel): vscode.Disposable {
  const command = (name: string, action: (argument?: string) => unknown) =>
    vscode.commands.registerCommand(name, action);
  return vscode.Disposable.from(
    command('ksql.startEngine', () => requireTrust() && connections.open().catch(() => undefined)),
    command('ksql.stopEngine', (name) => stopEngine(connections, name)),
    command('ksql.restartEngine', () => connections.restart()),
    command('ksql.emptyStorage', () => emptyStorage(connections)),
    command('ksql.showEngineLog', () => log.show()),
    connections.onDidBegin((session) => tellWhereKept(session)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void connections.resume()),
  );
}

/** @param name of its connection; absent: the one that runs, or that the user picks among several */
async function stopEngine(connections: Connections, name: string | undefined): Promise<void> {
  const { running } = connections;
  const chosen =
    name === undefined && running.length > 1
      ? await pickEngine(running)
      : running.find((each) => name === undefined || connectionName(each) === name);
  if (chosen !== undefined) await connections.stop(chosen);
  else if (running.length === 0) void vscode.window.showInformationMessage(vscode.l10n.t('No engine is running.'));
}

async function pickEngine(running: readonly Connection[]): Promise<Connection | undefined> {
  const items = running.map((connection) => ({ label: connectionName(connection), connection }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Stop an engine') }))?.connection;
}

/** Asks once, because nothing brings it back. */
async function emptyStorage(connections: Connections): Promise<void> {
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t("Empty the embedded engine's storage?"),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Its topics, sources, queries and connectors of this workspace are deleted, and it starts with nothing.',
      ),
    },
    vscode.l10n.t('Empty'),
  );
  if (choice === undefined) return;
  try {
    await connections.emptyStorage();
    void vscode.window.showInformationMessage(vscode.l10n.t("The embedded engine's storage is empty."));
  } catch (error) {
    void vscode.window.showErrorMessage(vscode.l10n.t('The storage was not emptied. {0}', messageOf(error)));
  }
}

/** Only what is out of the ordinary is said. */
function tellWhereKept({ keeping, engine }: ServerSession): void {
  if (keeping.kind === 'in-memory' && keeping.isUnexpected) void vscode.window.showInformationMessage(keeping.reason);
  if (engine?.kafka?.kind !== 'shut') return;
  const { reason } = engine.kafka;
  void vscode.window.showWarningMessage(vscode.l10n.t('Clients of Kafka do not reach its topics: {0}', reason));
}
