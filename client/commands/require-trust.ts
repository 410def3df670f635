import * as vscode from 'vscode';

/**
 * Says why nothing runs in a workspace that is not trusted, with the way to change that. @returns whether it is trusted
 */
export function requireTrust(): boolean {
  if (!vscode.workspace.isTrusted) void offerTrust();
  return vscode.workspace.isTrusted;
}

async function offerTrust(): Promise<void> {
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Nothing is run in a workspace that is not trusted: its scripts read files and reach servers.'),
    manage,
  );
  if (choice === manage) await vscode.commands.executeCommand('workbench.trust.manage');
}
