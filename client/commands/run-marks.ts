import * as vscode from 'vscode';
import { statementFormIn } from '../../language/parser/statement-form.ts';
import { errorPlace, shortMessage } from '../../language/text/error-place.ts';
import { connectionName } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { ServerSession } from '../connections/server-session.ts';
import { scriptStatements } from '../statements/script-statements.ts';
import { scriptTextOf } from '../statements/script-text.ts';
import { effectOf, isThere, keepsAll } from '../statements/statement-effect.ts';

type MarkKind = 'ran' | 'running' | 'failed' | 'gone';

interface Mark {
  readonly text: string;
  readonly kind: MarkKind;
  readonly label: string;
  /** Name of the connection that it is shown with. */
  readonly connection: string;
  /** The life of the server that it speaks of; absent: of none. */
  readonly session?: ServerSession | undefined;
  /** The persistent query that the statement began. */
  readonly queryId?: string | undefined;
  /** What went wrong. */
  readonly problem?: string;
}

/** What a statement ran on, and the query that it began there. */
export interface RanOn {
  readonly session?: ServerSession | undefined;
  readonly queryId?: string | undefined;
}

/** What its label says of a statement whose engine is gone, and what it says when one points at it. */
const GONE = vscode.l10n.t('◌ ended with its engine');

/**
 * What came of statements, shown where they stand: a mark in the gutter, a few dim words behind the statement, and
 * errors as problems at the token they speak of. An edit of the statement takes them away. They belong to the life of
 * the engine that they speak of: another connection has others, and when an engine is gone they say so until the next
 * one has again what they speak of.
 */
export class RunMarks implements vscode.Disposable {
  readonly #connections: Connections;
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('ksql-run');
  readonly #marks = new Map<string, Map<string, Mark>>();
  readonly #extensionUri: vscode.Uri;
  #types: Readonly<Record<MarkKind, vscode.TextEditorDecorationType>> | undefined;
  readonly #disposables: vscode.Disposable[];
  #shownConnection: string;
  /** Where the language server reports errors of each document, so that the engine's do not say the same again. */
  readonly #known = new Map<string, string>();

  constructor(extensionUri: vscode.Uri, connections: Connections) {
    this.#connections = connections;
    this.#shownConnection = connections.name;
    this.#extensionUri = extensionUri;
    this.#disposables = [
      this.#diagnostics,
      connections.onDidEnd(({ session }) => this.#sessionEnded(session)),
      connections.onDidBegin((session) => this.#sessionBegan(session)),
      connections.onDidChange(() => this.#connectionChanged()),
      vscode.languages.onDidChangeDiagnostics(({ uris }) => this.#diagnosticsChanged(uris)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#show(document)),
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(SETTINGS) && this.#drawAnew()),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors) this.#show(document);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.#marks.delete(uri.toString());
        this.#known.delete(uri.toString());
        this.#diagnostics.delete(uri);
      }),
    ];
  }

  /** The statement is at work. */
  running(uri: vscode.Uri, text: string, session?: ServerSession): void {
    this.#set(uri, { text, kind: 'running', label: vscode.l10n.t('… running'), ...this.#on({ session }) });
  }

  /** The statement is done; `label` says in a few words what it did. */
  ran(uri: vscode.Uri, text: string, label: string, on: RanOn = {}): void {
    this.#set(uri, { text, kind: 'ran', label: `✓ ${label}`, ...this.#on(on) });
  }

  /** The statement failed; the message becomes a problem at its place. */
  failed(uri: vscode.Uri, text: string, problem: string, session?: ServerSession): void {
    this.#set(uri, { text, kind: 'failed', label: vscode.l10n.t('✗ failed'), problem, ...this.#on({ session }) });
  }

  /** The statement was stopped before it ended by itself. */
  stopped(uri: vscode.Uri, text: string, label: string, session?: ServerSession): void {
    this.#set(uri, { text, kind: 'ran', label, ...this.#on({ session }) });
  }

  /** The statement was at work when its engine ended. */
  lost(uri: vscode.Uri, text: string, session: ServerSession): void {
    this.#set(uri, { text, kind: 'gone', label: GONE, ...this.#on({ session }) });
  }

  /** The statement did not come to run: there is nothing to say of it. */
  forget(uri: vscode.Uri, text: string): void {
    this.#marks.get(uri.toString())?.delete(keyOf(this.#connections.name, text));
    this.#showFile(uri.toString());
  }

  dispose(): void {
    this.#forgetTypes();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #on({ session, queryId }: RanOn) {
    const connection = session === undefined ? this.#connections.name : connectionName(session.connection);
    return { connection, session, queryId };
  }

  #set(uri: vscode.Uri, mark: Mark): void {
    const key = uri.toString();
    const marks = this.#marks.get(key) ?? new Map<string, Mark>();
    marks.set(keyOf(mark.connection, mark.text), mark);
    this.#marks.set(key, marks);
    this.#showFile(key);
  }

  /** What only showed something, and is done, has nothing more to say; what was at work or made something is dimmed. */
  #sessionEnded(session: ServerSession): void {
    this.#replace(session, (mark) => {
      const { kind } = effectOf({ text: mark.text, form: statementFormIn(mark.text) });
      const isOver = mark.kind === 'failed' || kind === 'none' || (kind === 'shown' && mark.kind === 'ran');
      return isOver ? undefined : { ...mark, kind: 'gone', label: GONE };
    });
  }

  /** What an engine that was started anew has again, or still, is marked as there. */
  #sessionBegan(session: ServerSession): void {
    const { snapshot, connection } = session;
    const name = connectionName(connection);
    if (snapshot === undefined) return;
    for (const [file, marks] of this.#marks) {
      for (const [key, mark] of marks) {
        if (mark.kind !== 'gone' || mark.connection !== name) continue;
        const effect = effectOf({ text: mark.text, form: statementFormIn(mark.text) });
        const there = isThere(effect, snapshot, mark.queryId);
        const keepsRest = session.keeping.kind === 'kept' && keepsAll(mark.session?.snapshot, snapshot);
        const isKept = effect.kind !== 'shown' && there === undefined && keepsRest;
        if (there || isKept) marks.set(key, { ...mark, kind: 'ran', label: vscode.l10n.t('✓ still there'), session });
      }
      this.#showFile(file);
    }
  }

  #replace(session: ServerSession, by: (mark: Mark) => Mark | undefined): void {
    for (const [file, marks] of this.#marks) {
      for (const [key, mark] of marks) {
        if (mark.session !== session) continue;
        const next = by(mark);
        if (next === undefined) marks.delete(key);
        else marks.set(key, next);
      }
      this.#showFile(file);
    }
  }

  #connectionChanged(): void {
    if (this.#shownConnection === this.#connections.name) return;
    this.#shownConnection = this.#connections.name;
    for (const file of this.#marks.keys()) this.#showFile(file);
  }

  #diagnosticsChanged(uris: readonly vscode.Uri[]): void {
    for (const uri of uris) {
      const file = uri.toString();
      if (!this.#marks.has(file)) continue;
      const known = JSON.stringify(knownErrors(uri));
      if (known === this.#known.get(file)) continue;
      this.#known.set(file, known);
      this.#showFile(file);
    }
  }

  /** The settings have changed. */
  #drawAnew(): void {
    this.#forgetTypes();
    for (const file of this.#marks.keys()) this.#showFile(file);
  }

  #forgetTypes(): void {
    for (const type of Object.values(this.#types ?? {})) type.dispose();
    this.#types = undefined;
  }

  #showFile(file: string): void {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === file);
    if (document !== undefined) this.#show(document);
  }

  #show(document: vscode.TextDocument): void {
    const marks = this.#marks.get(document.uri.toString());
    if (marks === undefined) return;
    const statements = scriptStatements(scriptTextOf(document));
    const texts = new Set(statements.map(({ text }) => text));
    for (const [key, { text }] of marks) if (!texts.has(text)) marks.delete(key);
    const options: Record<MarkKind, vscode.DecorationOptions[]> = { ran: [], running: [], failed: [], gone: [] };
    const problems: vscode.Diagnostic[] = [];
    const isAtEnd = vscode.workspace.getConfiguration(SETTINGS).get('endOfLine', true);
    const known = knownErrors(document.uri);
    for (const { text, start, end } of statements) {
      const mark = marks.get(keyOf(this.#connections.name, text));
      if (mark === undefined) continue;
      const last = document.positionAt(end);
      options[mark.kind].push({
        range: new vscode.Range(last, last),
        ...(isAtEnd && { renderOptions: { after: { contentText: mark.label } } }),
        ...(mark.kind === 'gone' ? { hoverMessage: goneText(mark) } : {}),
      });
      const place = new vscode.Range(document.positionAt(start), last);
      if (mark.problem !== undefined && !known.some((range) => place.contains(range)))
        problems.push(problem(document, start, text, mark.problem));
    }
    this.#diagnostics.set(document.uri, problems);
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document !== document) continue;
      this.#types ??= markTypes(this.#extensionUri);
      for (const [kind, type] of Object.entries(this.#types)) editor.setDecorations(type, options[kind as MarkKind]);
    }
  }
}

const SETTINGS = 'ksql.marks';

/** How marks of each kind look, by the settings of now. */
function markTypes(extensionUri: vscode.Uri): Readonly<Record<MarkKind, vscode.TextEditorDecorationType>> {
  const isInGutter = vscode.workspace.getConfiguration(SETTINGS).get('gutter', true);
  const dim = new vscode.ThemeColor('editorCodeLens.foreground');
  const type = (icon: string | undefined, color = dim) =>
    vscode.window.createTextEditorDecorationType({
      ...(icon !== undefined &&
        isInGutter && {
          gutterIconPath: vscode.Uri.joinPath(extensionUri, 'client', 'media', `${icon}.svg`),
          gutterIconSize: 'contain',
        }),
      after: { margin: '0 0 0 2em', color },
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    });
  return {
    ran: type('ran'),
    running: type('running'),
    failed: type('failed', new vscode.ThemeColor('errorForeground')),
    gone: type(undefined),
  };
}

/** Where the language server says that something is wrong. */
const knownErrors = (uri: vscode.Uri): readonly vscode.Range[] =>
  vscode.languages
    .getDiagnostics(uri)
    .filter(({ source, severity }) => source === 'ksql' && severity === vscode.DiagnosticSeverity.Error)
    .map(({ range }) => range);

const keyOf = (connection: string, text: string): string => `${connection}\n${text}`;

function goneText({ session }: Mark): vscode.MarkdownString {
  const reason = session?.end?.reason ?? vscode.l10n.t('it is gone');
  const text = new vscode.MarkdownString(
    vscode.l10n.t(
      'The engine that this ran on has ended: {0}.\n\n[Run again what ended with it](command:ksql.runLost)',
      reason,
    ),
  );
  text.isTrusted = { enabledCommands: ['ksql.runLost'] };
  return text;
}

function problem(document: vscode.TextDocument, start: number, text: string, message: string): vscode.Diagnostic {
  const place = errorPlace(message, text);
  const range = new vscode.Range(document.positionAt(start + place.start), document.positionAt(start + place.end));
  const diagnostic = new vscode.Diagnostic(range, shortMessage(message), vscode.DiagnosticSeverity.Error);
  diagnostic.source = 'ksql run';
  return diagnostic;
}
