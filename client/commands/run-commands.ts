import * as vscode from 'vscode';
import type { Connections } from '../connections/connections.ts';
import type { StartAt } from '../results/messages.ts';
import type { ResultsPanels } from '../results/results-panels.ts';
import { type ScriptStatement, scriptStatements, statementAt } from '../statements/script-statements.ts';
import { scriptTextOf } from '../statements/script-text.ts';
import { confirmFile } from './confirm-run.ts';
import type { NeededStatements } from './needed-statements.ts';
import type { RunningStatements } from './running-statements.ts';
import type { StatementRunner } from './statement-runner.ts';

/**
 * What lenses give to their commands; from the palette and by key it is absent, and the cursor says which statement is
 * meant.
 */
interface StatementReference {
  readonly uri: string;
  readonly position?: { readonly line: number; readonly character: number };
}

interface Found {
  readonly document: vscode.TextDocument;
  readonly statements: readonly ScriptStatement[];
}

/** Registers the commands that run statements. */
export function registerRunCommands(
  runner: StatementRunner,
  running: RunningStatements,
  panels: ResultsPanels,
  needed: NeededStatements,
  connections: Connections,
): vscode.Disposable {
  const register = (name: string, action: (found: Found) => unknown) =>
    vscode.commands.registerCommand(name, async (reference?: StatementReference | vscode.Uri) => {
      const found = await find(reference);
      if (found !== undefined) await action(found);
    });
  const runEach = (startAt?: StartAt, preview = false) => {
    return async ({ document, statements }: Found) => {
      for (const statement of statements) {
        if (!(await runner.run({ document, statement, startAt, preview }))) return;
      }
    };
  };
  return vscode.Disposable.from(
    register('ksql.run', runEach()),
    register('ksql.runFromBeginning', runEach('beginning')),
    register('ksql.runToEnd', runEach('end')),
    register('ksql.preview', runEach(undefined, true)),
    register('ksql.explain', async ({ document, statements: [statement] }) => {
      if (statement === undefined) return;
      const text = /^EXPLAIN\b/i.test(statement.text) ? statement.text : `EXPLAIN ${statement.text}`;
      await runner.run({ document, statement: { ...statement, text, form: 'other' } });
    }),
    register('ksql.runNeeded', async ({ document, statements: [statement] }) => {
      if (statement !== undefined) await needed.run({ document, statement });
    }),
    register('ksql.stop', ({ document, statements }) => {
      for (const { text } of statements) running.resultOf(document.uri, text)?.query?.stop();
    }),
    register('ksql.showResults', ({ document }) => panels.existing(document.uri)?.reveal()),
    vscode.commands.registerCommand('ksql.runFile', async (reference?: StatementReference | vscode.Uri) => {
      const document = await documentOf(reference);
      if (document === undefined) return;
      const file = document.uri.path.split('/').at(-1) ?? '';
      if (!(await confirmFile(file, connections.connection, connections.name))) return;
      await runEach()({ document, statements: scriptStatements(scriptTextOf(document)) });
    }),
  );
}

async function documentOf(
  reference: StatementReference | vscode.Uri | undefined,
): Promise<vscode.TextDocument | undefined> {
  const uri =
    reference instanceof vscode.Uri
      ? reference
      : reference?.uri === undefined
        ? undefined
        : vscode.Uri.parse(reference.uri);
  const active = vscode.window.activeTextEditor?.document;
  if (uri !== undefined) return vscode.workspace.openTextDocument(uri);
  return active?.languageId === 'ksql' ? active : undefined;
}

/** The statement a lens stands for; else those of the selections in the active editor. */
async function find(reference: StatementReference | vscode.Uri | undefined): Promise<Found | undefined> {
  const document = await documentOf(reference);
  if (document === undefined) return undefined;
  const text = scriptTextOf(document);
  if (reference !== undefined && 'position' in reference && reference.position !== undefined) {
    const { line, character } = reference.position;
    const statement = statementAt(text, document.offsetAt(new vscode.Position(line, character)));
    return { document, statements: statement === undefined ? [] : [statement] };
  }
  const editor = vscode.window.visibleTextEditors.find((each) => each.document === document);
  const statements = new Map<number, ScriptStatement>();
  for (const selection of editor?.selections ?? []) {
    for (const statement of selectedStatements(document, selection)) statements.set(statement.start, statement);
  }
  return { document, statements: [...statements.values()].toSorted((a, b) => a.start - b.start) };
}

/** Every statement that a selection touches, or the one at the cursor. */
function selectedStatements(document: vscode.TextDocument, selection: vscode.Selection): ScriptStatement[] {
  const text = scriptTextOf(document);
  const [from, to] = [document.offsetAt(selection.start), document.offsetAt(selection.end)];
  if (from < to) return scriptStatements(text).filter(({ start, end }) => start < to && end > from);
  const at = statementAt(text, from);
  return at === undefined ? [] : [at];
}
