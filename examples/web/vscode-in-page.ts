/**
 * What the results panel uses of VS Code's API, in a page without VS Code: the bundler puts it in the place of the
 * module `vscode`. A webview is a frame of the page.
 */
import * as texts from '@vscode/l10n';

type Listener<T> = (event: T) => void;

interface Disposable {
  dispose(): void;
}

export class EventEmitter<T> {
  readonly #listeners = new Set<Listener<T>>();
  readonly event = (listener: Listener<T>): Disposable => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  fire(event: T): void {
    for (const listener of this.#listeners) listener(event);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

export class Uri {
  readonly scheme = 'untitled';
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  static joinPath(base: Uri, ...parts: readonly string[]): Uri {
    return new Uri([base.path, ...parts].join('/'));
  }

  toString(): string {
    return this.path;
  }
}

export const ViewColumn = { Beside: -2, One: 1 } as const;
export const l10n = { t: texts.t, bundle: undefined };
export const env = {
  language: 'en',
  clipboard: { writeText: (text: string): Promise<void> => navigator.clipboard.writeText(text) },
};
export const commands = { executeCommand: async (): Promise<void> => undefined };

/** A frame that shows what an extension's webview shows. Its files are in the folder of the page. */
class FrameWebview {
  readonly cspSource = location.origin;
  readonly #frame: HTMLIFrameElement;
  readonly #received = new EventEmitter<unknown>();
  readonly onDidReceiveMessage = this.#received.event;

  constructor(frame: HTMLIFrameElement) {
    this.#frame = frame;
    window.addEventListener('message', ({ source, data }) => {
      if (source === frame.contentWindow) this.#received.fire(data);
    });
  }

  asWebviewUri(uri: Uri): string {
    return new URL(uri.path.split('/').at(-1)!, document.baseURI).href;
  }

  /** VS Code gives each page its colours, and a way to send messages. */
  set html(html: string) {
    const nonce = /'nonce-([^']+)'/.exec(html)?.[1] ?? '';
    const given = `<link rel="stylesheet" href="${new URL('theme.css', document.baseURI).href}">
<style nonce="${nonce}">body { margin: 0; padding: 0 8px; background: var(--vscode-editor-background); color: var(--vscode-foreground); font: var(--vscode-font-size) var(--vscode-font-family); }</style>
<script nonce="${nonce}">globalThis.acquireVsCodeApi = () => ({ postMessage: (message) => parent.postMessage(message, '*') });</script>`;
    this.#frame.srcdoc = html.replace('<meta name="viewport"', `${given}\n<meta name="viewport"`);
  }

  async postMessage(message: unknown): Promise<void> {
    this.#frame.contentWindow?.postMessage(message, '*');
  }
}

export const window_ = {
  createWebviewPanel(_type: string, title: string) {
    const frame = document.createElement('iframe');
    frame.title = title;
    document.getElementById('results')!.replaceChildren(frame);
    return {
      webview: new FrameWebview(frame),
      visible: true,
      viewColumn: ViewColumn.Beside,
      iconPath: undefined,
      onDidChangeViewState: new EventEmitter<void>().event,
      onDidDispose: new EventEmitter<void>().event,
      reveal: (): void => undefined,
      dispose: () => frame.remove(),
    };
  },
  setStatusBarMessage(message: string): void {
    document.getElementById('engine')!.textContent = message;
  },
  async showErrorMessage(message: string): Promise<void> {
    window_.setStatusBarMessage(message);
  },
  /** A browser asks by itself where to, or puts it with the downloads. */
  async showSaveDialog({ filters }: { readonly filters: Readonly<Record<string, readonly string[]>> }): Promise<Uri> {
    return new Uri(`rows.${Object.values(filters)[0]?.[0] ?? 'txt'}`);
  },
};
export { window_ as window };

export const workspace = {
  workspaceFolders: undefined,
  onDidChangeConfiguration: new EventEmitter<unknown>().event,
  getConfiguration: () => ({ get: <T>(_name: string, usual: T): T => usual }),
  fs: {
    async writeFile({ path }: Uri, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([bytes]));
      link.download = path;
      link.click();
      URL.revokeObjectURL(link.href);
    },
  },
};
