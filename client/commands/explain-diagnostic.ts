import * as vscode from 'vscode';

/** The command that the code of a diagnostic in the Problems view is a link to. */
export const EXPLAIN_DIAGNOSTIC = 'ksql.explainDiagnostic';

/** The link, in which the language server puts the code. */
export const DIAGNOSTIC_PAGE = `command:${EXPLAIN_DIAGNOSTIC}?%5B%22{code}%22%5D`;

/** Shows the page of a code, which comes with the extension: it is there without a network. */
export async function explainDiagnostic(extensionUri: vscode.Uri, code: unknown): Promise<void> {
  if (typeof code !== 'string' || !/^[a-z0-9-]+$/.test(code)) return;
  const page = vscode.Uri.joinPath(extensionUri, 'docs', 'diagnostics', `${code}.md`);
  await vscode.commands.executeCommand('markdown.showPreview', page);
}
