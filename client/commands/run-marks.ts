import * as vscode from 'vscode';
import { errorPlace, shortMessage } from '../../language/analysis/error-place.ts';
import { scriptStatements } from '../statements/script-statements.ts';

type MarkKind = 'ran' | 'running' | 'failed';

interface Mark {
  readonly text: string;
  readonly kind: MarkKind;
  readonly label: string;
}

/**
 * What came of statements, shown where they stand: a mark in the gutter, a few dim words behind the statement, and errors as
 * problems at the token they speak of. An edit of the statement takes them away.
 */
export class RunMarks implements vscode.Disposable {
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('ksql-run');
  readonly #marks = new Map<string, Map<string, Mark>>();
  readonly #problems = new Map<string, Map<string, string>>();
  readonly #types: Readonly<Record<MarkKind, vscode.TextEditorDecorationType>>;
  readonly #disposables: vscode.Disposable[];

  constructor(extensionUri: vscode.Uri) {
    const color = new vscode.ThemeColor('editorCodeLens.foreground');
    const type = (kind: MarkKind, after: vscode.ThemeColor) =>
      vscode.window.createTextEditorDecorationType({
        gutterIconPath: vscode.Uri.joinPath(extensionUri, 'client', 'media', `${kind}.svg`),
        gutterIconSize: 'contain',
        after: { margin: '0 0 0 2em', color: after },
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      });
    this.#types = {
      ran: type('ran', color),
      running: type('running', color),
      failed: type('failed', new vscode.ThemeColor('errorForeground')),
    };
    this.#disposables = [
      this.#diagnostics,
      ...Object.values(this.#types),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#show(document)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors) this.#show(document);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.#marks.delete(uri.toString());
        this.#problems.delete(uri.toString());
        this.#diagnostics.delete(uri);
      }),
    ];
  }

  /** The statement is at work. */
  running(uri: vscode.Uri, text: string): void {
    this.#set(uri, { text, kind: 'running', label: '… running' });
  }

  /** The statement is done; `label` says in a few words what it did. */
  ran(uri: vscode.Uri, text: string, label: string): void {
    this.#set(uri, { text, kind: 'ran', label: `✓ ${label}` });
  }

  /** The statement failed; the message becomes a problem at its place. */
  failed(uri: vscode.Uri, text: string, message: string): void {
    this.#problemsOf(uri).set(text, message);
    this.#set(uri, { text, kind: 'failed', label: '✗ failed' }, true);
  }

  /** The statement was stopped before it ended by itself. */
  stopped(uri: vscode.Uri, text: string, label: string): void {
    this.#set(uri, { text, kind: 'ran', label });
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #problemsOf(uri: vscode.Uri): Map<string, string> {
    const key = uri.toString();
    const known = this.#problems.get(key) ?? new Map<string, string>();
    this.#problems.set(key, known);
    return known;
  }

  #set(uri: vscode.Uri, mark: Mark, keepProblem = false): void {
    const key = uri.toString();
    const marks = this.#marks.get(key) ?? new Map<string, Mark>();
    marks.set(mark.text, mark);
    this.#marks.set(key, marks);
    if (!keepProblem) this.#problems.get(key)?.delete(mark.text);
    const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === key);
    if (document !== undefined) this.#show(document);
  }

  #show(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const marks = this.#marks.get(key);
    if (marks === undefined) return;
    const statements = scriptStatements(document.getText());
    for (const text of marks.keys()) {
      if (statements.some((statement) => statement.text === text)) continue;
      marks.delete(text);
      this.#problems.get(key)?.delete(text);
    }
    const options: Record<MarkKind, vscode.DecorationOptions[]> = { ran: [], running: [], failed: [] };
    const problems: vscode.Diagnostic[] = [];
    for (const { text, start, end } of statements) {
      const mark = marks.get(text);
      if (mark === undefined) continue;
      const last = document.positionAt(end);
      options[mark.kind].push({
        range: new vscode.Range(last, last),
        renderOptions: { after: { contentText: mark.label } },
      });
      const message = this.#problems.get(key)?.get(text);
      if (message !== undefined) problems.push(problem(document, start, text, message));
    }
    this.#diagnostics.set(document.uri, problems);
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document !== document) continue;
      for (const [kind, type] of Object.entries(this.#types)) editor.setDecorations(type, options[kind as MarkKind]);
    }
  }
}

function problem(document: vscode.TextDocument, start: number, text: string, message: string): vscode.Diagnostic {
  const place = errorPlace(message, text);
  const range = new vscode.Range(document.positionAt(start + place.start), document.positionAt(start + place.end));
  const diagnostic = new vscode.Diagnostic(range, shortMessage(message), vscode.DiagnosticSeverity.Error);
  diagnostic.source = 'ksql run';
  return diagnostic;
}
