/**
 * The part of VS Code's API that notebooks use, as a notebook editor would behave: enough to run cells and to look at
 * their outputs without a window.
 */
export * as l10n from '@vscode/l10n';

export class EventEmitter<T> {
  readonly #listeners = new Set<(event: T) => void>();
  readonly event = (listener: (event: T) => void) => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };
  fire(event: T): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export const NotebookCellKind = { Markup: 1, Code: 2 } as const;
export class NotebookCellData {
  metadata?: object;
  outputs?: NotebookCellOutput[];
  readonly kind: number;
  readonly value: string;
  readonly languageId: string;
  constructor(kind: number, value: string, languageId: string) {
    this.kind = kind;
    this.value = value;
    this.languageId = languageId;
  }
}
export class NotebookData {
  metadata?: object;
  readonly cells: NotebookCellData[];
  constructor(cells: NotebookCellData[]) {
    this.cells = cells;
  }
}
export class NotebookCellOutput {
  items: { readonly mime: string; readonly value: unknown }[];
  constructor(items: { readonly mime: string; readonly value: unknown }[]) {
    this.items = items;
  }
}
export const NotebookCellOutputItem = { json: (value: unknown, mime: string) => ({ mime, value }) };
export const NotebookEdit = { updateCellMetadata: (index: number, metadata: object) => ({ index, metadata }) };
export class WorkspaceEdit {
  readonly edits: { readonly index: number; readonly metadata: object }[] = [];
  set(_uri: unknown, edits: readonly { readonly index: number; readonly metadata: object }[]): void {
    this.edits.push(...edits);
  }
}
export class Position {
  readonly line: number;
  readonly character: number;
  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
}
export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(startLine: number, startCharacter: number, endLine: number, endCharacter: number) {
    this.start = new Position(startLine, startCharacter);
    this.end = new Position(endLine, endCharacter);
  }
}
export const Uri = { parse: (text: string) => ({ scheme: text.split(':')[0], toString: () => text }) };

/** A document of text, such as that of a cell. */
export interface FakeDocument {
  readonly uri: ReturnType<typeof Uri.parse>;
  readonly languageId: string;
  readonly version: number;
  getText(): string;
}
export interface FakeNotebook {
  readonly uri: ReturnType<typeof Uri.parse>;
  isClosed: boolean;
  getCells(): readonly { readonly document: FakeDocument }[];
}
export const notebookChanges = new EventEmitter<{
  readonly notebook: FakeNotebook;
  readonly contentChanges: readonly unknown[];
}>();

export const workspace = {
  notebookDocuments: [] as FakeNotebook[],
  textDocuments: [] as FakeDocument[],
  onDidChangeNotebookDocument: notebookChanges.event,
  getConfiguration: () => ({ get: (_name: string, otherwise: unknown) => otherwise }),
  applyEdit: async ({ edits }: WorkspaceEdit) => {
    for (const { index, metadata } of edits) shownCells[index]!.metadata = metadata;
    return true;
  },
};

/** The cells of the notebook that is open. */
export const shownCells: FakeCell[] = [];

export interface FakeCell {
  readonly index: number;
  readonly notebook: { readonly uri: string };
  readonly document: { readonly uri: string; getText(): string };
  metadata: object;
}

export function addCell(text: string, metadata: object = {}): FakeCell {
  const uri = `vscode-notebook-cell:/work#${shownCells.length}`;
  const cell: FakeCell = {
    index: shownCells.length,
    notebook: { uri: 'file:///work' },
    document: { uri, getText: () => text },
    metadata,
  };
  shownCells.push(cell);
  return cell;
}

/** An execution of a cell as VS Code keeps it: what it shows, and whether it still runs. */
export class FakeExecution {
  readonly #cancelled = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#cancelled.event };
  readonly #shown: NotebookCellOutput[];
  state: 'pending' | 'running' | 'ended' = 'pending';
  success: boolean | undefined;

  /** @param shown the outputs of the cell, which outlive the execution */
  constructor(shown: NotebookCellOutput[]) {
    this.#shown = shown;
  }

  start(): void {
    if (this.state !== 'pending') throw new Error('It has begun.');
    this.state = 'running';
  }
  end(success: boolean | undefined): void {
    if (this.state !== 'running') throw new Error('It does not run.');
    this.state = 'ended';
    this.success = success;
  }
  /** The stop button of the cell. */
  stop(): void {
    this.token.isCancellationRequested = true;
    this.#cancelled.fire();
  }
  async appendOutput(output: NotebookCellOutput): Promise<void> {
    this.#requireRunning();
    this.#shown.push(output);
  }
  async replaceOutput(outputs: readonly NotebookCellOutput[]): Promise<void> {
    this.#requireRunning();
    this.#shown.splice(0, this.#shown.length, ...outputs);
  }
  async replaceOutputItems(item: NotebookCellOutput['items'][number], output: NotebookCellOutput): Promise<void> {
    this.#requireRunning();
    if (!this.#shown.includes(output)) throw new Error('There is no such output.');
    output.items = [item];
  }
  #requireRunning(): void {
    if (this.state !== 'running') throw new Error('Outputs change only while the cell is executed.');
  }
}
