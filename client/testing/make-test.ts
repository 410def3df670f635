import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { ClientError } from '../../engine/api/client.ts';
import { captureLines, testScriptOf } from '../../engine/api/topics/topics-client.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import { statementAt } from '../statements/script-statements.ts';
import { runKsql } from './run-ksql.ts';

/** What a card hands over; without it the statement under the cursor is meant. */
export interface TestOrigin {
  /** The file of the statement. */
  readonly uri: string;
  readonly statement: string;
  /** Whether the query began with what arrived after it. */
  readonly fromNow?: boolean;
}

/** So many records of the sources go into a test: one that nobody can read tests nothing. */
const TEST_RECORDS = 50;

/** Registers the command that writes a test of what a query gives for the records that its topics hold. */
export const registerMakeTest = (connections: Connections): vscode.Disposable =>
  vscode.commands.registerCommand('ksql.makeTest', async (given?: TestOrigin) => {
    const origin = given ?? originAtCursor();
    if (origin === undefined) {
      void vscode.window.showWarningMessage(vscode.l10n.t('Put the cursor into a query first.'));
      return;
    }
    const making = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Making a test…') };
    try {
      await vscode.window.withProgress(making, () => makeTest(origin, connections));
    } catch (error) {
      const isOther = error instanceof ClientError && error.status === 404;
      void vscode.window.showErrorMessage(
        isOther
          ? vscode.l10n.t(
              'This server is ksqlDB’s own, which does not give records away. Run the script on the embedded engine to make a test of it.',
            )
          : messageOf(error),
      );
    }
  });

function originAtCursor(): TestOrigin | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== 'ksql') return undefined;
  const { document, selection } = editor;
  const statement = statementAt(document.getText(), document.offsetAt(selection.active));
  return statement && { uri: document.uri.toString(), statement: statement.text };
}

async function makeTest({ uri, statement, fromNow }: TestOrigin, connections: Connections): Promise<void> {
  const { client } = await connections.open();
  const { script, topics } = await testScriptOf(client, statement);
  const chosen = fromNow ? { last: TEST_RECORDS } : { first: TEST_RECORDS };
  const lines: string[] = [];
  for await (const line of captureLines(client, { topics, ...chosen })) lines.push(line);
  if (!lines.some((line) => line.includes('"timestamp":'))) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('There is nothing to test yet: no record in {0}.', topics.join(', ')),
    );
    return;
  }
  const scratch = await mkdtemp(path.join(tmpdir(), 'ksql-record-'));
  try {
    const [scriptFile, fixtureFile] = [path.join(scratch, 'script.ksql'), path.join(scratch, 'records.jsonl')];
    await Promise.all([writeFile(scriptFile, script), writeFile(fixtureFile, lines.join('\n'))]);
    const name = titleOf(statement);
    const args = ['record-test', scriptFile, '--replay', fixtureFile, '--name', name];
    const { code, stdout, stderr } = await runKsql(connections.distPath, args);
    if (code !== 0)
      throw new Error(stderr.replaceAll(`${scriptFile}: `, '').trim() || vscode.l10n.t('The test could not be made.'));
    await show(vscode.Uri.parse(uri), stdout);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The statement's words on one line, without what would end the line of a test's name. */
const titleOf = (statement: string): string => {
  const line = statement
    .replace(/--[^\n]*/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/;\s*$/, '')
    .trim();
  return line.length > 80 ? `${line.slice(0, 80).trim()}…` : line;
};

/** Adds the test to the tests beside the script, or opens it where the script has no place of its own. */
async function show(script: vscode.Uri, text: string): Promise<void> {
  if (script.scheme !== 'file') {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'ksql', content: text }));
    return;
  }
  const file = script.with({ path: `${script.path.replace(/(?:\.test)?\.(?:ksqlnb|ksql|sql)$/i, '')}.test.ksql` });
  const bytes = await vscode.workspace.fs.readFile(file).then(
    (read) => read,
    () => new Uint8Array(),
  );
  const before = new TextDecoder().decode(bytes).trimEnd();
  const all = before === '' ? text : `${before}\n\n${text}`;
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(all));
  const editor = await vscode.window.showTextDocument(file);
  const line = before === '' ? 0 : before.split('\n').length + 1;
  editor.revealRange(new vscode.Range(line, 0, line, 0), vscode.TextEditorRevealType.AtTop);
  editor.selection = new vscode.Selection(line, 0, line, 0);
}
