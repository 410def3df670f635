import {
  type CodeLens,
  type Connection,
  type Disposable,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { FormatStyle } from '../language/index.ts';
import { readSnapshot } from '../language/metastore/metastore-snapshot.ts';
import { answerKey } from '../language/script/answer-key.ts';
import { ACTION_KINDS, actions } from './actions/actions.ts';
import { createForRecords } from './actions/generate-actions.ts';
import { answerDocument, answerWorkspace, WORKSPACE_CAPABILITIES, type Workbench } from './answer-workspace.ts';
import { complete } from './completion/complete.ts';
import { withDocumentation } from './completion/name-items.ts';
import { folding } from './features/folding.ts';
import { formatting } from './features/formatting.ts';
import { hover } from './features/hover.ts';
import { ALL_HINTS } from './features/inlay-hints.ts';
import { lenses } from './features/lenses.ts';
import { neededStatements } from './features/needed-statements.ts';
import { signatureHelp } from './features/signature-help.ts';
import { symbols } from './features/symbols.ts';
import { LensAnswers } from './lens-answers.ts';
import type {
  InitializationOptions,
  InlayHintKinds,
  NotificationsToServer,
  RequestsToClient,
  RequestsToServer,
} from './protocol.ts';
import { type Script, ScriptStore } from './scripts/script-store.ts';
import { Checker } from './workspace/checker.ts';
import { clientFiles } from './workspace/client-files.ts';
import type { FileSource } from './workspace/file-source.ts';
import type { FunctionSource } from './workspace/function-source.ts';
import { Guard } from './workspace/guard.ts';
import { ProjectFunctions } from './workspace/project-functions.ts';
import { WorkspaceFiles } from './workspace/workspace-files.ts';

/** The lenses of a script may change when typing has settled for this long, in milliseconds. */
const LENS_DELAY_MS = 80;
/** A hover does not wait longer than this for live figures, in milliseconds. */
const FIGURES_TIMEOUT_MS = 300;

const CAPABILITIES: InitializeResult['capabilities'] = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  completionProvider: { triggerCharacters: ['.', ' ', '(', "'", '>', ',', '='], resolveProvider: true },
  hoverProvider: true,
  signatureHelpProvider: { triggerCharacters: ['(', ','] },
  codeLensProvider: {},
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  documentFormattingProvider: true,
  documentRangeFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [...ACTION_KINDS] },
  ...WORKSPACE_CAPABILITIES,
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};

const textMap = (values: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));

/**
 * Serves a client over a connection until it ends. Nothing that a feature throws ends it.
 *
 * @param defaults what holds where the client does not say it
 * @param files reads the files of the workspace's folders, unless the client does; absent, only open documents are
 * known
 * @param functions reads the functions in the folders that a `ksql.json` names, where the client lets it; absent, none
 * are known but those that the client tells
 */
export function serve(
  connection: Connection,
  defaults: InitializationOptions = {},
  files?: FileSource,
  functions?: FunctionSource,
): void {
  new LanguageServer(connection, defaults, files, functions).listen();
}

class LanguageServer {
  readonly #connection: Connection;
  readonly #documents = new TextDocuments(TextDocument);
  readonly #guard: Guard;
  readonly #store: ScriptStore;
  readonly #checker: Checker;
  readonly #files: WorkspaceFiles;
  readonly #functions: ProjectFunctions;
  #loadsFunctions = true;
  #lensTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #lensAnswers = new LensAnswers();
  readonly #defaults: InitializationOptions;
  #hasFigures = false;
  #style: Partial<FormatStyle> = {};
  #hints: InlayHintKinds = ALL_HINTS;
  #createsForTopics = false;
  #subjectPage: ((subject: string) => string) | undefined;
  #hasFolderChanges = false;
  #fileSource: FileSource | undefined;

  constructor(
    connection: Connection,
    defaults: InitializationOptions,
    source: FileSource | undefined,
    functions: FunctionSource | undefined,
  ) {
    this.#connection = connection;
    this.#defaults = defaults;
    this.#guard = new Guard((text) => connection.console.error(text));
    this.#store = new ScriptStore((uri, error) => this.#guard.report(`The analysis of a statement of ${uri}`, error));
    this.#checker = new Checker(connection, this.#documents, this.#store, this.#guard);
    const files: FileSource = {
      list: async (folder) => (await this.#fileSource?.list(folder)) ?? [],
      read: async (uri) => this.#fileSource?.read(uri),
    };
    this.#fileSource = source;
    const own: FunctionSource = {
      list: async (folder) => (this.#loadsFunctions ? ((await functions?.list(folder)) ?? []) : []),
    };
    this.#functions = new ProjectFunctions(connection, this.#store, own, () => this.#checker.checkAll());
    this.#files = new WorkspaceFiles(connection, this.#documents, this.#store, files, this.#guard, (programs) => {
      this.#checker.checkAll();
      const reading = () => this.#functions.read(programs);
      void this.#guard.run('Reading functions', reading, undefined);
    });
  }

  listen(): void {
    this.#connection.onInitialize((params) => this.#initialize(params));
    this.#answerFeatures();
    this.#answerOwn();
    this.#connection.onInitialized(() => {
      this.#files.start();
      if (!this.#hasFolderChanges) return;
      this.#connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) =>
        this.#files.setFolders(
          added.map(({ uri }) => uri),
          removed.map(({ uri }) => uri),
        ),
      );
    });
    this.#documents.onDidChangeContent(({ document }) => {
      this.#guard.run('Taking over a change', () => this.#store.take(document), undefined);
      void this.#files.loaded.then(() => this.#checker.checkSoon(document.uri));
    });
    this.#documents.onDidClose(({ document: { uri } }) => {
      this.#lensAnswers.forget(uri);
      this.#store.close(uri);
      const closing = async () => {
        await this.#files.closed(uri);
        this.#checker.closed(uri);
      };
      void this.#guard.run('Closing a document', closing, undefined);
    });
    this.#documents.listen(this.#connection);
    this.#connection.listen();
  }

  #initialize(params: InitializeParams): InitializeResult {
    const { initializationOptions, capabilities } = params;
    const options: InitializationOptions = { ...this.#defaults, ...initializationOptions };
    const { dialect, figures, engine, diagnosticPage, subjectPage, readsFiles } = options;
    if (dialect !== undefined) this.#store.setDialect(dialect);
    if (engine !== undefined) this.#store.surroundings.engine = engine;
    this.#hasFigures = figures === true;
    this.#createsForTopics = options.createsForTopics === true;
    this.#style = options.format ?? {};
    if (diagnosticPage !== undefined && capabilities.textDocument?.publishDiagnostics?.codeDescriptionSupport)
      this.#checker.pageOf = (code) => diagnosticPage.replace('{code}', code);
    if (subjectPage !== undefined)
      this.#subjectPage = (subject) => subjectPage.replace('{subject}', encodeURIComponent(subject));
    this.#hints = { ...ALL_HINTS, ...options.inlayHints };
    this.#hasFolderChanges = capabilities.workspace?.workspaceFolders === true;
    if (readsFiles) this.#fileSource = clientFiles(this.#connection);
    this.#files.initialize(params);
    this.#functions.start(this.#files.canWatch);
    this.#loadsFunctions = options.loadsFunctions !== false;
    // An editor that asks for problems itself is told of those in files that are not open only.
    const pulls = options.pushDiagnostics !== true && capabilities.textDocument?.diagnostic !== undefined;
    this.#checker.pulls = pulls;
    const diagnosticProvider = { interFileDependencies: true, workspaceDiagnostics: false };
    return {
      serverInfo: { name: 'KSQL Workbench' },
      capabilities: { ...CAPABILITIES, ...(pulls ? { diagnosticProvider } : {}) },
    };
  }

  #answerFeatures(): void {
    const connection = this.#connection;
    const figures = (source: string) => this.#figuresOf(source);
    connection.onCompletion(this.#about('Completion', (script, { position }) => complete(script, position)));
    connection.onCompletionResolve((item) =>
      this.#guard.run('Completion', () => withDocumentation(item, (uri) => this.#store.find(uri)), item),
    );
    connection.onHover(this.#about('Hover', (script, { position }) => hover(script, position, figures)));
    connection.onSignatureHelp(
      this.#about('Signature help', (script, { position }) => signatureHelp(script, position)),
    );
    connection.onCodeLens(
      this.#about('Code lenses', (script) => this.#lensAnswers.answer(script.document, this.#lensesOf(script))),
    );
    connection.onDocumentSymbol(this.#about('The outline', symbols));
    connection.onFoldingRanges(this.#about('Folding', folding));
    connection.onDocumentFormatting(this.#about('Formatting', (script) => formatting(script, this.#style)));
    connection.onDocumentRangeFormatting(
      this.#about('Formatting', (script, { range }) => formatting(script, this.#style, range)),
    );
    connection.onCodeAction(
      this.#about('Code actions', (script, { range, context }) =>
        actions(script, range, context.only, this.#createsForTopics),
      ),
    );
    const bench: Workbench = {
      connection,
      store: this.#store,
      guard: this.#guard,
      loaded: () => this.#files.loaded,
      hints: () => this.#hints,
      style: () => this.#style,
      pages: () => ({ ofCode: this.#checker.pageOf, ofSubject: this.#subjectPage }),
      about: (title, feature) => this.#about(title, feature),
    };
    answerDocument(bench);
    answerWorkspace(bench);
  }

  /** What of this extension's own a client asks and tells. */
  #answerOwn(): void {
    const store = this.#store;
    this.#onRequest('ksql/answerKey', null, ({ sql, snapshot, dialect, properties, variables }) => {
      const settings = { dialect, properties: textMap(properties), variables: textMap(variables) };
      return answerKey(sql, readSnapshot(snapshot), settings) ?? null;
    });
    this.#onRequest('ksql/projectSession', { properties: {}, variables: {} }, ({ uri }) => {
      const { properties = {}, variables = {} } = store.projectOf(uri).config;
      return { properties, variables };
    });
    this.#onRequest('ksql/createFor', null, ({ topic, records }) => createForRecords(topic, records) ?? null);
    this.#onRequest('ksql/needs', [], ({ uri, text }) => {
      // What belongs to no common project may still be open beside it.
      const open = this.#documents.all().flatMap((document) => store.projectOf(document.uri).project.files);
      const { project } = store.projectOf(uri);
      const own = project.file(uri);
      const files = new Set([...(own === undefined ? [] : [own]), ...project.files, ...open]);
      return neededStatements(text, [...files], store.surroundings.snapshot);
    });
    this.#onNotification('ksql/connected', ({ engine, snapshot }) => {
      store.surroundings.engine = engine;
      store.setSnapshot(snapshot);
    });
    this.#onNotification('ksql/functions', ({ declarations }) => store.setFunctions(declarations));
    this.#onNotification('ksql/format', (style) => {
      this.#style = style;
    });
    this.#onNotification('ksql/dialect', ({ dialect }) => store.setDialect(dialect));
    this.#onNotification('ksql/inlayHints', (hints) => {
      this.#hints = { ...ALL_HINTS, ...hints };
      this.#connection.languages.inlayHint.refresh().catch(() => undefined);
    });
  }

  /** Answers a request about a document with what a feature says; with null for documents that are not open. */
  #about<P extends { readonly textDocument: { readonly uri: string } }, R>(
    title: string,
    feature: (script: Script, params: P) => R | undefined | Promise<R | undefined>,
  ): (params: P) => Promise<R | null> {
    const answer = async (params: P): Promise<R | null> => {
      // Before the other files are known much would be said to be missing.
      await this.#files.loaded;
      const document = this.#documents.get(params.textDocument.uri);
      return document === undefined ? null : ((await feature(this.#store.get(document), params)) ?? null);
    };
    return (params) => this.#guard.run(title, () => answer(params), null);
  }

  #onRequest<M extends keyof RequestsToServer>(
    method: M,
    otherwise: RequestsToServer[M]['result'],
    answer: (params: RequestsToServer[M]['params']) => RequestsToServer[M]['result'],
  ): Disposable {
    return this.#connection.onRequest(
      method,
      (params: RequestsToServer[M]['params']): Promise<unknown> =>
        this.#guard.run(method, async () => answer(params), otherwise),
    );
  }

  /** Takes what a client tells of the world around the documents, and looks at them anew. */
  #onNotification<M extends keyof NotificationsToServer>(
    method: M,
    take: (params: NotificationsToServer[M]) => void,
  ): Disposable {
    return this.#connection.onNotification(method, (params: NotificationsToServer[M]) => {
      this.#guard.run(method, () => take(params), undefined);
      this.#refreshLensesSoon();
      this.#checker.checkAll();
      this.#connection.languages.semanticTokens.refresh().catch(() => undefined);
    });
  }

  #lensesOf(script: Script): CodeLens[] {
    return lenses(script, this.#store.surroundings.engine);
  }

  #refreshLensesSoon(): void {
    clearTimeout(this.#lensTimer);
    this.#lensTimer = setTimeout(
      () => this.#guard.run('Code lenses', () => this.#refreshLenses(), undefined),
      LENS_DELAY_MS,
    );
  }

  #refreshLenses(): void {
    const isOutdated = (document: TextDocument) =>
      this.#lensAnswers.isOutdated(document, () => this.#lensesOf(this.#store.get(document)));
    if (this.#documents.all().some(isOutdated))
      this.#connection.sendRequest('workspace/codeLens/refresh').catch(() => undefined);
  }

  async #figuresOf(source: string): Promise<string | undefined> {
    if (!this.#hasFigures) return undefined;
    const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), FIGURES_TIMEOUT_MS));
    type Figures = RequestsToClient['ksql/figures'];
    const params: Figures['params'] = { source };
    const answer = this.#connection.sendRequest<Figures['result']>('ksql/figures', params);
    return (await Promise.race([answer, late])) ?? undefined;
  }
}
