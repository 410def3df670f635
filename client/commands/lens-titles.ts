import * as vscode from 'vscode';

/** What lenses are called, by their command. The language server has English names, for editors that show its own. */
const TITLES: Readonly<Record<string, string>> = {
  'ksql.run': vscode.l10n.t('▷ Run'),
  'ksql.runFromBeginning': vscode.l10n.t('From the beginning'),
  'ksql.preview': vscode.l10n.t('Preview'),
  'ksql.explain': vscode.l10n.t('Explain'),
};

/** The settings that turn lenses off, by their command. */
const SETTINGS: Readonly<Record<string, string>> = {
  'ksql.run': 'run',
  'ksql.runFromBeginning': 'fromBeginning',
  'ksql.preview': 'preview',
  'ksql.explain': 'explain',
  'ksql.runFile': 'runAll',
};

/** The lenses that the settings want. */
export function wantedLenses(lenses: readonly vscode.CodeLens[]): readonly vscode.CodeLens[] {
  const settings = vscode.workspace.getConfiguration('ksql.codeLens');
  return lenses.filter(({ command }) => {
    const setting = SETTINGS[command?.command ?? ''];
    return setting === undefined || settings.get(setting, true);
  });
}

/** The lens with its title in the user's language. */
export function titled(lens: vscode.CodeLens): vscode.CodeLens {
  const { command, range } = lens;
  const title = command && titleOf(command);
  return title === undefined ? lens : new vscode.CodeLens(range, { ...command!, title });
}

function titleOf({ command, title, arguments: [about] = [] }: vscode.Command): string | undefined {
  // The name of the engine, which the server was told as it is shown.
  if (command === 'ksql.runFile') return vscode.l10n.t('▷ Run all · {0}', title.split(' · ').slice(1).join(' · '));
  if (command !== 'ksql.runTest') return TITLES[command];
  if (about?.name !== undefined) return vscode.l10n.t('▷ Run test');
  return vscode.l10n.t('▷ Run all {0} tests', /\d+/.exec(title)?.[0] ?? '');
}
