import * as vscode from 'vscode';
import { CardActions } from '../results/card-actions.ts';
import { CardFeed } from '../results/card-feed.ts';
import type { CardOwner, CardPlace } from '../results/card-owner.ts';
import { displaySettings, onDidChangeDisplay } from '../results/display-settings.ts';
import type { CopyRequest, FromPage, GridAction, StartAt, ToPage } from '../results/messages.ts';
import type { Result, ResultOrigin } from '../results/result.ts';
import { CellResults, type CellSurroundings } from './cell-results.ts';

/** What the results of a notebook need of the others. */
export interface NotebookSurroundings
  extends Pick<CellSurroundings, 'services' | 'nextResult' | 'execution' | 'pin' | 'rerun'> {
  /** Sends to the outputs of a notebook as an editor shows it. */
  send(message: ToPage, editor: vscode.NotebookEditor): void;
}

/** The results of one notebook. Its outputs ask for the rows that they show, in each editor that it is open in. */
export class NotebookResults implements CardOwner, vscode.Disposable {
  readonly id: string = crypto.randomUUID();
  readonly #around: NotebookSurroundings;
  readonly #actions: CardActions;
  readonly #cells = new Map<vscode.NotebookCell, CellResults>();
  readonly #feeds = new Map<vscode.NotebookEditor, CardFeed>();
  readonly #seconds: NodeJS.Timeout;
  readonly #display: vscode.Disposable;

  constructor(notebook: vscode.NotebookDocument, surroundings: NotebookSurroundings) {
    this.#around = surroundings;
    this.#actions = new CardActions(this, notebook.uri, surroundings.services);
    this.#seconds = setInterval(() => this.#tick(), 1000);
    this.#display = onDidChangeDisplay((display) => {
      for (const editor of this.#feeds.keys()) this.#around.send({ kind: 'display', display }, editor);
    });
  }

  get results(): readonly Result[] {
    return [...this.#cells.values()].flatMap(({ results }) => results);
  }

  /** The results of a cell. */
  of(cell: vscode.NotebookCell): CellResults {
    const known = this.#cells.get(cell);
    if (known !== undefined) return known;
    const { services, nextResult, execution, pin, rerun } = this.#around;
    const made = new CellResults(cell, {
      id: this.id,
      services,
      nextResult,
      execution,
      pin,
      rerun,
      changed: (result) => {
        for (const feed of this.#feeds.values()) feed.changed(result);
      },
      forget: (result) => this.#forget(result),
    });
    this.#cells.set(cell, made);
    return made;
  }

  /** A card that says more of another stands in the same cell. */
  open(origin: ResultOrigin, place: CardPlace = {}): Result {
    return this.#cellOf(place.about ?? place.instead)!.open(origin, place);
  }

  changed(result: Result): void {
    this.#cellOf(result)?.changed(result);
  }

  close(result: Result): void {
    this.#cellOf(result)?.close(result);
  }

  rerun(result: Result, startAt: StartAt | undefined): void {
    this.#around.rerun(result, startAt);
  }

  pin(result: Result): void {
    this.#cellOf(result)?.pin(result);
  }

  /** Answers an output, or does what was clicked in it. */
  receive(message: FromPage, editor: vscode.NotebookEditor): void {
    if (message.kind === 'ready')
      this.#around.send({ kind: 'texts', bundle: vscode.l10n.bundle, display: displaySettings() }, editor);
    else this.#feedOf(editor).receive(message);
  }

  /** Editors may have come into sight. */
  shown(): void {
    for (const feed of this.#feeds.values()) feed.shown();
  }

  actInGrid(result: number, action: GridAction): void {
    for (const feed of this.#feeds.values()) feed.actInGrid(result, action);
  }

  async copy(result: Result, request: Omit<CopyRequest, 'result'>): Promise<void> {
    await this.#actions.copy(result, request);
  }

  /** The cell is gone, or its outputs are. */
  remove(cell: vscode.NotebookCell): void {
    this.#cells.get(cell)?.clear();
    if (cell.index < 0) this.#cells.delete(cell);
  }

  dispose(): void {
    clearInterval(this.#seconds);
    this.#display.dispose();
    for (const cell of this.#cells.values()) cell.clear();
    for (const feed of this.#feeds.values()) feed.dispose();
  }

  #cellOf(result: Result | undefined): CellResults | undefined {
    return [...this.#cells.values()].find(({ results }) => results.some((each) => each === result));
  }

  #feedOf(editor: vscode.NotebookEditor): CardFeed {
    const known = this.#feeds.get(editor);
    if (known !== undefined) return known;
    const page = {
      get isVisible() {
        return vscode.window.visibleNotebookEditors.includes(editor);
      },
      send: (message: ToPage) => this.#around.send(message, editor),
    };
    const feed = new CardFeed(page, this, this.#actions);
    this.#feeds.set(editor, feed);
    return feed;
  }

  #forget(result: Result): void {
    for (const feed of this.#feeds.values()) feed.forget(result);
  }

  #tick(): void {
    for (const result of this.results) {
      if (!result.isOpen) continue;
      result.tick();
      this.changed(result);
    }
  }
}
