import './page/own-texts.ts';
import * as vscode from 'vscode';
import { createForTopic } from './commands/create-for-topic.ts';
import { registerEngineCommands } from './commands/engine-commands.ts';
import { EXPLAIN_DIAGNOSTIC, explainDiagnostic } from './commands/explain-diagnostic.ts';
import { emptyScriptLenses, registerFirstSteps } from './commands/first-steps.ts';
import { LostRuns } from './commands/lost-runs.ts';
import { NeededStatements } from './commands/needed-statements.ts';
import { registerRunCommands } from './commands/run-commands.ts';
import { RunHistory } from './commands/run-history.ts';
import { RunMarks } from './commands/run-marks.ts';
import { RunningStatements } from './commands/running-statements.ts';
import { registerSchemaLock } from './commands/schema-lock.ts';
import { registerSchemas } from './commands/show-schema.ts';
import { type RunnerSurroundings, StatementRunner } from './commands/statement-runner.ts';
import { CONNECTION_TRAITS } from './connections/connection.ts';
import { registerConnectionCommands } from './connections/connection-commands.ts';
import { Connections } from './connections/connections.ts';
import { SandboxPage } from './connections/sandbox-page.ts';
import { createStatusBar } from './connections/status-bar.ts';
import { createDashboard, registerDashboardCommands } from './dashboard/dashboard-commands.ts';
import type { AskKey } from './dashboard/pinned-run.ts';
import { Explorer } from './explorer/explorer.ts';
import { registerExplorerCommands } from './explorer/explorer-commands.ts';
import { registerHistory } from './history/history-commands.ts';
import { StatementHistory } from './history/statement-history.ts';
import { createLanguageClient, type KsqlLanguageClient } from './language-client.ts';
import { FenceLenses } from './markdown/fence-lenses.ts';
import { Notebooks } from './notebooks/notebooks.ts';
import { openExample } from './notebooks/open-example.ts';
import type { Platform, PlatformSurroundings } from './platform.ts';
import type { CardServices } from './results/card-owner.ts';
import { ChartLooks } from './results/chart-looks.ts';
import { registerGridCommands } from './results/grid-commands.ts';
import { ResultsPanels } from './results/results-panels.ts';
import { snapshotLenses } from './testing/snapshot-lenses.ts';
import { registerFixtureCommands } from './topics/fixture-commands.ts';
import { ProduceDocuments } from './topics/produce-documents.ts';
import { TopicTabs } from './topics/topic-commands.ts';

let languageClient: KsqlLanguageClient | undefined;
let connections: Connections | undefined;

/**
 * Registers everything first. No process is started but the language server, and that only for an open KSQL script, and
 * engines that ran when the window was last closed.
 */
export function activateOn(platform: Platform, context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('KSQL Engine', { log: true });
  const sandboxPage = new SandboxPage(context.extensionUri);
  const own = new Connections(context, log, sandboxPage, platform.sessions);
  const panelOf = (file: vscode.Uri) => panels.of(file, runner.rerun);
  const surroundings: PlatformSurroundings = { connections: own, sandboxPage, log, panelOf };
  connections = own;
  const running = new RunningStatements(own);
  const questions = questionsTo(() => client);
  const { panels, notebooks, dashboard } = createSurfaces(context, own, questions.askKey);
  const marks = new RunMarks(context.extensionUri, own);
  const history = new RunHistory();
  const statements = new StatementHistory(context.storageUri ?? context.globalStorageUri);
  const ownLenses = (document: vscode.TextDocument) => [
    ...emptyScriptLenses(document),
    ...lostRuns.lenses(document),
    ...snapshotLenses(document),
  ];
  const client = createLanguageClient(context, own, running, ownLenses, platform.openLanguageClient);
  languageClient = client;
  const runner = new StatementRunner({
    connections: own,
    cardsOf: (document, rerun) => notebooks.of(document, rerun) ?? panels.of(document, rerun),
    marks,
    running,
    history,
    ...questions,
    began: ({ document }, result) => statements.began(document.uri, result),
    failed: (request, result, panel) => void needed.offer(request, result, panel),
  });
  notebooks.runner = runner;
  const needed = new NeededStatements((statement) => client.ask('ksql/needs', statement), runner);
  const lostRuns = new LostRuns(own, history, runner);
  context.subscriptions.push(
    log,
    own,
    sandboxPage,
    running,
    panels,
    notebooks,
    dashboard,
    marks,
    createStatusBar(own),
    lostRuns,
    lostRuns.onDidChange(() => running.ended()),
    vscode.languages.registerCodeActionsProvider({ language: 'ksql' }, needed),
    registerRunCommands(runner, running, panels, needed, own),
    registerEngineCommands(own, log),
    registerTools(context, own),
    registerHistory(statements, runner),
    vscode.commands.registerCommand('ksql.runLost', () => lostRuns.runAgain()),
    registerGridCommands((id) => panels.byId(id) ?? notebooks.byId(id)),
    createExplorer(own, runner),
    registerConnectionCommands(own),
    registerWriting(client, own),
    registerReading(context.extensionUri),
    startWithScripts(client, platform, surroundings),
    platform.registerOwn(context, surroundings),
    new FenceLenses(running, (document) => lostRuns.lenses(document)),
  );
  if (vscode.workspace.isTrusted) void own.resume();
}

/** Where results are shown. */
function createSurfaces(context: vscode.ExtensionContext, connections: Connections, askKey: AskKey) {
  const dashboard = createDashboard(context, connections, askKey);
  const looks = new ChartLooks(context.workspaceState);
  const services: CardServices = { looks, pinToDashboard: (result) => dashboard.pin(result) };
  const panels = new ResultsPanels({ extensionUri: context.extensionUri, services });
  const notebooks = new Notebooks(context.extension.id, services);
  const results = () => [...panels.results, ...notebooks.results];
  return { panels, notebooks, dashboard: registerDashboardCommands(dashboard, results) };
}

/** The view of what the connected engine has, and its commands. */
function createExplorer(connections: Connections, runner: StatementRunner): vscode.Disposable {
  const explorer = new Explorer(connections);
  return vscode.Disposable.from(
    vscode.window.createTreeView('ksql.explorer', { treeDataProvider: explorer, showCollapseAll: true }),
    registerExplorerCommands(explorer, connections, runner),
  );
}

/** What running statements asks the language server. */
const questionsTo = (client: () => KsqlLanguageClient): Pick<RunnerSurroundings, 'askKey' | 'askSession'> => ({
  askKey: (params) => client().ask('ksql/answerKey', params),
  askSession: (params) => client().ask('ksql/projectSession', params),
});

/** What writes files from what a server has. */
const registerWriting = (client: KsqlLanguageClient, connections: Connections): vscode.Disposable =>
  vscode.Disposable.from(
    registerSchemaLock(connections),
    registerSchemas(connections),
    vscode.commands.registerCommand('ksql.createForTopic', (topic) =>
      createForTopic(topic, connections, (params) => client.ask('ksql/createFor', params)),
    ),
  );

/** What works on what the connected engine has, beside scripts. */
const registerTools = (context: vscode.ExtensionContext, connections: Connections): vscode.Disposable =>
  vscode.Disposable.from(
    new TopicTabs(connections, context.extensionUri),
    new ProduceDocuments(connections),
    registerFixtureCommands(connections),
  );

/** What comes with the extension to be read. */
const registerReading = (extensionUri: vscode.Uri): vscode.Disposable =>
  vscode.Disposable.from(
    registerFirstSteps(extensionUri),
    vscode.commands.registerCommand('ksql.openExample', () => openExample(extensionUri)),
    vscode.commands.registerCommand(EXPLAIN_DIAGNOSTIC, (code) => explainDiagnostic(extensionUri, code)),
  );

/** Starts the language server with the first KSQL script, and tells it what functions the workspace has. */
function startWithScripts(
  client: KsqlLanguageClient,
  platform: Platform,
  surroundings: PlatformSurroundings,
): vscode.Disposable {
  const functions = platform.watchFunctions(
    surroundings,
    (declarations) => client.tell('ksql/functions', { declarations }),
    () => void offerRestart(surroundings.connections),
  );
  const startFor = ({ languageId }: vscode.TextDocument) => {
    if (languageId === 'ksql' && client.needsStart()) void client.start().then(() => functions.load());
  };
  for (const document of vscode.workspace.textDocuments) startFor(document);
  return vscode.Disposable.from(functions, vscode.workspace.onDidOpenTextDocument(startFor));
}

/** A running engine keeps the functions that it began with. */
async function offerRestart(connections: Connections): Promise<void> {
  if (connections.state.kind !== 'connected' || !CONNECTION_TRAITS[connections.connection.kind].isOurEngine) return;
  const restart = vscode.l10n.t('Restart the Engine');
  const choice = await vscode.window.showInformationMessage(
    vscode.l10n.t('The functions of this workspace have changed.'),
    restart,
  );
  if (choice === restart) await connections.restart();
}

/** Ends the language server and the engines: VS Code waits some seconds for what they still have to write. */
export async function deactivate(): Promise<void> {
  await Promise.all([languageClient?.stop(), connections?.closeAll()]);
}
