import * as vscode from 'vscode';
import { exactNumber } from '../../engine/api/client.ts';
import { type Answer, takeSnapshot } from '../../language/notebook/snapshot.ts';
import type { Result } from '../results/result.ts';
import type { CellMetadata } from './notebook-serializer.ts';

/** What a result holds now: of a table the newest row of each key. */
export function answerOf(result: Result): Answer {
  const view = result.summary().isTable ? 'table' : 'changes';
  const rows = result.rowsOf({ view, filter: '' }).filter(({ removed }) => !removed);
  return {
    columns: result.columns,
    rows: rows.map(({ cells }) => result.columns.map((_column, i) => JSON.stringify(cells[i] ?? null, exactNumber))),
  };
}

/** Pins what a result shows under its cell: it is written into the script with the next save. */
export async function pinSnapshot(cell: vscode.NotebookCell, result: Result): Promise<void> {
  await setSnapshot(cell, takeSnapshot(answerOf(result), Date.now()));
}

/** Puts a snapshot under a cell, or takes it away. */
export async function setSnapshot(cell: vscode.NotebookCell, snapshot: readonly string[] | undefined): Promise<void> {
  const { snapshot: _before, ...others }: CellMetadata = cell.metadata;
  const edit = new vscode.WorkspaceEdit();
  const metadata: CellMetadata = { ...others, ...(snapshot && { snapshot }) };
  edit.set(cell.notebook.uri, [vscode.NotebookEdit.updateCellMetadata(cell.index, metadata)]);
  await vscode.workspace.applyEdit(edit);
}
