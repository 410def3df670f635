import * as vscode from 'vscode';
import { type BaseLanguageClient, CodeLensRequest, type LanguageClientOptions } from 'vscode-languageclient';
import type { FormatStyle } from '../language/index.ts';
import type {
  InitializationOptions,
  InlayHintKinds,
  NotificationsToServer,
  RequestsToClient,
  RequestsToServer,
} from '../server/protocol.ts';
import { DIAGNOSTIC_PAGE } from './commands/explain-diagnostic.ts';
import type { RunningStatements } from './commands/running-statements.ts';
import { FORGOTTEN_MS, ScriptLenses } from './commands/script-lenses.ts';
import { SUBJECT_PAGE } from './commands/show-schema.ts';
import { sayWhereFrom } from './commands/start-lenses.ts';
import type { Connections } from './connections/connections.ts';
import { NotebookScripts } from './notebooks/notebook-scripts.ts';
import { ShownHints } from './shown-hints.ts';
import { DIALECT_SETTING, scriptDialect } from './statements/script-dialect.ts';
import { affectsSessionDefaults } from './statements/session-defaults.ts';

/** A client with the messages that are ours alone. */
export type KsqlLanguageClient = BaseLanguageClient & OwnMessages;

interface OwnMessages {
  /** Sends a request of our own. */
  ask<M extends keyof RequestsToServer>(
    method: M,
    params: RequestsToServer[M]['params'],
  ): Promise<RequestsToServer[M]['result']>;
  /** Sends a notification of our own. */
  tell<M extends keyof NotificationsToServer>(method: M, params: NotificationsToServer[M]): void;
}

/** Makes the client of a server that runs in a process or a worker. */
export type OpenLanguageClient = (
  extensionUri: vscode.Uri,
  name: string,
  options: LanguageClientOptions,
) => KsqlLanguageClient;

type ClientClass = new (...args: any[]) => BaseLanguageClient;

/**
 * Gives a kind of clients our messages. Its log is read by people: it says what went wrong, not where in the code, and
 * nothing of requests that come when the window is already being closed.
 */
export function withOwnMessages<C extends ClientClass>(
  Client: C,
): new (
  ...args: ConstructorParameters<C>
) => InstanceType<C> & OwnMessages {
  abstract class OwnClient extends Client implements OwnMessages {
    #isEnding = false;

    override error(message: string, data?: unknown, showNotification?: boolean | 'force'): void {
      if (!this.#isEnding) super.error(message, data instanceof Error ? data.message : data, showNotification);
    }

    override stop(timeoutMs?: number): Promise<void> {
      this.#isEnding = true;
      return super.stop(timeoutMs);
    }

    ask<M extends keyof RequestsToServer>(
      method: M,
      params: RequestsToServer[M]['params'],
    ): Promise<RequestsToServer[M]['result']> {
      return this.sendRequest(method, params);
    }

    tell<M extends keyof NotificationsToServer>(method: M, params: NotificationsToServer[M]): void {
      void this.sendNotification(method, params);
    }
  }
  return OwnClient as unknown as ReturnType<typeof withOwnMessages<C>>;
}

const FORMAT = 'ksql.format';

/** The style that the settings choose. */
function formatStyle(): Partial<FormatStyle> {
  const settings = vscode.workspace.getConfiguration(FORMAT);
  const names = ['width', 'keywordCase', 'commas', 'joinConditions'] as const satisfies readonly (keyof FormatStyle)[];
  return Object.fromEntries(names.map((name) => [name, settings.get(name)]).filter(([, value]) => value !== undefined));
}

/**
 * The language server, beside the extension's host. It knows nothing of Kafka or HTTP: it is told what the connected
 * engine has, and asks for live figures when it shows a source.
 * @param ownLenses stand before those of the server
 * @param open starts it, in a process or a worker
 */
export function createLanguageClient(
  context: vscode.ExtensionContext,
  connections: Connections,
  running: RunningStatements,
  ownLenses: (document: vscode.TextDocument) => readonly vscode.CodeLens[],
  open: OpenLanguageClient,
): KsqlLanguageClient {
  const ofProject = new WeakMap<vscode.TextDocument, Properties>();
  const lenses = new ScriptLenses((document, fromServer) => [
    ...ownLenses(document),
    ...running.replaceLenses(document, sayWhereFrom(document, fromServer, ofProject.get(document))),
  ]);
  const scripts = new NotebookScripts();
  const hints = new ShownHints();
  const client = open(context.extensionUri, vscode.l10n.t('KSQL Language Server'), {
    documentSelector: [{ language: 'ksql' }],
    initializationOptions: optionsFor(connections),
    middleware: {
      ...scripts.middleware,
      handleDiagnostics: hints.after(scripts.middleware.handleDiagnostics),
      provideCodeLenses: async (document, token, next) => {
        const settings = settingsOfProject(client, document);
        const fromServer = (await next(document, token)) ?? [];
        ofProject.set(document, await settings);
        return token.isCancellationRequested ? [] : lenses.show(document, fromServer);
      },
    },
  });
  type Figures = RequestsToClient['ksql/figures'];
  client.onRequest(
    'ksql/figures',
    ({ source }: Figures['params']): Figures['result'] => running.figuresOf(source) ?? null,
  );
  answerFiles(client);
  let told = '';
  let again: NodeJS.Timeout | undefined;
  const refreshLenses = () => {
    clearTimeout(again);
    const feature = client.getFeature(CodeLensRequest.method);
    const inSight = new Set(vscode.window.visibleTextEditors.map(({ document }) => document));
    for (const document of inSight) {
      if (lenses.areToBeAskedFor(document, performance.now()))
        feature.getProvider(document)?.onDidChangeCodeLensEmitter.fire();
    }
    // An editor that loses the focus forgets what it was told, and is told again what changes afterwards.
    if ([...inSight].some((document) => lenses.isAwaited(document)))
      again = setTimeout(refreshLenses, FORGOTTEN_MS + 100);
  };
  context.subscriptions.push(
    scripts,
    running.onDidChange(refreshLenses),
    { dispose: () => clearTimeout(again) },
    connections.onDidChange(() => {
      const now = JSON.stringify([connections.name, connections.snapshot]);
      if (now === told || !client.isRunning()) return;
      told = now;
      client.tell('ksql/connected', { engine: connections.name, snapshot: connections.snapshot });
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      hints.settingsChanged(event);
      tellSettings(client, event);
      if (affectsSessionDefaults(event) || event.affectsConfiguration('ksql.codeLens')) refreshLenses();
    }),
    vscode.workspace.onDidCloseTextDocument((document) => lenses.forget(document)),
  );
  return client;
}

/** The settings that the project of a document begins its sessions with; none while the server does not answer. */
const settingsOfProject = (client: KsqlLanguageClient, { uri }: vscode.TextDocument): Promise<Properties> =>
  client.ask('ksql/projectSession', { uri: uri.toString() }).then(
    ({ properties }) => properties,
    () => ({}),
  );

type Properties = Readonly<Record<string, string>>;

function tellSettings(client: KsqlLanguageClient, event: vscode.ConfigurationChangeEvent): void {
  if (event.affectsConfiguration(DIALECT_SETTING)) client.tell('ksql/dialect', { dialect: scriptDialect() });
  if (event.affectsConfiguration(FORMAT)) client.tell('ksql/format', formatStyle());
  if (event.affectsConfiguration(INLAY_HINTS)) client.tell('ksql/inlayHints', inlayHints());
}

const INLAY_HINTS = 'ksql.inlayHints';

/** Which hints the user wants between the words of statements. */
function inlayHints(): InlayHintKinds {
  const settings = vscode.workspace.getConfiguration(INLAY_HINTS);
  const isOn = (kind: keyof InlayHintKinds) => settings.get<boolean>(kind, true);
  return {
    columns: isOn('columns'),
    key: isOn('key'),
    topics: isOn('topics'),
    defaults: isOn('defaults'),
    casts: isOn('casts'),
  };
}

/** Reads files for the server that lie on no disk. */
function answerFiles(client: BaseLanguageClient): void {
  client.onRequest('ksql/listFiles', ({ folder }: RequestsToClient['ksql/listFiles']['params']) => listFiles(folder));
  client.onRequest('ksql/readFile', ({ uri }: RequestsToClient['ksql/readFile']['params']) => readFile(uri));
}

async function listFiles(folder: string): Promise<RequestsToClient['ksql/listFiles']['result']> {
  const pattern = new vscode.RelativePattern(
    vscode.Uri.parse(folder),
    '**/{*.ksql,*.ksqlnb,*.sql,ksql.json,ksql.lock.json}',
  );
  const found = await vscode.workspace.findFiles(pattern, '**/node_modules/**');
  return found.map((uri) => uri.toString());
}

async function readFile(uri: string): Promise<RequestsToClient['ksql/readFile']['result']> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.parse(uri)));
  } catch {
    return null;
  }
}

/** What the server is told when it starts. */
function optionsFor(connections: Connections): InitializationOptions {
  return {
    dialect: scriptDialect(),
    figures: true,
    engine: connections.name,
    diagnosticPage: DIAGNOSTIC_PAGE,
    subjectPage: SUBJECT_PAGE,
    createsForTopics: true,
    loadsFunctions: vscode.workspace.isTrusted,
    format: formatStyle(),
    // VS Code keeps what it was told of a file apart from what it asked for.
    pushDiagnostics: true,
    // The server reads what lies on the disk itself.
    readsFiles: vscode.workspace.workspaceFolders?.some(({ uri }) => uri.scheme !== 'file') ?? false,
    inlayHints: inlayHints(),
  };
}
