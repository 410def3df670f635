import * as vscode from 'vscode';
import type { NeededStatement, NeedsParams } from '../../server/protocol.ts';
import type { CardOwner } from '../results/card-owner.ts';
import type { Result } from '../results/result.ts';
import { type ScriptStatement, scriptStatements, statementAt } from '../statements/script-statements.ts';
import type { RunRequest } from './run-request.ts';
import type { StatementRunner } from './statement-runner.ts';

/** Asks the language server what a statement needs that the connected server does not have, in the order to run it. */
export type AskNeeds = (statement: NeedsParams) => Promise<readonly NeededStatement[]>;

/** Where a diagnostic is about a source that is not there. */
const SOURCES: readonly (string | undefined)[] = ['ksql', 'ksql run'];

/**
 * Runs what a statement needs before it: where it names sources that another statement of an open script makes, and
 * that were not made yet on the engine that is connected.
 */
export class NeededStatements implements vscode.CodeActionProvider {
  readonly #ask: AskNeeds;
  readonly #runner: StatementRunner;

  constructor(ask: AskNeeds, runner: StatementRunner) {
    this.#ask = ask;
    this.#runner = runner;
  }

  /** Offers it on the card of a statement that failed for the want of something. */
  async offer(request: RunRequest, result: Result, cards: CardOwner): Promise<void> {
    const needed = await this.#of(request.document.uri, request.statement.text);
    if (needed.length === 0) return;
    result.offer = {
      label: vscode.l10n.t('Run What This Needs: {0}', names(needed)),
      act: () => void this.run({ ...request, instead: result }),
    };
    cards.changed(result);
  }

  /** Runs what a statement needs, and then the statement, if all of that succeeded. */
  async run(request: RunRequest): Promise<void> {
    for (const needed of await this.#of(request.document.uri, request.statement.text)) {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(needed.uri));
      const statement = nearest(scriptStatements(document.getText()), needed);
      if (statement === undefined || !(await this.#runner.run({ document, statement }))) return;
    }
    await this.#runner.run(request);
  }

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const own = diagnostics.filter(
      ({ source, severity }) => SOURCES.includes(source) && severity <= vscode.DiagnosticSeverity.Warning,
    );
    if (own.length === 0) return [];
    const statement = statementAt(document.getText(), document.offsetAt(range.start));
    if (statement === undefined) return [];
    const needed = await this.#of(document.uri, statement.text);
    if (needed.length === 0) return [];
    const title = vscode.l10n.t('Run what this needs ({0}), then this', names(needed));
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    const reference = { uri: document.uri.toString(), position: document.positionAt(statement.start) };
    action.command = { title, command: 'ksql.runNeeded', arguments: [reference] };
    action.diagnostics = own;
    return [action];
  }

  async #of(uri: vscode.Uri, text: string): Promise<readonly NeededStatement[]> {
    return (await this.#ask({ uri: uri.toString(), text }).catch(() => undefined)) ?? [];
  }
}

const names = (needed: readonly NeededStatement[]): string => needed.map(({ name }) => name).join(', ');

/** The statement where it stood, or the same one elsewhere. */
function nearest(statements: readonly ScriptStatement[], needed: NeededStatement): ScriptStatement | undefined {
  return (
    statements.find(({ start, text }) => start === needed.start && text === needed.text) ??
    statements.find(({ text }) => text === needed.text)
  );
}
