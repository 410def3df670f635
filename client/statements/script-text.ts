import * as vscode from 'vscode';
import { joinCells } from '../../language/notebook/joined-cells.ts';
import type { SessionState } from '../../language/script/session-state.ts';
import { fencedStatements } from './fenced-statements.ts';
import { type SessionDefaults, sessionAt } from './script-statements.ts';

/** The statements of a document, where they stand in it: of Markdown those of its fenced blocks, all else is blank. */
export function scriptTextOf(document: vscode.TextDocument): string {
  const text = document.getText();
  return document.languageId === 'markdown' ? fencedStatements(text) : text;
}

/** The script that a document is, or is a cell of, and where the document begins in it. */
export function scriptAround(document: vscode.TextDocument): { readonly text: string; readonly start: number } {
  const cell = cellOf(document.uri);
  if (cell === undefined) return { text: scriptTextOf(document), start: 0 };
  const cells = codeCells(cell.notebook);
  const before = joinCells(cells.slice(0, cells.indexOf(cell)).map((each) => each.document.getText())).text;
  return { text: before + document.getText(), start: before.length };
}

/** The session at a place of a document: in a cell, what the cells above it say holds as well. */
export function sessionOf(document: vscode.TextDocument, offset: number, defaults: SessionDefaults): SessionState {
  const { text, start } = scriptAround(document);
  return sessionAt(text, start + offset, defaults);
}

/** The cell that a document is the text of. */
export function cellOf(document: vscode.Uri): vscode.NotebookCell | undefined {
  if (document.scheme !== 'vscode-notebook-cell') return undefined;
  const uri = document.toString();
  for (const notebook of vscode.workspace.notebookDocuments) {
    const cell = notebook.getCells().find((each) => each.document.uri.toString() === uri);
    if (cell !== undefined) return cell;
  }
  return undefined;
}

/** The cells of a notebook that are KSQL. */
export const codeCells = (notebook: vscode.NotebookDocument): readonly vscode.NotebookCell[] =>
  notebook.getCells().filter(({ document }) => document.languageId === 'ksql');
