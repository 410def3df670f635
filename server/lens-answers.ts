import type { CodeLens } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';

interface Answer {
  readonly version: number;
  readonly lenses: string;
}

/**
 * What was last answered about the lenses of each document. An editor draws lenses anew whenever it is told to ask
 * again, and waits each time it is told so: it is told only when the answer would be another one.
 */
export class LensAnswers {
  readonly #answers = new Map<string, Answer>();

  /** Keeps an answer in mind, and gives it back. */
  answer({ uri, version }: TextDocument, lenses: CodeLens[]): CodeLens[] {
    this.#answers.set(uri, { version, lenses: JSON.stringify(lenses) });
    return lenses;
  }

  /**
   * Whether the answer about a document would be another one now, though its text still stands: after an edit the
   * editor asks by itself, as it does where it has not asked yet.
   */
  isOutdated({ uri, version }: TextDocument, lensesNow: () => readonly CodeLens[]): boolean {
    const last = this.#answers.get(uri);
    return last?.version === version && last.lenses !== JSON.stringify(lensesNow());
  }

  forget(uri: string): void {
    this.#answers.delete(uri);
  }
}
