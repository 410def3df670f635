import * as vscode from 'vscode';
import { connectionName } from './connection.ts';
import type { Connections } from './connections.ts';

/** Shows in the status bar what statements run on and whether it is there; a click chooses something else. */
export function createStatusBar(connections: Connections): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('ksql.connection', vscode.StatusBarAlignment.Left, 10);
  item.name = 'KSQL connection';
  item.command = 'ksql.chooseConnection';
  const update = () => {
    const { connection, state } = connections;
    const name = connection.kind === 'embedded' ? 'embedded' : connectionName(connection);
    const texts = {
      idle: `$(zap) KSQL: ${name}`,
      starting: `$(loading~spin) KSQL: ${name} … starting`,
      connected: `$(zap) KSQL: ${name}`,
      failed: `$(warning) KSQL: ${name} … not reachable`,
    };
    item.text = texts[state.kind];
    item.backgroundColor =
      state.kind === 'failed' ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    const detail = {
      idle: 'It starts with the first statement.',
      starting: 'It is starting.',
      connected: state.kind === 'connected' ? `Connected, version ${state.version}.` : '',
      failed: state.kind === 'failed' ? state.reason : '',
    }[state.kind];
    item.tooltip = new vscode.MarkdownString(
      `Statements run on the **${connectionName(connection)}**.\n\n${detail}\n\nClick to choose another engine or server.`,
    );
  };
  update();
  item.show();
  return vscode.Disposable.from(item, connections.onDidChange(update));
}
