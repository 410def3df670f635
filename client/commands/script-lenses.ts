import type * as vscode from 'vscode';

/** The lenses of a document as they are to be shown, from those of the language server. */
export type ComposeLenses = (
  document: vscode.TextDocument,
  fromServer: readonly vscode.CodeLens[],
) => readonly vscode.CodeLens[];

interface Shown {
  readonly version: number;
  readonly fromServer: readonly vscode.CodeLens[];
  readonly lenses: string;
  /** When VS Code was told that they have changed, since it last asked, as a time of `performance.now`. */
  toldMs?: number | undefined;
}

/**
 * What VS Code was told and has not asked about for so long is forgotten: it does so when the editor loses the focus.
 */
export const FORGOTTEN_MS = 3_000;

/**
 * What the lenses of each script last said. When VS Code is told that they have changed, it waits a moment, longer on a
 * busy machine, asks, and draws all lenses of the script anew; told again meanwhile, it begins to wait anew, and
 * whoever tells it too often never gets his lenses drawn. So it is told once, and only when they would say something
 * else.
 */
export class ScriptLenses {
  readonly #compose: ComposeLenses;
  readonly #shown = new Map<string, Shown>();

  constructor(compose: ComposeLenses) {
    this.#compose = compose;
  }

  /** The lenses to show, from what the language server has just answered. */
  show(document: vscode.TextDocument, fromServer: readonly vscode.CodeLens[]): vscode.CodeLens[] {
    const lenses = [...this.#compose(document, fromServer)];
    this.#shown.set(document.uri.toString(), { version: document.version, fromServer, lenses: textOf(lenses) });
    return lenses;
  }

  /**
   * Whether VS Code is to be told that a script's lenses have changed, which is then taken as done. Not after an edit,
   * nor where it has not asked yet: there it asks by itself.
   * @param nowMs a time of `performance.now`
   */
  areToBeAskedFor(document: vscode.TextDocument, nowMs: number): boolean {
    const shown = this.#shown.get(document.uri.toString());
    if (shown === undefined || shown.version !== document.version) return false;
    if (shown.toldMs !== undefined && nowMs < shown.toldMs + FORGOTTEN_MS) return false;
    shown.toldMs = undefined;
    if (shown.lenses === textOf(this.#compose(document, shown.fromServer))) return false;
    shown.toldMs = nowMs;
    return true;
  }

  /** Whether VS Code was told of a script's lenses and has not asked yet, so that it may have forgotten. */
  isAwaited(document: vscode.TextDocument): boolean {
    return this.#shown.get(document.uri.toString())?.toldMs !== undefined;
  }

  forget(document: vscode.TextDocument): void {
    this.#shown.delete(document.uri.toString());
  }
}

const textOf = (lenses: readonly vscode.CodeLens[]): string =>
  JSON.stringify(lenses.map(({ range: { start }, command }) => [start.line, start.character, command]));
