import * as vscode from 'vscode';
import type { StatementRunner } from '../commands/statement-runner.ts';
import type { CardOwner, CardServices, Rerun } from '../results/card-owner.ts';
import type { FromPage } from '../results/messages.ts';
import type { Result } from '../results/result.ts';
import { scriptStatements } from '../statements/script-statements.ts';
import { cellOf } from '../statements/script-text.ts';
import type { CellResults } from './cell-results.ts';
import { compareSnapshot, pinSnapshot, SNAPSHOT_ITEMS, unpinSnapshot } from './cell-snapshots.ts';
import { type ExportForm, exportNotebook } from './export-notebook.ts';
import { NotebookResults } from './notebook-results.ts';
import { NOTEBOOK_TYPE, NotebookSerializer } from './notebook-serializer.ts';
import { RENDERER } from './output-types.ts';

/**
 * Notebooks of KSQL: scripts whose cells are run by the same runner as statements of documents, with their results
 * below them.
 */
export class Notebooks implements vscode.Disposable {
  readonly #controller = vscode.notebooks.createNotebookController('ksql.notebook', NOTEBOOK_TYPE, 'KSQL');
  readonly #messaging = vscode.notebooks.createRendererMessaging(RENDERER);
  readonly #results = new Map<vscode.NotebookDocument, NotebookResults>();
  readonly #subscriptions: readonly vscode.Disposable[];
  /** Notebooks that our controller runs. */
  readonly #selected = new WeakSet<vscode.NotebookDocument>();
  #runner: StatementRunner | undefined;
  #rerun: Rerun | undefined;
  #nextResult = 1;
  #nextOrder = 1;

  readonly #services: CardServices;

  /** @param extension its id, by which VS Code knows who runs the cells */
  constructor(extension: string, services: CardServices) {
    this.#services = services;
    this.#controller.supportedLanguages = ['ksql'];
    this.#controller.supportsExecutionOrder = true;
    this.#controller.description = vscode.l10n.t('on the connection of the status bar');
    // Without a handler for interrupts, VS Code's buttons stop the cells that they are about.
    this.#controller.executeHandler = (cells) => this.#execute(cells);
    this.#subscriptions = [
      this.#controller,
      vscode.workspace.registerNotebookSerializer(NOTEBOOK_TYPE, new NotebookSerializer(), { transientOutputs: true }),
      vscode.window.onDidChangeActiveNotebookEditor((editor) => this.#select(editor, extension)),
      this.#messaging.onDidReceiveMessage(({ editor, message }) =>
        this.#of(editor.notebook).receive(message as FromPage, editor),
      ),
      vscode.workspace.onDidChangeNotebookDocument((event) => this.#changed(event)),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => {
        this.#results.get(notebook)?.dispose();
        this.#results.delete(notebook);
      }),
      vscode.window.onDidChangeVisibleNotebookEditors(() => {
        for (const results of this.#results.values()) results.shown();
      }),
      vscode.notebooks.registerNotebookCellStatusBarItemProvider(NOTEBOOK_TYPE, SNAPSHOT_ITEMS),
      vscode.commands.registerCommand('ksql.newNotebook', newNotebook),
      this.#exportCommand('ksql.exportMarkdown', 'md'),
      this.#exportCommand('ksql.exportHtml', 'html'),
      this.#cellCommand('ksql.compareSnapshot', (cell) => this.#runner && compareSnapshot(cell, this.#runner)),
      this.#cellCommand('ksql.unpinSnapshot', unpinSnapshot),
    ];
    this.#controller.onDidChangeSelectedNotebooks(({ notebook, selected }) => {
      if (selected) this.#selected.add(notebook);
      else this.#selected.delete(notebook);
    });
    this.#select(vscode.window.activeNotebookEditor, extension);
  }

  /** Who runs the statements of cells. */
  set runner(runner: StatementRunner) {
    this.#runner = runner;
  }

  /** Where the results of a cell's document are shown; undefined for other documents. */
  of(document: vscode.Uri, rerun: Rerun): CardOwner | undefined {
    const cell = cellOf(document);
    if (cell === undefined) return undefined;
    this.#rerun = rerun;
    return this.resultsOf(cell);
  }

  resultsOf(cell: vscode.NotebookCell): CellResults {
    return this.#of(cell.notebook).of(cell);
  }

  /** The results of all notebooks. */
  get results(): readonly Result[] {
    return [...this.#results.values()].flatMap(({ results }) => results);
  }

  /** The results of a notebook by its id, which the menus of its grids hand to their commands. */
  byId(id: string): NotebookResults | undefined {
    return [...this.#results.values()].find((results) => results.id === id);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    for (const results of this.#results.values()) results.dispose();
  }

  /**
   * There is nothing to choose for a notebook of ours, and a lens may run a cell before VS Code has asked who is to.
   */
  #select(editor: vscode.NotebookEditor | undefined, extension: string): void {
    if (editor?.notebook.notebookType !== NOTEBOOK_TYPE || this.#selected.has(editor.notebook)) return;
    const { id } = this.#controller;
    void vscode.commands.executeCommand('notebook.selectKernel', { id, extension });
  }

  #exportCommand(name: string, form: ExportForm): vscode.Disposable {
    return vscode.commands.registerCommand(name, async () => {
      const notebook = vscode.window.activeNotebookEditor?.notebook;
      if (notebook?.notebookType !== NOTEBOOK_TYPE) return;
      await exportNotebook(notebook, (cell) => this.resultsOf(cell), form);
    });
  }

  /** A command about a cell: the one that it is given, or the one that is selected. */
  #cellCommand(name: string, act: (cell: CellResults) => unknown): vscode.Disposable {
    return vscode.commands.registerCommand(name, (given?: vscode.NotebookCell) => {
      const editor = vscode.window.activeNotebookEditor;
      const cell = given ?? editor?.notebook.cellAt(editor.selection.start);
      return cell?.notebook.notebookType === NOTEBOOK_TYPE ? act(this.resultsOf(cell)) : undefined;
    });
  }

  #of(notebook: vscode.NotebookDocument): NotebookResults {
    const known = this.#results.get(notebook);
    if (known !== undefined) return known;
    const made = new NotebookResults(notebook, {
      services: this.#services,
      nextResult: () => this.#nextResult++,
      execution: (cell) => {
        const execution = this.#controller.createNotebookCellExecution(cell);
        execution.executionOrder = this.#nextOrder++;
        return execution;
      },
      pin: (cell, result) => void pinSnapshot(cell, result),
      rerun: (result, startAt) => this.#rerun?.(result, startAt),
      send: (message, editor) => void this.#messaging.postMessage(message, editor),
    });
    this.#results.set(notebook, made);
    return made;
  }

  /** One cell after the other; a query that keeps running does not hold up the next, a failure does. */
  async #execute(cells: readonly vscode.NotebookCell[]): Promise<void> {
    for (const cell of cells) {
      const { document } = cell;
      const isDone = await this.resultsOf(cell).execute(async (isStopped) => {
        for (const statement of scriptStatements(document.getText()))
          if (isStopped() || !(await this.#runner?.run({ document, statement }))) return false;
        return true;
      });
      if (!isDone) return;
    }
  }

  #changed({ notebook, contentChanges, cellChanges }: vscode.NotebookDocumentChangeEvent): void {
    const results = this.#results.get(notebook);
    if (results === undefined) return;
    for (const cell of contentChanges.flatMap(({ removedCells }) => removedCells)) results.remove(cell);
    for (const { cell, outputs } of cellChanges)
      if (outputs?.length === 0 && !results.of(cell).isBeginning) results.remove(cell);
  }
}

async function newNotebook(): Promise<void> {
  const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, '', 'ksql');
  const notebook = await vscode.workspace.openNotebookDocument(NOTEBOOK_TYPE, new vscode.NotebookData([cell]));
  await vscode.window.showNotebookDocument(notebook);
}
