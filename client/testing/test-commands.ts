import * as vscode from 'vscode';
import type { CardOwner } from '../results/card-owner.ts';
import type { Result } from '../results/result.ts';
import { showRows } from './show-rows.ts';
import type { TestFiles } from './test-files.ts';

/** What the lens above a test hands to the command; absent where a person runs it. */
interface TestReference {
  readonly uri: string;
  readonly name?: string;
}

/** What the menus of the Test Explorer hand to a command: a test, or a message with its test. */
type TestPlace = vscode.TestItem | { readonly test: vscode.TestItem; readonly message: vscode.TestMessage };

/**
 * Registers the commands that run one test, or all of a file, and that show why one failed.
 * @param panelOf the results panel of a file
 */
export const registerTestCommands = (tests: TestFiles, panelOf: (file: vscode.Uri) => CardOwner): vscode.Disposable =>
  vscode.Disposable.from(
    tests,
    vscode.commands.registerCommand('ksql.runTest', (reference?: TestReference) => {
      const uri =
        reference === undefined ? vscode.window.activeTextEditor?.document.uri : vscode.Uri.parse(reference.uri);
      return uri && tests.run(uri, reference?.name);
    }),
    vscode.commands.registerCommand('ksql.showTestRows', async (place?: TestPlace) => {
      const item = place === undefined ? await pickTest(tests.failedRows.items) : 'test' in place ? place.test : place;
      if (item === undefined) return;
      const panel = panelOf(item.uri!);
      // What it showed of the test before goes, unless somebody wants to keep it.
      const before = panel.results.find(({ origin, pinned }) => origin.title === item.label && !pinned);
      if (before !== undefined) panel.close(before);
      showFailure(tests, item, panel);
    }),
  );

/** Which of the tests that failed; without a question where there is but one. */
async function pickTest(items: readonly vscode.TestItem[]): Promise<vscode.TestItem | undefined> {
  if (items.length < 2) return items[0];
  const choices = items.map((item) => ({ label: item.label, description: item.parent!.label, item }));
  const title = vscode.l10n.t('Show the Difference of a Test');
  return (await vscode.window.showQuickPick(choices, { title }))?.item;
}

/** Opens a card of the rows that a test expected and of those that came; its button runs the test again. */
function showFailure(tests: TestFiles, item: vscode.TestItem, panel: CardOwner, instead?: Result): void {
  const rows = tests.failedRows.of(item);
  if (rows === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('This test has no rows that differ.'));
    return;
  }
  const origin = {
    title: item.label,
    statement: `ASSERT VALUES ${rows.source}`,
    engine: vscode.l10n.t("the test's own engine"),
  };
  const result = panel.open(origin, { instead });
  result.readAgain = async () => {
    await tests.run(item.uri!, item.id);
    if (tests.failedRows.of(item) !== undefined) return showFailure(tests, item, panel, result);
    panel.close(result);
  };
  showRows(rows, result);
  panel.changed(result);
}
