import * as vscode from 'vscode';
import { DEFAULT_DISPLAY, type Display } from './display.ts';

/** In pixels: that of VS Code's own lists, and one with more air. */
const ROW_HEIGHTS: Readonly<Record<string, number>> = { compact: 22, comfortable: 28 };

/** How rows are shown, by the settings of now. */
export function displaySettings(): Display {
  const settings = vscode.workspace.getConfiguration('ksql');
  return {
    timestamps: settings.get('results.timestamps', DEFAULT_DISPLAY.timestamps),
    separators: settings.get('results.thousandsSeparators', DEFAULT_DISPLAY.separators),
    maxColumnWidth: settings.get('results.maxColumnWidth', DEFAULT_DISPLAY.maxColumnWidth),
    rowHeight: ROW_HEIGHTS[settings.get('results.density', 'compact')] ?? DEFAULT_DISPLAY.rowHeight,
    follow: settings.get('results.follow', DEFAULT_DISPLAY.follow),
    outputRows: settings.get('notebooks.outputRows', DEFAULT_DISPLAY.outputRows),
  };
}

/** Tells pages when that changes. */
export const onDidChangeDisplay = (act: (display: Display) => void): vscode.Disposable =>
  vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('ksql.results') || event.affectsConfiguration('ksql.notebooks'))
      act(displaySettings());
  });
