import * as vscode from 'vscode';
import { exactNumber } from '../../engine/api/client.ts';
import { type Answer, retakeSnapshot, snapshotDifference, takeSnapshot } from '../../language/notebook/snapshot.ts';
import type { StatementRunner } from '../commands/statement-runner.ts';
import type { Result } from '../results/result.ts';
import { scriptStatements } from '../statements/script-statements.ts';
import type { CellMetadata } from './cell-metadata.ts';
import type { CellResults } from './cell-results.ts';

/** Pins what a result shows under its cell: it is written into the script with the next save. */
export async function pinSnapshot(results: CellResults, result: Result): Promise<void> {
  const lines = takeSnapshot(answerOf(result), Date.now());
  await setSnapshot(results.cell, lines);
  results.showSnapshot({ lines });
}

/** Takes the snapshot of a cell away. */
export async function unpinSnapshot(results: CellResults): Promise<void> {
  await setSnapshot(results.cell, undefined);
  results.showSnapshot(undefined);
}

/** Runs the last query of a cell to the end of its topics, and shows how what it gives differs from what is pinned. */
export async function compareSnapshot(results: CellResults, runner: StatementRunner): Promise<void> {
  const { document, metadata } = results.cell;
  const { snapshot: lines }: CellMetadata = metadata;
  const statement = scriptStatements(document.getText()).findLast(({ form }) => form === 'push' || form === 'pull');
  if (lines === undefined || statement === undefined) return;
  const before = new Set(results.results);
  await runner.run({ document, statement, ...(statement.form === 'push' && { startAt: 'end' }) });
  const result = results.results.find((each) => !before.has(each));
  if (result === undefined) return;
  await results.ended(result);
  // What failed, or was stopped, has told why, and not what it would have given.
  if (result.state === 'failed' || result.state === 'stopped') return;
  results.showSnapshot({ lines, difference: snapshotDifference(lines, retakeSnapshot(answerOf(result), lines)) });
}

/** What a result holds now: of a table the newest row of each key. */
export function answerOf(result: Result): Answer {
  const view = result.summary().isTable ? 'table' : 'changes';
  const rows = result.rowsOf({ view, filter: '' }).filter(({ removed }) => !removed);
  return {
    columns: result.columns,
    rows: rows.map(({ cells }) => result.columns.map((_column, i) => JSON.stringify(cells[i] ?? null, exactNumber))),
  };
}

async function setSnapshot(cell: vscode.NotebookCell, snapshot: readonly string[] | undefined): Promise<void> {
  const { snapshot: _before, ...others }: CellMetadata = cell.metadata;
  const metadata: CellMetadata = { ...others, ...(snapshot && { snapshot }) };
  const edit = new vscode.WorkspaceEdit();
  edit.set(cell.notebook.uri, [vscode.NotebookEdit.updateCellMetadata(cell.index, metadata)]);
  await vscode.workspace.applyEdit(edit);
}

/** What can be done with the snapshot of a cell, in the line below its text. */
export const SNAPSHOT_ITEMS: vscode.NotebookCellStatusBarItemProvider = {
  provideCellStatusBarItems(cell) {
    const { snapshot }: CellMetadata = cell.metadata;
    if (snapshot === undefined) return [];
    const item = (text: string, command: string, tooltip: string) => {
      const made = new vscode.NotebookCellStatusBarItem(text, vscode.NotebookCellStatusBarAlignment.Right);
      made.command = { title: tooltip, command, arguments: [cell] };
      made.tooltip = tooltip;
      return made;
    };
    return [
      item(
        vscode.l10n.t('$(pinned) Compare'),
        'ksql.compareSnapshot',
        vscode.l10n.t('Run the query again, and compare what it gives with the pinned snapshot'),
      ),
      item(vscode.l10n.t('$(close) Unpin'), 'ksql.unpinSnapshot', vscode.l10n.t('Take the pinned snapshot away')),
    ];
  },
};
