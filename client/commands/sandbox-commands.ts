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
      const choice = await vscode.window.showErrorMessage(messageOf(error), 'Show the Log');
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
        void vscode.window.showInformationMessage('The Redpanda container is stopped.');
      }),
    ),
    vscode.commands.registerCommand('ksql.sandbox.status', () =>
      attempt(async () => {
        const status = JSON.parse(await sandboxStatus(connections.distPath, log)) as Record<string, string>;
        const texts: Readonly<Record<string, string>> = {
          running: `running: Kafka at ${status['bootstrapServer']}, schema registry at ${status['registryUrl']}`,
          stopped: 'not running',
          unavailable: status['reason'] ?? 'not available',
        };
        void vscode.window.showInformationMessage(
          `Redpanda container: ${texts[status['kind'] ?? ''] ?? status['kind']}`,
        );
      }),
    ),
  );
}
