import * as vscode from 'vscode';
import type { TestFiles } from './test-files.ts';

/** What the lens above a test hands to the command; absent where a person runs it. */
interface TestReference {
  readonly uri: string;
  readonly name?: string;
}

/** Registers the command that runs one test, or all of a file. */
export const registerTestCommands = (tests: TestFiles): vscode.Disposable =>
  vscode.Disposable.from(
    tests,
    vscode.commands.registerCommand('ksql.runTest', (reference?: TestReference) => {
      const uri =
        reference === undefined ? vscode.window.activeTextEditor?.document.uri : vscode.Uri.parse(reference.uri);
      return uri && tests.run(uri, reference?.name);
    }),
  );
