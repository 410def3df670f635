import * as vscode from 'vscode';
import type { RowsDifference } from '../../engine/api/rows-difference.ts';

/** The tests that failed because of rows, with those rows, until they are run again. */
export class FailedRows {
  readonly #rows = new Map<vscode.TestItem, RowsDifference>();

  /** Takes what a run of a test has shown. */
  set(item: vscode.TestItem, rows: RowsDifference | undefined): void {
    if (rows === undefined) this.#rows.delete(item);
    else this.#rows.set(item, rows);
    const ids = this.items.map(({ id }) => id);
    // Menus ask whether a test is among them; the palette, whether there are any.
    void vscode.commands.executeCommand('setContext', 'ksql.testsWithRows', ids.length === 0 ? undefined : ids);
  }

  of(item: vscode.TestItem): RowsDifference | undefined {
    return this.#rows.get(item);
  }

  /** Those that are still in their files. */
  get items(): readonly vscode.TestItem[] {
    return [...this.#rows.keys()].filter((item) => item.parent?.children.get(item.id) === item);
  }
}
