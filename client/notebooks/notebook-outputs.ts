import * as vscode from 'vscode';
import { RESULT_TYPE, type ResultOutput, SNAPSHOT_TYPE, type SnapshotOutput } from './output-types.ts';

/** The output that shows a result; its rows come by messages. */
export const resultItem = (shown: ResultOutput): vscode.NotebookCellOutputItem =>
  vscode.NotebookCellOutputItem.json(shown, RESULT_TYPE);

/** The output that shows a snapshot, and how a new run differs from it. */
export const snapshotOutput = (shown: SnapshotOutput): vscode.NotebookCellOutput =>
  new vscode.NotebookCellOutput([vscode.NotebookCellOutputItem.json(shown, SNAPSHOT_TYPE)]);
