import * as monaco from 'monaco-editor/editor';
import 'monaco-editor/features/register.all';
import { createTransportToWorker, MonacoLspClient } from 'monaco-lsp-client';
import type * as vscode from 'vscode';
import { ChartLooks } from '../../client/results/chart-looks.ts';
import { ResultsPanel } from '../../client/results/panel.ts';
import { scriptStatements, statementAt } from '../../client/statements/script-statements.ts';
import { monarchLanguage } from './colours.ts';
import { LanguageServer } from './language-server.ts';
import { type RunChoice, ScriptRunner } from './script-runner.ts';
import { startEngine } from './start-engine.ts';
import { Uri } from './vscode-in-page.ts';

/** What the commands of the lenses are handed. */
interface StatementReference {
  readonly position?: { readonly line: number; readonly character: number };
}

const status = document.getElementById('engine')!;
const examples = document.getElementById('examples') as HTMLSelectElement;
const say = (text: string) => {
  status.textContent = text;
};

globalThis.MonacoEnvironment = { getWorker: () => new Worker('editor.worker.js', { type: 'module' }) };
monaco.languages.register({ id: 'ksql', extensions: ['.ksql'] });
monaco.languages.setMonarchTokensProvider('ksql', monarchLanguage);
monaco.languages.setLanguageConfiguration('ksql', {
  comments: { lineComment: '--', blockComment: ['/*', '*/'] },
  brackets: [['(', ')']],
  autoClosingPairs: [
    { open: '(', close: ')' },
    { open: "'", close: "'", notIn: ['string', 'comment'] },
  ],
});

const dark = matchMedia('(prefers-color-scheme: dark)');
const contrast = matchMedia('(prefers-contrast: more)');
const themeName = () =>
  `${contrast.matches ? 'hc' : 'vs'}${dark.matches ? (contrast.matches ? '-black' : '-dark') : contrast.matches ? '-light' : ''}`;
for (const wish of [dark, contrast]) wish.addEventListener('change', () => monaco.editor.setTheme(themeName()));

const server = new LanguageServer(new Worker('server.js'));
new MonacoLspClient(createTransportToWorker(server as unknown as Worker));
const model = monaco.editor.createModel('', 'ksql', monaco.Uri.parse('file:///playground.ksql'));
const editor = monaco.editor.create(document.getElementById('editor')!, {
  model,
  theme: themeName(),
  automaticLayout: true,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  'semanticHighlighting.enabled': true,
});

async function showExample(name: string): Promise<void> {
  model.setValue(await (await fetch(`examples/${name}`)).text());
}

const names = (await (await fetch('examples/index.json')).json()) as readonly string[];
examples.append(...names.map((name) => new Option(name.replace(/\.ksql$/, ''), name)));
examples.addEventListener('change', () => void showExample(examples.value));
await showExample(names[0]!);

/** The engine, once it is started: with the first statement that is run. */
let starting: Promise<ScriptRunner> | undefined;
async function startRunner(): Promise<ScriptRunner> {
  say('starting the engine …');
  const runner = new ScriptRunner(await startEngine(say), server);
  const memory = { get: (_name: string, usual: unknown) => usual, update: async () => undefined, keys: () => [] };
  const [file, extensionUri] = [new Uri('playground.ksql'), new Uri('.')] as unknown as readonly vscode.Uri[];
  const looks = new ChartLooks(memory as unknown as vscode.Memento);
  const services = { looks, pinToDashboard: () => say('The dashboard is a part of VS Code.') };
  runner.owner = new ResultsPanel(file!, { extensionUri: extensionUri!, services }, 1, runner.rerun);
  say('The engine runs in this page. What it has ends with the page.');
  return runner;
}

async function run(statements: ReturnType<typeof scriptStatements>, choice: RunChoice = {}): Promise<void> {
  starting ??= startRunner();
  try {
    const runner = await starting;
    for (const statement of statements) if (!(await runner.run(model.getValue(), statement, choice))) return;
  } catch (error) {
    starting = undefined;
    say(`The engine did not start: ${(error as Error).message}`);
  }
}

/** The statement that a lens stands over, or the cursor in. */
function chosen(reference?: StatementReference): ReturnType<typeof scriptStatements> {
  const { position } = reference ?? {};
  const place =
    position === undefined ? editor.getPosition()! : { lineNumber: position.line + 1, column: position.character + 1 };
  const statement = statementAt(model.getValue(), model.getOffsetAt(place));
  return statement === undefined ? [] : [statement];
}

const runAll = () => void run(scriptStatements(model.getValue()));
const COMMANDS: Readonly<Record<string, RunChoice>> = {
  'ksql.run': {},
  'ksql.runFromBeginning': { startAt: 'beginning' },
  'ksql.preview': { isPreview: true },
  'ksql.explain': { isExplain: true },
};
for (const [id, choice] of Object.entries(COMMANDS))
  monaco.editor.registerCommand(id, (_services, reference?: StatementReference) => void run(chosen(reference), choice));
monaco.editor.registerCommand('ksql.runFile', runAll);
editor.addAction({
  id: 'run-statement',
  label: 'Run Statement',
  keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter],
  contextMenuGroupId: 'navigation',
  run: () => void run(chosen()),
});
editor.addAction({
  id: 'run-all',
  label: 'Run All',
  keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyMod.Shift | monaco.KeyCode.Enter],
  contextMenuGroupId: 'navigation',
  run: runAll,
});
document.getElementById('run')!.addEventListener('click', runAll);
say('Press Run over a statement, or Ctrl+Enter in it.');
