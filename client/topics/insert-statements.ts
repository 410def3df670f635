import * as vscode from 'vscode';
import { identifierText } from '../../language/text/identifier-text.ts';
import type { Connections } from '../connections/connections.ts';

/** What stands in the place of a value until the user writes one. */
const placeholder = (type: string): string =>
  /^(STRING|VARCHAR|BYTES|DATE|TIME|TIMESTAMP)/.test(type)
    ? "''"
    : /^BOOLEAN/.test(type)
      ? 'FALSE'
      : /^\w+$|^DECIMAL/.test(type)
        ? '0'
        : 'NULL';

/**
 * A ksqlDB server takes rows of its streams and tables, and no records: an INSERT with all columns is begun, where one
 * of them is of the topic.
 */
export async function insertInto(topic: string, connections: Connections): Promise<void> {
  await connections.refresh();
  const source = connections.snapshot?.sources.find((each) => each.topic === topic);
  if (source === undefined) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t(
        'A ksqlDB server takes rows of streams and tables only, and none of them is of the topic {0}. Create one first.',
        topic,
      ),
    );
    return;
  }
  const columns = source.columns.filter(({ namespace }) => namespace === 'key' || namespace === 'value');
  const names = columns.map(({ name }) => identifierText(name)).join(', ');
  const values = columns.map(({ type }) => placeholder(type)).join(', ');
  const note = vscode.l10n.t(
    'This server takes rows, not records: no headers, partitions or tombstones. ROWTIME sets the time.',
  );
  const content = `-- ${note}\nINSERT INTO ${identifierText(source.name)} (${names})\n  VALUES (${values});\n`;
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'ksql', content }));
}
