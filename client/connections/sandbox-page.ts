import * as vscode from 'vscode';
import { escapeHtml } from '../page/escape-html.ts';
import { webviewMedia, webviewPage } from '../page/webview-page.ts';
import type { SandboxStep, SandboxSteps } from './sandbox-step.ts';

/**
 * The page that shows how far the container is: a list of steps, each with its state. It shows itself when a step
 * fails, or when starting takes so long that one wants to look. Its buttons are links to commands.
 */
export class SandboxPage implements vscode.Disposable {
  readonly #media: vscode.Uri;
  #panel: vscode.WebviewPanel | undefined;
  #steps = new Map<string, SandboxStep>();

  constructor(extensionUri: vscode.Uri) {
    this.#media = webviewMedia(extensionUri);
  }

  /** Forgets the steps of an earlier start. */
  begin(): void {
    this.#steps = new Map();
    this.#send();
  }

  /** Whether the page says what went wrong. */
  get showsFailure(): boolean {
    return [...this.#steps.values()].some((step) => step.state === 'failed');
  }

  take(step: SandboxStep): void {
    this.#steps.set(step.name, step);
    if (step.state === 'failed') this.show();
    this.#send();
  }

  show(): void {
    if (this.#panel !== undefined) return this.#panel.reveal(undefined, true);
    const title = vscode.l10n.t('Redpanda Container');
    const panel = vscode.window.createWebviewPanel(
      'ksql.sandbox',
      title,
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      {
        enableScripts: true,
        enableCommandUris: ['ksql.sandbox.start', 'workbench.action.openSettings'],
        localResourceRoots: [this.#media],
      },
    );
    panel.onDidDispose(() => {
      this.#panel = undefined;
    });
    // The page asks for the steps once its script runs: whenever it is loaded, also after it was hidden.
    panel.webview.onDidReceiveMessage(() => this.#send());
    panel.webview.html = webviewPage(panel.webview, this.#media, {
      title,
      script: 'sandbox.js',
      body: `<main class="steps" aria-live="polite"><h2>${escapeHtml(title)}</h2><ol id="steps"></ol></main>`,
    });
    this.#panel = panel;
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #send(): void {
    void this.#panel?.webview.postMessage({ steps: [...this.#steps.values()] } satisfies SandboxSteps);
  }
}
