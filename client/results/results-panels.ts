import * as vscode from 'vscode';
import type { Rerun } from './card-owner.ts';
import { type PanelSurroundings, ResultsPanel } from './panel.ts';
import type { Result } from './result.ts';

/** The results panels, one per file, made when a file's first statement runs. */
export class ResultsPanels implements vscode.Disposable {
  readonly #surroundings: PanelSurroundings;
  readonly #panels = new Map<string, ResultsPanel>();

  constructor(surroundings: PanelSurroundings) {
    this.#surroundings = surroundings;
  }

  /** The panel of a file. `rerun` is used by the panel when it is new. */
  of(file: vscode.Uri, rerun: Rerun): ResultsPanel {
    const key = file.toString();
    const known = this.#panels.get(key);
    if (known !== undefined) return known;
    const panel = new ResultsPanel(file, this.#surroundings, this.#column(), rerun);
    panel.onDidDispose(() => this.#panels.delete(key));
    this.#panels.set(key, panel);
    return panel;
  }

  /** The results of all panels. */
  get results(): readonly Result[] {
    return [...this.#panels.values()].flatMap(({ results }) => results);
  }

  /** The panel of an id, which its page's menus hand to their commands. */
  byId(id: string): ResultsPanel | undefined {
    return [...this.#panels.values()].find((panel) => panel.id === id);
  }

  /**
   * Where a new panel opens: with the other panels, else beside the editor, never in a third column; or over the
   * editor, where the settings want that.
   */
  #column(): vscode.ViewColumn {
    const editor = vscode.window.activeTextEditor?.viewColumn;
    if (vscode.workspace.getConfiguration('ksql.results').get<string>('placement') === 'active')
      return vscode.ViewColumn.Active;
    const columns = [...this.#panels.values()].map(({ column }) => column);
    const groups = vscode.window.tabGroups.all;
    columns.push(...groups.map(({ viewColumn }) => viewColumn).toReversed());
    const other = columns.find((column) => column !== undefined && column !== editor);
    if (groups.length > 1 && other !== undefined) return other;
    return groups.every(({ tabs }) => tabs.length === 0) ? vscode.ViewColumn.One : vscode.ViewColumn.Beside;
  }

  /** The panel of a file if it has one. */
  existing(file: vscode.Uri): ResultsPanel | undefined {
    return this.#panels.get(file.toString());
  }

  dispose(): void {
    for (const panel of [...this.#panels.values()]) panel.dispose();
  }
}
