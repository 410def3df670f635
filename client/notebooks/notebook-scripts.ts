import * as vscode from 'vscode';
import type { MessageSignature, Middleware } from 'vscode-languageclient';
import { joinCells } from '../../language/notebook/joined-cells.ts';
import { codeCells } from '../statements/script-text.ts';
import { answeredForCells, askedOfScript, type CellPlace, type ScriptPlaces, tokensOfCell } from './cell-messages.ts';

type ShowDiagnostics = Parameters<NonNullable<Middleware['handleDiagnostics']>>[2];
type Forward = (type: string | MessageSignature, params?: unknown) => Promise<void>;

/** A notebook as the language server knows it. */
interface OpenScript extends ScriptPlaces {
  readonly text: string;
  readonly version: number;
}

interface Asking {
  readonly script: OpenScript;
  readonly cell: CellPlace;
}

const CELL = 'vscode-notebook-cell:';

/** Questions of other documents whose answers may be about cells. */
const ACROSS_DOCUMENTS: ReadonlySet<string> = new Set([
  'callHierarchy/incomingCalls',
  'callHierarchy/outgoingCalls',
  'textDocument/declaration',
  'textDocument/definition',
  'textDocument/references',
  'textDocument/rename',
  'textDocument/typeDefinition',
  'workspace/executeCommand',
  'workspace/symbol',
  'ksql/needs',
]);

const COLOURS: ReadonlySet<string> = new Set(['textDocument/semanticTokens/full', 'textDocument/semanticTokens/range']);

/**
 * Tells the language server of each notebook as of one script under the notebook's own name, so that cells see what
 * earlier cells make and the server need not know that there are cells. What cells ask is asked of the script, and the
 * answers are given to the cells.
 */
export class NotebookScripts implements vscode.Disposable {
  readonly #open = new Map<string, OpenScript>();
  readonly #subscription: vscode.Disposable;
  #forward: Forward | undefined;
  #showDiagnostics: ShowDiagnostics | undefined;
  #nextVersion = 1;

  constructor() {
    // Cells that were only moved are heard of here.
    this.#subscription = vscode.workspace.onDidChangeNotebookDocument(({ notebook, contentChanges }) => {
      // A server that has ended need not know.
      if (contentChanges.length > 0) this.#tell(notebook.uri.toString()).catch(() => undefined);
    });
  }

  /** Stands between the language client and its server. */
  get middleware(): Required<Pick<Middleware, 'sendNotification' | 'sendRequest' | 'handleDiagnostics'>> {
    return {
      sendNotification: async (type, next, params) => {
        this.#forward = next as Forward;
        const uri = documentOf(params);
        const notebook = uri?.startsWith(CELL) ? (notebookOf(uri) ?? this.#scriptWith(uri)?.uri) : undefined;
        if (notebook !== undefined) return this.#tell(notebook);
        // Of a file that is open as a notebook as well, the notebook speaks.
        if (uri === undefined || !this.#open.has(uri)) return next(type, params);
      },
      sendRequest: async (type, param, token, next) => {
        const method = typeof type === 'string' ? type : type.method;
        const asking = await this.#asking(documentOf(param));
        if (asking !== undefined) return this.#ask(method, asking, param, (own) => next(type, own, token));
        let answer: unknown = await next(type, param, token);
        if (ACROSS_DOCUMENTS.has(method))
          for (const script of this.#open.values()) answer = answeredForCells(answer, script, undefined);
        return answer as Awaited<ReturnType<typeof next>>;
      },
      handleDiagnostics: (uri, diagnostics, next) => {
        this.#showDiagnostics = next;
        const script = this.#open.get(uri.toString());
        if (script === undefined) return next(uri, diagnostics);
        for (const cell of script.cells) next(vscode.Uri.parse(cell.uri), diagnosticsOf(diagnostics, cell));
      },
    };
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #asking(uri: string | undefined): Promise<Asking | undefined> {
    if (!uri?.startsWith(CELL)) return undefined;
    const notebook = notebookOf(uri);
    if (notebook !== undefined) await this.#tell(notebook);
    const script = this.#scriptWith(uri);
    const cell = script?.cells.find((each) => each.uri === uri);
    return script && cell && { script, cell };
  }

  async #ask<R>(
    method: string,
    { script, cell }: Asking,
    param: unknown,
    next: (param: never) => Promise<R>,
  ): Promise<R> {
    const answer: unknown = await next(askedOfScript(param, script.uri, cell) as never);
    if (COLOURS.has(method)) {
      const tokens = answer as { readonly data: readonly number[] } | null;
      // Without a number of the answer, the next question is not for what has changed in the script since.
      return (tokens && { data: tokensOfCell(tokens.data, cell) }) as R;
    }
    const mapped = answeredForCells(answer, script, cell);
    if (method !== 'textDocument/codeLens' || !Array.isArray(mapped)) return mapped as R;
    // The notebook itself has a button that runs all.
    return mapped.filter(({ command }) => command?.command !== 'ksql.runFile') as R;
  }

  /** Tells the server what a notebook is now, if that is news. */
  async #tell(uri: string): Promise<void> {
    const forward = this.#forward;
    if (forward === undefined) return;
    const notebook = vscode.workspace.notebookDocuments.find((each) => each.uri.toString() === uri && !each.isClosed);
    const known = this.#open.get(uri);
    if (notebook === undefined) {
      this.#open.delete(uri);
      this.#forgetCells(known?.cells ?? []);
      if (known !== undefined) await this.#close(uri, forward);
      return;
    }
    const script = this.#read(notebook, known);
    this.#open.set(uri, script);
    const { text, version, cells } = script;
    this.#forgetCells(known?.cells.filter((cell) => !cells.some((each) => each.uri === cell.uri)) ?? []);
    if (known === undefined)
      await forward('textDocument/didOpen', { textDocument: { uri, languageId: 'ksql', version, text } });
    else if (known.text !== text)
      await forward('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      });
  }

  /** A file that was open as text as well speaks for itself again. */
  async #close(uri: string, forward: Forward): Promise<void> {
    await forward('textDocument/didClose', { textDocument: { uri } });
    const text = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri);
    if (text?.languageId !== 'ksql') return;
    const { version } = text;
    const textDocument = { uri, languageId: 'ksql', version, text: text.getText() };
    await forward('textDocument/didOpen', { textDocument });
  }

  /** What was wrong with cells that are gone is of no interest. */
  #forgetCells(cells: readonly CellPlace[]): void {
    for (const { uri } of cells) this.#showDiagnostics?.(vscode.Uri.parse(uri), []);
  }

  #read(notebook: vscode.NotebookDocument, known: OpenScript | undefined): OpenScript {
    const cells = codeCells(notebook);
    const { text, spans } = joinCells(cells.map(({ document }) => document.getText()));
    const version = known?.text === text ? known.version : this.#nextVersion++;
    const places = cells.map(({ document }, i): CellPlace => ({ uri: document.uri.toString(), ...spans[i]! }));
    return { uri: notebook.uri.toString(), text, version, cells: places };
  }

  #scriptWith(cell: string): OpenScript | undefined {
    return [...this.#open.values()].find(({ cells }) => cells.some(({ uri }) => uri === cell));
  }
}

/** The document that a message is about. */
function documentOf(params: unknown): string | undefined {
  const {
    textDocument,
    uri,
    item,
    arguments: given,
  } = (params ?? {}) as {
    readonly textDocument?: { readonly uri?: string };
    readonly uri?: string;
    readonly item?: { readonly uri?: string };
    readonly arguments?: readonly unknown[];
  };
  const [first] = given ?? [];
  return textDocument?.uri ?? uri ?? item?.uri ?? (typeof first === 'string' ? first : undefined);
}

function notebookOf(cell: string): string | undefined {
  const has = (notebook: vscode.NotebookDocument) =>
    notebook.getCells().some(({ document }) => document.uri.toString() === cell);
  return vscode.workspace.notebookDocuments.find(has)?.uri.toString();
}

/** Of the problems of a script those of a cell, none longer than the cell. */
function diagnosticsOf(diagnostics: readonly vscode.Diagnostic[], { line, lineCount }: CellPlace): vscode.Diagnostic[] {
  return diagnostics
    .filter(({ range }) => range.start.line >= line && range.start.line < line + lineCount)
    .map((diagnostic) => {
      const { start, end } = diagnostic.range;
      const last = new vscode.Position(
        Math.min(end.line - line, lineCount - 1),
        end.line - line < lineCount ? end.character : Number.MAX_SAFE_INTEGER,
      );
      const range = new vscode.Range(start.line - line, start.character, last.line, last.character);
      return Object.assign(Object.create(Object.getPrototypeOf(diagnostic)), diagnostic, {
        range,
      }) as vscode.Diagnostic;
    });
}
