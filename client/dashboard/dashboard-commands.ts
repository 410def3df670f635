import * as vscode from 'vscode';
import type { Connections } from '../connections/connections.ts';
import type { Result } from '../results/result.ts';
import { Dashboard } from './dashboard.ts';
import { type AskKey, runPinned } from './pinned-run.ts';

/** Makes the dashboard of the workspace, which has the sessions of the connections run its queries. */
export function createDashboard(
  { extensionUri, workspaceState }: vscode.ExtensionContext,
  connections: Connections,
  askKey: AskKey,
): Dashboard {
  return new Dashboard({
    extensionUri,
    memory: workspaceState,
    run: (chart, result) => runPinned(chart, result, connections, askKey),
    stateOf: (name) => stateText(name, connections),
    onConnectionChange: (changed) => connections.onDidChange(changed),
  });
}

/** @param results all that are shown in panels and notebooks */
export function registerDashboardCommands(dashboard: Dashboard, results: () => readonly Result[]): vscode.Disposable {
  const register = (name: string, act: () => unknown) =>
    vscode.commands.registerCommand(`ksql.dashboard.${name}`, () => act());
  return vscode.Disposable.from(
    dashboard,
    register('open', () => dashboard.show()),
    register('startAll', () => dashboard.startAll()),
    register('stopAll', () => dashboard.stopAll()),
    register('pin', () => {
      const [newest] = results()
        .filter((each) => each.summary().isDrawable)
        .toSorted((a, b) => b.beganAtMs - a.beganAtMs);
      if (newest !== undefined) return dashboard.pin(newest);
      return vscode.window.showInformationMessage(vscode.l10n.t('There is no result of a query. Run one first.'));
    }),
  );
}

/** What there is to say of a connection on which a chart was not started. */
function stateText(name: string, connections: Connections): string {
  const state = connections.stateOf(name);
  if (state === undefined) return vscode.l10n.t('There is no connection {0} any more.', name);
  switch (state.kind) {
    case 'idle':
      return vscode.l10n.t('Not started, because {0} does not run. Start starts both.', name);
    case 'starting':
      return vscode.l10n.t('Not started; {0} is starting.', name);
    case 'connected':
      return vscode.l10n.t('Not started.');
    case 'failed':
      return vscode.l10n.t('Not started, because {0} is not there: {1}.', name, state.reason);
    default:
      return state satisfies never;
  }
}
