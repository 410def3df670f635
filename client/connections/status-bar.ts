import * as vscode from 'vscode';
import { connectionName } from './connection.ts';
import type { Connections } from './connections.ts';

const STOP = 'ksql.stopEngine';

/**
 * Shows in the status bar what statements run on, whether it is there, and which other engines run; a click chooses
 * something else, and the tooltip stops what runs.
 */
export function createStatusBar(connections: Connections): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('ksql.connection', vscode.StatusBarAlignment.Left, 10);
  item.name = 'KSQL connection';
  item.command = 'ksql.chooseConnection';
  const update = () => {
    const { connection, state } = connections;
    const name = connection.kind === 'embedded' ? 'embedded' : connectionName(connection);
    const others = connections.running.filter((each) => connectionName(each) !== connections.name);
    const also = others.length === 0 ? '' : ` (+${others.length} running)`;
    const hasEnded = state.kind === 'failed' && state.hasEnded;
    const texts = {
      idle: `$(zap) KSQL: ${name}${also}`,
      starting: `$(loading~spin) KSQL: ${name} … starting${also}`,
      connected: `$(zap) KSQL: ${name}${also}`,
      failed: `$(warning) KSQL: ${name} … ${hasEnded ? 'has ended' : 'not reachable'}${also}`,
    };
    item.text = texts[state.kind];
    item.backgroundColor =
      state.kind === 'failed' ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.tooltip = tooltip(connections);
  };
  update();
  item.show();
  return vscode.Disposable.from(item, connections.onDidChange(update));
}

function tooltip({ connection, state, session, running, name }: Connections): vscode.MarkdownString {
  const detail = {
    idle: 'It starts with the first statement.',
    starting: 'It is starting.',
    connected: state.kind === 'connected' ? `Connected, version ${state.version}.` : '',
    failed: state.kind === 'failed' ? state.reason : '',
  }[state.kind];
  const keeping = session?.keeping;
  const kept =
    keeping?.kind === 'in-memory'
      ? keeping.reason
      : session !== undefined && connection.kind === 'embedded'
        ? 'Its topics, definitions and offsets are kept.'
        : '';
  const service = session?.serviceId === undefined ? '' : `Its service id in Kafka is \`${session.serviceId}\`.`;
  const engines = running.map((each) => {
    const stopped = connectionName(each);
    const argument = encodeURIComponent(JSON.stringify([stopped]));
    return `${stopped === name ? 'Runs' : 'Also runs'}: ${stopped} · [Stop](command:${STOP}?${argument})`;
  });
  const parts = [`Statements run on the **${connectionName(connection)}**.`, detail, kept, service, ...engines];
  const text = new vscode.MarkdownString(
    [...parts.filter((part) => part !== ''), 'Click to choose another engine or server.'].join('\n\n'),
  );
  text.isTrusted = { enabledCommands: [STOP] };
  return text;
}
