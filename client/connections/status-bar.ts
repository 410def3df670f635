import * as vscode from 'vscode';
import type { KafkaDoorState } from '../../engine/api/engine-message.ts';
import { connectionName } from './connection.ts';
import type { Connections } from './connections.ts';

const STOP = 'ksql.stopEngine';

/**
 * Shows in the status bar what statements run on, whether it is there, and which other engines run; a click chooses
 * something else, and the tooltip stops what runs.
 */
export function createStatusBar(connections: Connections): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('ksql.connection', vscode.StatusBarAlignment.Left, 10);
  item.name = vscode.l10n.t('KSQL connection');
  item.command = 'ksql.chooseConnection';
  const update = () => {
    const { connection, state } = connections;
    const name = connection.kind === 'embedded' ? vscode.l10n.t('embedded') : connectionName(connection);
    const others = connections.running.filter((each) => connectionName(each) !== connections.name);
    const also = others.length === 0 ? '' : ` ${vscode.l10n.t('(+{0} running)', others.length)}`;
    const failed =
      state.kind === 'failed' && state.hasEnded
        ? vscode.l10n.t('KSQL: {0} … has ended', name)
        : vscode.l10n.t('KSQL: {0} … not reachable', name);
    const texts = {
      idle: `$(zap) KSQL: ${name}${also}`,
      starting: `$(loading~spin) ${vscode.l10n.t('KSQL: {0} … starting', name)}${also}`,
      connected: `$(zap) KSQL: ${name}${also}`,
      failed: `$(warning) ${failed}${also}`,
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

/** Whether clients of Kafka reach the topics, where they are to. */
function kafkaText(kafka: KafkaDoorState | undefined): string {
  if (kafka === undefined) return '';
  return kafka.kind === 'open'
    ? vscode.l10n.t('Clients of Kafka reach its topics at `{0}`.', kafka.address)
    : vscode.l10n.t('Clients of Kafka do not reach its topics: {0}', kafka.reason);
}

function tooltip({ connection, state, session, running, name }: Connections): vscode.MarkdownString {
  const detail = {
    idle: vscode.l10n.t('It starts with the first statement.'),
    starting: vscode.l10n.t('It is starting.'),
    connected: state.kind === 'connected' ? vscode.l10n.t('Connected, version {0}.', state.version) : '',
    failed: state.kind === 'failed' ? state.reason : '',
  }[state.kind];
  const keeping = session?.keeping;
  const kept =
    keeping?.kind === 'in-memory'
      ? keeping.reason
      : session !== undefined && connection.kind === 'embedded'
        ? vscode.l10n.t('Its topics, definitions and offsets are kept.')
        : '';
  const service =
    session?.serviceId === undefined ? '' : vscode.l10n.t('Its service id in Kafka is `{0}`.', session.serviceId);
  const engines = running.map((each) => {
    const stopped = connectionName(each);
    const argument = encodeURIComponent(JSON.stringify([stopped]));
    const link = `command:${STOP}?${argument}`;
    return stopped === name
      ? vscode.l10n.t('Runs: {0} · [Stop]({1})', stopped, link)
      : vscode.l10n.t('Also runs: {0} · [Stop]({1})', stopped, link);
  });
  const parts = [
    vscode.l10n.t('Statements run on the **{0}**.', connectionName(connection)),
    detail,
    kept,
    service,
    kafkaText(session?.engine?.kafka),
    ...engines,
  ];
  const text = new vscode.MarkdownString(
    [...parts.filter((part) => part !== ''), vscode.l10n.t('Click to choose another engine or server.')].join('\n\n'),
  );
  text.isTrusted = { enabledCommands: [STOP] };
  return text;
}
