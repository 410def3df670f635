import * as vscode from 'vscode';
import type { StatementForm } from '../../language/parser/statement-form.ts';
import type { RunningStatements } from '../commands/running-statements.ts';
import { type ComposeLenses, ScriptLenses } from '../commands/script-lenses.ts';
import { sayWhereFrom } from '../commands/start-lenses.ts';
import { scriptStatements } from '../statements/script-statements.ts';
import { scriptTextOf } from '../statements/script-text.ts';

/** What can be done with a statement: the commands of its lenses. */
const LENSES: Readonly<Record<StatementForm, readonly string[]>> = {
  push: ['ksql.run', 'ksql.runFromBeginning'],
  pull: ['ksql.run'],
  print: ['ksql.run'],
  'create-as': ['ksql.run', 'ksql.preview'],
  'insert-select': ['ksql.run', 'ksql.preview'],
  'insert-values': ['ksql.run'],
  session: [],
  other: ['ksql.run'],
};

/** Lenses over the statements in blocks of Markdown files that are marked `ksql`. */
export class FenceLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #lenses: ScriptLenses;
  readonly #subscriptions: readonly vscode.Disposable[];

  /** @param ownLenses stand before those of the statements */
  constructor(running: RunningStatements, ownLenses: (document: vscode.TextDocument) => readonly vscode.CodeLens[]) {
    const compose: ComposeLenses = (document, ofStatements) =>
      ofStatements.length === 0
        ? []
        : [...ownLenses(document), ...running.replaceLenses(document, sayWhereFrom(document, ofStatements))];
    this.#lenses = new ScriptLenses(compose);
    this.#subscriptions = [
      vscode.languages.registerCodeLensProvider({ language: 'markdown' }, this),
      running.onDidChange(() => {
        const documents = vscode.workspace.textDocuments.filter(({ languageId }) => languageId === 'markdown');
        const now = performance.now();
        if (documents.filter((document) => this.#lenses.areToBeAskedFor(document, now)).length > 0)
          this.#changed.fire();
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.#lenses.forget(document)),
    ];
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const lenses = scriptStatements(scriptTextOf(document)).flatMap(({ form, start }) => {
      const position = document.positionAt(start);
      const reference = { uri: document.uri.toString(), position };
      return LENSES[form].map(
        (command) =>
          new vscode.CodeLens(new vscode.Range(position, position), { title: '', command, arguments: [reference] }),
      );
    });
    return this.#lenses.show(document, lenses);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }
}
