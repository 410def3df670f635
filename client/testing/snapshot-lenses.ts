import * as vscode from 'vscode';
import { pinnedSnapshots } from '../../language/notebook/pinned-snapshots.ts';
import { scriptStatements } from '../statements/script-statements.ts';

/** Over each query of a script that has a snapshot pinned under it: the test that compares the two. */
export function snapshotLenses(document: vscode.TextDocument): readonly vscode.CodeLens[] {
  const text = document.getText();
  const snapshots = document.uri.scheme === 'file' ? pinnedSnapshots(text) : [];
  if (snapshots.length === 0) return [];
  const queries = scriptStatements(text).filter(({ form }) => form === 'push' || form === 'pull');
  return snapshots.flatMap(({ name, cell }) => {
    const query = queries.findLast(({ start }) => cell.start <= start && start < cell.end);
    if (query === undefined) return [];
    const position = document.positionAt(query.start);
    return new vscode.CodeLens(new vscode.Range(position, position), {
      title: vscode.l10n.t('Compare with the snapshot'),
      tooltip: vscode.l10n.t(
        'Runs the script on an engine of its own, and compares what this query gives with what is pinned under it',
      ),
      command: 'ksql.runTest',
      arguments: [{ uri: document.uri.toString(), name }],
    });
  });
}
