import * as vscode from 'vscode';
import { type CardOwner, type CardPlace, type CardServices, newResult, type Rerun } from '../results/card-owner.ts';
import type { StartAt } from '../results/messages.ts';
import type { Result, ResultOrigin } from '../results/result.ts';
import type { CellMetadata } from './cell-metadata.ts';
import { resultItem, snapshotOutput } from './notebook-outputs.ts';
import type { SnapshotOutput } from './output-types.ts';

/** What a cell needs of its notebook. */
export interface CellSurroundings {
  /** Of the notebook, for the menus of its grids. */
  readonly id: string;
  readonly services: CardServices;
  nextResult(): number;
  /** VS Code's record of an execution, which has not begun yet. */
  execution(cell: vscode.NotebookCell): vscode.NotebookCellExecution;
  changed(result: Result): void;
  forget(result: Result): void;
  pin(cell: CellResults, result: Result): void;
  rerun: Rerun;
}

/** The results of a cell, as its outputs. The cell is being executed as long as one of them runs. */
export class CellResults implements CardOwner {
  readonly cell: vscode.NotebookCell;
  readonly #around: CellSurroundings;
  /** In the order in which they are shown. */
  #outputs: ReadonlyMap<Result, vscode.NotebookCellOutput> = new Map();
  /** Results that were to stop before there was a query that could be stopped. */
  readonly #stopped = new WeakSet<Result>();
  readonly #waiting = new WeakMap<Result, () => void>();
  #execution: vscode.NotebookCellExecution | undefined;
  #snapshot: SnapshotOutput | undefined;
  /** Whether there are statements of the cell that have not begun yet. */
  #isBeginning = false;
  #outcome: boolean | undefined = true;

  constructor(cell: vscode.NotebookCell, surroundings: CellSurroundings) {
    this.cell = cell;
    this.#around = surroundings;
    const { snapshot }: CellMetadata = cell.metadata;
    this.#snapshot = snapshot && { lines: snapshot };
  }

  get results(): readonly Result[] {
    return [...this.#outputs.keys()];
  }

  /** Whether its statements are being begun, one after the other. */
  get isBeginning(): boolean {
    return this.#isBeginning;
  }

  /**
   * Executes the cell as a whole; what it gave before goes.
   * @param begin runs its statements; told whether the user wants no more
   * @returns whether all of them began
   */
  async execute(begin: (isStopped: () => boolean) => Promise<boolean>): Promise<boolean> {
    this.clear();
    this.#isBeginning = true;
    const execution = this.#executing();
    await execution.replaceOutput(this.#snapshotOutputs);
    let isDone = false;
    try {
      isDone = await begin(() => execution.token.isCancellationRequested);
    } finally {
      this.#isBeginning = false;
      if (!isDone && this.#outcome === true) this.#outcome = false;
      this.#settle();
    }
    return isDone;
  }

  open(origin: ResultOrigin, { instead }: CardPlace = {}): Result {
    const before = instead ?? this.#sameStatement(origin);
    const result = newResult(this.#around.nextResult(), origin, before, this.#around.services.looks);
    result.hold(this);
    const item = resultItem({ notebook: this.#around.id, result: result.id });
    const execution = this.#executing();
    const place = before && this.#outputs.get(before);
    if (before === undefined || place === undefined) {
      const output = new vscode.NotebookCellOutput([item]);
      this.#outputs = new Map([...this.#outputs, [result, output]]);
      void execution.appendOutput(output);
      return result;
    }
    place.items = [item];
    this.#outputs = new Map([...this.#outputs].map(([each, output]) => [each === before ? result : each, output]));
    this.#drop(before);
    void execution.replaceOutputItems(item, place);
    return result;
  }

  changed(result: Result): void {
    if (this.#stopped.has(result) && result.isOpen && result.query !== undefined) {
      result.query.stop();
      result.end('stopped');
    }
    if (!result.isOpen) this.#waiting.get(result)?.();
    if (!this.#outputs.has(result)) return;
    this.#around.changed(result);
    if (!result.isOpen) this.#settle();
  }

  close(result: Result): void {
    this.#drop(result);
    this.#showAll();
  }

  rerun(result: Result, startAt: StartAt | undefined): void {
    this.#around.rerun(result, startAt);
  }

  pin(result: Result): void {
    this.#around.pin(this, result);
  }

  /** Shows the snapshot that is pinned under the cell, above the results. */
  showSnapshot(snapshot: SnapshotOutput | undefined): void {
    this.#snapshot = snapshot;
    this.#showAll();
  }

  /** Resolves when a result is not open any more. */
  ended(result: Result): Promise<void> {
    if (!result.isOpen) return Promise.resolve();
    const waiting = Promise.withResolvers<void>();
    this.#waiting.set(result, waiting.resolve);
    return waiting.promise;
  }

  /** Stops what runs, and keeps nothing of it. */
  clear(): void {
    for (const result of this.results) this.#drop(result);
    this.#settle();
  }

  /**
   * Statements that run again by themselves take the place of what they gave; those of one execution follow each other.
   */
  #sameStatement({ statement, startAt, title }: ResultOrigin): Result | undefined {
    if (this.#isBeginning || title !== undefined) return undefined;
    return this.results.find(
      ({ origin }) => origin.statement === statement && (origin.startAt === undefined) === (startAt === undefined),
    );
  }

  get #snapshotOutputs(): readonly vscode.NotebookCellOutput[] {
    return this.#snapshot === undefined ? [] : [snapshotOutput(this.#snapshot)];
  }

  #showAll(): void {
    void this.#executing().replaceOutput([...this.#snapshotOutputs, ...this.#outputs.values()]);
    this.#settle();
  }

  #executing(): vscode.NotebookCellExecution {
    if (this.#execution !== undefined) return this.#execution;
    const execution = this.#around.execution(this.cell);
    this.#execution = execution;
    this.#outcome = true;
    execution.start(Date.now());
    execution.token.onCancellationRequested(() => this.#stop());
    return execution;
  }

  #stop(): void {
    this.#outcome = undefined;
    for (const result of this.results.filter(({ isOpen }) => isOpen)) {
      this.#stopped.add(result);
      result.query?.stop();
      result.end('stopped');
      this.changed(result);
    }
    this.#settle();
  }

  #drop(result: Result): void {
    this.#outputs = new Map([...this.#outputs].filter(([each]) => each !== result));
    result.release(this);
    if (!result.isOpen) this.#stopped.add(result);
    this.#waiting.get(result)?.();
    this.#around.forget(result);
  }

  /** Ends the execution once nothing of it runs. */
  #settle(): void {
    const execution = this.#execution;
    if (execution === undefined || this.#isBeginning || this.results.some(({ isOpen }) => isOpen)) return;
    this.#execution = undefined;
    const isFailed = this.results.some(({ state }) => state === 'failed');
    execution.end(isFailed ? false : this.#outcome, Date.now());
  }
}
