import * as vscode from 'vscode';
import type { SandboxStep } from './sandbox.ts';

const ICONS: Readonly<Record<SandboxStep['state'], string>> = {
  waiting: 'circle-large-outline',
  running: 'loading codicon-modifier-spin',
  done: 'pass-filled',
  failed: 'error',
};
/** Steps that fail because of something the settings say. */
const BY_SETTINGS = new Set(['image', 'ports']);
const RETRY = 'ksql.sandbox.start';
const SETTINGS = `workbench.action.openSettings?${encodeURIComponent(JSON.stringify(['ksql.sandbox']))}`;

/**
 * The page that shows how far the container is: a list of steps, each with its state. It shows itself when a step fails, or when
 * starting takes so long that one wants to look. It has no script: its buttons are links to commands.
 */
export class SandboxPage implements vscode.Disposable {
  readonly #media: vscode.Uri;
  #panel: vscode.WebviewPanel | undefined;
  #steps = new Map<string, SandboxStep>();

  constructor(extensionUri: vscode.Uri) {
    this.#media = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  }

  /** Forgets the steps of an earlier start. */
  begin(): void {
    this.#steps = new Map();
    this.#draw();
  }

  take(step: SandboxStep): void {
    this.#steps.set(step.name, step);
    if (step.state === 'failed') this.show();
    this.#draw();
  }

  show(): void {
    if (this.#panel !== undefined) return this.#panel.reveal(undefined, true);
    const panel = vscode.window.createWebviewPanel(
      'ksql.sandbox',
      'Redpanda Container',
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableCommandUris: [RETRY, 'workbench.action.openSettings'], localResourceRoots: [this.#media] },
    );
    panel.onDidDispose(() => {
      this.#panel = undefined;
    });
    this.#panel = panel;
    this.#draw();
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #draw(): void {
    const webview = this.#panel?.webview;
    if (webview === undefined) return;
    const styles = webview.asWebviewUri(vscode.Uri.joinPath(this.#media, 'results.css'));
    const policy = `default-src 'none'; style-src ${webview.cspSource}; font-src ${webview.cspSource}`;
    webview.html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${styles}">
<title>Redpanda container</title>
</head>
<body>
<main class="steps" aria-live="polite">
<h2>Redpanda container</h2>
<ol>${[...this.#steps.values()].map(stepHtml).join('')}</ol>
</main>
</body>
</html>`;
  }
}

function stepHtml({ name, title, state, detail }: SandboxStep): string {
  const link = (command: string, label: string) => `<a class="button" href="command:${command}">${label}</a>`;
  const settings = BY_SETTINGS.has(name) ? link(SETTINGS, 'Change the Settings') : '';
  const buttons = state === 'failed' ? `<p>${link(RETRY, 'Try Again')}${settings}</p>` : '';
  const text = detail === undefined ? '' : `<p class="detail-text">${escapeHtml(detail)}</p>`;
  return `<li data-state="${state}"><span class="codicon codicon-${ICONS[state]}" role="img" aria-label="${state}"></span>
<div><span>${escapeHtml(title)}</span>${text}${buttons}</div></li>`;
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
