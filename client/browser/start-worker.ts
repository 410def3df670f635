import * as vscode from 'vscode';

/**
 * Starts a worker from a bundle in `dist/web`. Its text is read first: a worker cannot be made from an address of
 * another origin, nor from one that only VS Code knows how to read, such as that of an extension on a remote machine.
 */
export async function startWorker(extensionUri: vscode.Uri, bundle: 'engine.js' | 'server.js'): Promise<Worker> {
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, 'dist', 'web', bundle));
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'text/javascript' }));
  return new Worker(url, { name: `ksql ${bundle}` });
}
