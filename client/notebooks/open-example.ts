import * as vscode from 'vscode';
import { NOTEBOOK_TYPE, NotebookSerializer } from './notebook-serializer.ts';

/** Opens one of the examples that come with the extension as a new, unsaved script or notebook. */
export async function openExample(extensionUri: vscode.Uri): Promise<void> {
  const folder = vscode.Uri.joinPath(extensionUri, 'examples');
  const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name).filter(isExample);
  const examples = await Promise.all(
    names.map(async (name) => {
      const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, name));
      const text = new TextDecoder().decode(bytes);
      const isNotebook = name.endsWith('.ksqlnb');
      const stem = name.replace(/\.\w+$/, '');
      return {
        label: isNotebook ? `$(notebook) ${stem}` : `$(file-code) ${stem}`,
        description: isNotebook ? vscode.l10n.t('notebook') : '',
        detail: /^--[\s#]*(.+)$/m.exec(text)?.[1] ?? '',
        open: () => (isNotebook ? openNotebook(bytes) : openScript(text)),
      };
    }),
  );
  const title = vscode.l10n.t('Open an example');
  const pick = await vscode.window.showQuickPick(examples, { title, matchOnDetail: true });
  await pick?.open();
}

const isExample = (name: string): boolean => /\.(ksql|ksqlnb)$/.test(name);

async function openScript(content: string): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'ksql', content }));
}

async function openNotebook(bytes: Uint8Array): Promise<void> {
  const data = new NotebookSerializer().deserializeNotebook(bytes);
  await vscode.window.showNotebookDocument(await vscode.workspace.openNotebookDocument(NOTEBOOK_TYPE, data));
}
