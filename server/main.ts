import {
  type Connection,
  createConnection,
  ProposedFeatures,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { answerKey } from '../language/analysis/answer-key.ts';
import { type MetastoreSnapshot, readSnapshot } from '../language/analysis/metastore-snapshot.ts';
import type { FunctionDeclaration } from '../language/functions/declared.ts';
import type { Dialect } from '../language/index.ts';
import { codeActions } from './features/code-actions.ts';
import { complete } from './features/completion.ts';
import { definition } from './features/definition.ts';
import { diagnose } from './features/diagnostics.ts';
import { folding } from './features/folding.ts';
import { formatting } from './features/formatting.ts';
import { hover, type LiveFigures } from './features/hover.ts';
import { lenses } from './features/lenses.ts';
import { neededStatements } from './features/needed-statements.ts';
import { SEMANTIC_LEGEND, semanticTokens } from './features/semantic-tokens.ts';
import { signatureHelp } from './features/signature-help.ts';
import { symbols } from './features/symbols.ts';
import { type Script, ScriptStore } from './script-store.ts';

/** Typing settles for this long before a script is checked, in milliseconds. */
const CHECK_DELAY_MS = 80;
/** A hover does not wait longer than this for live figures, in milliseconds. */
const FIGURES_TIMEOUT_MS = 300;

/** Client to server: what is connected now. Without a snapshot nothing is. */
export interface ConnectedParams {
  readonly engine: string;
  readonly snapshot?: MetastoreSnapshot;
}

/** Client to server: which columns of a SELECT's answer are its key, by index? Null: none, or it cannot be told. */
export interface AnswerKeyParams {
  readonly sql: string;
  readonly snapshot: MetastoreSnapshot;
  readonly dialect: Dialect;
  readonly properties: Readonly<Record<string, string | number | boolean>>;
  readonly variables: Readonly<Record<string, string>>;
}

/** Client to server: which statements of open scripts make what this one names, and the connected server does not have? */
export interface NeedsParams {
  readonly uri: string;
  readonly text: string;
}

const textMap = (values: Readonly<Record<string, string | number | boolean>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** Serves a client over a connection until it ends. */
export function serve(connection: Connection): void {
  const store = new ScriptStore();
  const documents = new TextDocuments(TextDocument);
  let hasFigures = false;

  connection.onInitialize(({ initializationOptions }) => {
    const options = initializationOptions as { dialect?: Dialect; figures?: boolean; engine?: string } | undefined;
    if (options?.dialect !== undefined) store.setDialect(options.dialect);
    if (options?.engine !== undefined) store.surroundings.engine = options.engine;
    hasFigures = options?.figures === true;
    return {
      serverInfo: { name: 'KSQL Workbench' },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        completionProvider: { triggerCharacters: ['.', ' ', '(', "'", '>', ',', '='] },
        hoverProvider: true,
        signatureHelpProvider: { triggerCharacters: ['(', ','] },
        codeLensProvider: {},
        documentSymbolProvider: true,
        foldingRangeProvider: true,
        definitionProvider: true,
        documentFormattingProvider: true,
        documentRangeFormattingProvider: true,
        codeActionProvider: { codeActionKinds: ['quickfix'] },
        semanticTokensProvider: { legend: SEMANTIC_LEGEND, full: true },
      },
    };
  });

  const figures: LiveFigures = async (source) => {
    if (!hasFigures) return undefined;
    const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), FIGURES_TIMEOUT_MS));
    return Promise.race([connection.sendRequest<string | undefined>('ksql/figures', { source }), late]);
  };

  /** Answers a request about a document with what a feature says; nothing for documents that are not open. */
  const about = <P extends { readonly textDocument: { readonly uri: string } }, R>(
    feature: (script: Script, params: P) => R,
  ) => {
    return (params: P): R | null => {
      const document = documents.get(params.textDocument.uri);
      return document === undefined ? null : feature(store.get(document), params);
    };
  };

  connection.onCompletion(about((script, { position }) => complete(script, position)));
  connection.onHover(about(async (script, { position }) => (await hover(script, position, figures)) ?? null));
  connection.onSignatureHelp(about((script, { position }) => signatureHelp(script, position) ?? null));
  connection.onCodeLens(about((script) => lenses(script, store.surroundings.engine)));
  connection.onDocumentSymbol(about((script) => symbols(script)));
  connection.onFoldingRanges(about((script) => folding(script)));
  connection.onDocumentFormatting(about((script) => formatting(script)));
  connection.onDocumentRangeFormatting(about((script, { range }) => formatting(script, range)));
  connection.onDefinition(about((script, { position }) => definition(script, position) ?? null));
  connection.onCodeAction(about((script, { range }) => codeActions(script, range)));
  connection.languages.semanticTokens.on((params) => {
    const document = documents.get(params.textDocument.uri);
    return document === undefined ? { data: [] } : semanticTokens(store.get(document));
  });

  const timers = new Map<string, NodeJS.Timeout>();
  const check = (uri: string) => {
    timers.delete(uri);
    const document = documents.get(uri);
    if (document === undefined) return;
    void connection.sendDiagnostics({ uri, version: document.version, diagnostics: diagnose(store.get(document)) });
  };
  const checkSoon = (uri: string) => {
    clearTimeout(timers.get(uri));
    timers.set(uri, setTimeout(check, CHECK_DELAY_MS, uri));
  };
  const checkAll = () => {
    for (const { uri } of documents.all()) checkSoon(uri);
    connection.languages.semanticTokens.refresh().catch(() => undefined);
    connection.sendRequest('workspace/codeLens/refresh').catch(() => undefined);
  };

  connection.onNotification('ksql/connected', ({ engine, snapshot }: ConnectedParams) => {
    store.surroundings.engine = engine;
    store.setSnapshot(snapshot);
    checkAll();
  });
  connection.onNotification('ksql/functions', ({ declarations }: { declarations: readonly FunctionDeclaration[] }) => {
    store.setFunctions(declarations);
    checkAll();
  });
  connection.onNotification('ksql/dialect', ({ dialect }: { dialect: Dialect }) => {
    store.setDialect(dialect);
    checkAll();
  });
  connection.onRequest('ksql/answerKey', ({ sql, snapshot, dialect, properties, variables }: AnswerKeyParams) => {
    const settings = { dialect, properties: textMap(properties), variables: textMap(variables) };
    return answerKey(sql, readSnapshot(snapshot), settings) ?? null;
  });
  connection.onRequest('ksql/needs', ({ uri, text }: NeedsParams) => {
    const others = documents.all().filter((document) => document.uri !== uri);
    const own = documents.get(uri);
    const scripts = [...(own === undefined ? [] : [own]), ...others].map((document) => store.get(document));
    return neededStatements(text, scripts, store.surroundings.snapshot);
  });
  documents.onDidChangeContent(({ document }) => checkSoon(document.uri));
  documents.onDidClose(({ document }) => {
    store.forget(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });
  documents.listen(connection);
  connection.listen();
}

serve(createConnection(ProposedFeatures.all));
