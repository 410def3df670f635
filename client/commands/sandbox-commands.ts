import * as vscode from 'vscode';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import { sandboxStatus, stopSandbox } from '../connections/sandbox.ts';
import type { SandboxPage } from '../connections/sandbox-page.ts';

/** Registers the commands that start, stop and ask for the container. */
export function registerSandboxCommands(
  connections: Connections,
  page: SandboxPage,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const attempt = async (action: () => Promise<unknown>) => {
    try {
      await action();
    } catch (error) {
      const choice = await vscode.window.showErrorMessage(messageOf(error), vscode.l10n.t('Show the Log'));
      if (choice !== undefined) log.show();
    }
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand('ksql.sandbox.start', () =>
      attempt(async () => {
        page.show();
        await connections.choose({ kind: 'sandbox' });
        if (connections.state.kind === 'failed' && !page.showsFailure) throw new Error(connections.state.reason);
      }),
    ),
    vscode.commands.registerCommand('ksql.sandbox.stop', () =>
      attempt(async () => {
        await connections.stop({ kind: 'sandbox' });
        await stopSandbox(connections.distPath, log);
        void vscode.window.showInformationMessage(vscode.l10n.t('The Redpanda container is stopped.'));
      }),
    ),
    vscode.commands.registerCommand('ksql.sandbox.status', () =>
      attempt(async () => {
        const status = JSON.parse(await sandboxStatus(connections.distPath, log)) as Record<string, string>;
        const texts: Readonly<Record<string, string>> = {
          running: vscode.l10n.t(
            'running: Kafka at {0}, schema registry at {1}',
            status['bootstrapServer'] ?? '',
            status['registryUrl'] ?? '',
          ),
          stopped: vscode.l10n.t('not running'),
          unavailable: status['reason'] ?? vscode.l10n.t('not available'),
        };
        void vscode.window.showInformationMessage(
          vscode.l10n.t('Redpanda container: {0}', texts[status['kind'] ?? ''] ?? status['kind'] ?? ''),
        );
      }),
    ),
  );
}
