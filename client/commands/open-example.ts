import * as vscode from 'vscode';

/** Opens one of the examples that come with the extension as a new, unsaved script. */
export async function openExample(extensionUri: vscode.Uri): Promise<void> {
  const folder = vscode.Uri.joinPath(extensionUri, 'examples');
  const files = (await vscode.workspace.fs.readDirectory(folder)).flatMap(([name]) =>
    name.endsWith('.ksql') ? [name] : [],
  );
  const examples = await Promise.all(
    files.map(async (name) => {
      const content = new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, name)));
      const summary = /^--\s*(.+)$/m.exec(content)?.[1] ?? '';
      return { label: `$(file-code) ${name.replace(/\.ksql$/, '')}`, detail: summary, content };
    }),
  );
  const pick = await vscode.window.showQuickPick(examples, {
    title: vscode.l10n.t('Open an example'),
    matchOnDetail: true,
  });
  if (pick === undefined) return;
  const document = await vscode.workspace.openTextDocument({ language: 'ksql', content: pick.content });
  await vscode.window.showTextDocument(document);
}
