import * as vscode from 'vscode';
import {
  EMPTY_SCRIPT,
  type NotebookScript,
  readCells,
  type ScriptCell,
  writeCells,
} from '../../language/notebook/script-cells.ts';
import type { CellMetadata } from './cell-metadata.ts';
import { snapshotOutput } from './notebook-outputs.ts';

export const NOTEBOOK_TYPE = 'ksql-notebook';

/**
 * A script as a notebook and back. What a cell was in the file is kept with it, so that only what was edited is written
 * anew.
 */
export class NotebookSerializer implements vscode.NotebookSerializer {
  deserializeNotebook(bytes: Uint8Array): vscode.NotebookData {
    const { cells, ...rest } = readCells(decode(bytes));
    const data = new vscode.NotebookData(cells.map(toCellData));
    data.metadata = rest;
    return data;
  }

  serializeNotebook({ cells, metadata }: vscode.NotebookData): Uint8Array {
    const rest = { ...EMPTY_SCRIPT, ...(metadata as Partial<NotebookScript>) };
    return new TextEncoder().encode(writeCells({ ...rest, cells: cells.map(toScriptCell) }));
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(
      vscode.l10n.t(
        'The file is not UTF-8, so as a notebook it could not be written back as it is. Open it with the text editor, and save it with that encoding.',
      ),
    );
  }
}

function toCellData({ kind, text, snapshot, origin }: ScriptCell): vscode.NotebookCellData {
  const data =
    kind === 'prose'
      ? new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, text, 'markdown')
      : new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, 'ksql');
  const metadata: CellMetadata = { ...(origin && { origin }), ...(snapshot && { snapshot }) };
  data.metadata = metadata;
  if (snapshot !== undefined) data.outputs = [snapshotOutput({ lines: snapshot })];
  return data;
}

/** A cell of a notebook as the script has it. */
export function toScriptCell({ kind, value, metadata }: vscode.NotebookCellData): ScriptCell {
  const { origin, snapshot }: CellMetadata = metadata ?? {};
  const isCode = kind === vscode.NotebookCellKind.Code;
  return {
    kind: isCode ? 'code' : 'prose',
    text: value,
    ...(origin && { origin }),
    ...(snapshot && isCode && { snapshot }),
  };
}
