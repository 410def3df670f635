import * as vscode from 'vscode';
import { sayGone } from './card-actions.ts';
import type { CopyForm, GridContext } from './messages.ts';
import type { ResultsPanel } from './panel.ts';
import type { Result } from './result.ts';
import { filterFor } from './row-filter.ts';

/** Whose cards have such menus. */
export type MenuOwner = Pick<ResultsPanel, 'results' | 'copy' | 'actInGrid'>;

interface Place extends GridContext {
  readonly found: MenuOwner;
  readonly of: Result;
}

/** Registers what the menu of the grid does: VS Code shows it, and hands over where the pointer was. */
export function registerGridCommands(byId: (id: string) => MenuOwner | undefined): vscode.Disposable {
  const register = (name: string, action: (place: Place) => unknown) =>
    vscode.commands.registerCommand(`ksql.results.${name}`, (context: GridContext | undefined) => {
      const found = context && byId(context.panel);
      const result = found?.results.find(({ id }) => id === context?.result);
      return context && found && result && action({ ...context, found, of: result });
    });
  const copy =
    (form: CopyForm) =>
    ({ found, of, shown, selection }: Place) =>
      selection && found.copy(of, { shown, selection, form });
  return vscode.Disposable.from(
    register('copyCell', ({ found, of, shown, selection, column }) => {
      const focus = selection?.focus;
      return focus && found.copy(of, { shown, selection: { anchor: focus, focus }, form: 'text', column });
    }),
    register('copyTable', copy('table')),
    register('copyCsv', copy('csv')),
    register('copyJson', copy('json')),
    register('copyInsert', copy('insert')),
    register('filterByValue', ({ found, of, column, sequence = -1 }) => {
      const row = of.buffer.bySequence(sequence);
      if (row === undefined) return sayGone();
      found.actInGrid(of.id, { kind: 'filter', text: filterFor(of.columns[column]!, row.cells[column]) });
    }),
    register('hideColumn', ({ found, of, column }) => found.actInGrid(of.id, { kind: 'hide', column })),
    register('sortAscending', ({ found, of, column }) =>
      found.actInGrid(of.id, { kind: 'sort', column, descending: false }),
    ),
    register('sortDescending', ({ found, of, column }) =>
      found.actInGrid(of.id, { kind: 'sort', column, descending: true }),
    ),
    register('unsort', ({ found, of }) => found.actInGrid(of.id, { kind: 'unsort' })),
  );
}
