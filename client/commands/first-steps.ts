import * as vscode from 'vscode';

/** The walkthrough of the manifest: publisher, extension and its own name. */
const WALKTHROUGH = 'ksql-workbench.ksql-workbench#ksql.firstSteps';
/** What the steps run: ratings that come in for ever, and joins over them. */
const EXAMPLE = 'ratings.ksql';

/** A script with one slip, which the editor marks before anything runs, and mends. */
const SLIP = `-- ${vscode.l10n.t('One name is misspelt. The editor has marked it: put the cursor on it and press Ctrl+. (Cmd+. on a Mac).')}
CREATE STREAM ratings (user_id INT KEY, stars INT, message STRING)
  WITH (KAFKA_TOPIC = 'ratings', VALUE_FORMAT = 'JSON', PARTITIONS = 1);

SELECT user_id, starz, message
FROM ratings
WHERE stars < 3
EMIT CHANGES;
`;

/** Registers what the buttons of the walkthrough do. Each can be pressed first, or twice. */
export function registerFirstSteps(extensionUri: vscode.Uri): vscode.Disposable {
  const opened = new Map<string, vscode.TextDocument>();
  /** Shows a new script with a text, or the one that a step before has opened. */
  const show = async (name: string, content: () => Promise<string>): Promise<vscode.TextDocument> => {
    const known = opened.get(name);
    const isOpen = known !== undefined && !known.isClosed;
    const document = isOpen
      ? known
      : await vscode.workspace.openTextDocument({ language: 'ksql', content: await content() });
    opened.set(name, document);
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    return document;
  };
  const example = () =>
    show(EXAMPLE, async () => {
      const file = vscode.Uri.joinPath(extensionUri, 'examples', EXAMPLE);
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    });
  const command = (name: string, action: () => unknown) => vscode.commands.registerCommand(name, action);
  return vscode.Disposable.from(
    command('ksql.firstSteps', () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false),
    ),
    command('ksql.firstSteps.example', example),
    command('ksql.firstSteps.slip', () => show('slip', async () => SLIP)),
    command('ksql.firstSteps.run', async () => {
      const { uri } = await example();
      await vscode.commands.executeCommand('ksql.runFile', { uri: uri.toString() });
    }),
  );
}

/** What stands above the first line of a script in which nothing is written yet. */
export function emptyScriptLenses(document: vscode.TextDocument): readonly vscode.CodeLens[] {
  for (let line = 0; line < document.lineCount; line++) if (!document.lineAt(line).isEmptyOrWhitespace) return [];
  const start = new vscode.Range(0, 0, 0, 0);
  return [
    new vscode.CodeLens(start, { title: vscode.l10n.t('Open an example'), command: 'ksql.openExample' }),
    new vscode.CodeLens(start, { title: vscode.l10n.t('First steps'), command: 'ksql.firstSteps' }),
  ];
}
